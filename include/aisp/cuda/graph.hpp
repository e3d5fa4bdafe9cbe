// CUDA graphs, owned: captured from work that is issued to a stream, or built node by node, then instantiated once and
// launched as often as wanted (CUDA runtime API, Graph Management).
#pragma once

#include <aisp/cuda/stream.hpp>

#include <span>
#include <type_traits>

namespace aisp::cuda {

// A description of work: what a GraphExec is made from.
class Graph {
 public:
  Graph() { AISP_CUDA(cudaGraphCreate(&graph_, 0)); }
  // Takes what `record(stream)` issues to a capturing stream; nothing of it runs.
  template <class Record> explicit Graph(const Record& record) {
    const Stream stream;
    AISP_CUDA(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeRelaxed));
    record(stream.get());
    AISP_CUDA(cudaStreamEndCapture(stream.get(), &graph_));
  }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph() {
    if (graph_) cudaGraphDestroy(graph_);
  }
  cudaGraph_t get() const { return graph_; }

 private:
  cudaGraph_t graph_ = nullptr;
};

// A graph made ready for the device.
class GraphExec {
 public:
  GraphExec() = default;
  explicit GraphExec(const Graph& graph) { AISP_CUDA(cudaGraphInstantiate(&exec_, graph.get(), 0)); }
  GraphExec(GraphExec&& other) noexcept : exec_(std::exchange(other.exec_, nullptr)) {}
  GraphExec& operator=(GraphExec&& other) noexcept {
    std::swap(exec_, other.exec_);
    return *this;
  }
  ~GraphExec() {
    if (exec_) cudaGraphExecDestroy(exec_);
  }

  // Brings the graph to the device ahead of its first launch, which would do it otherwise.
  void upload(cudaStream_t stream) const { AISP_CUDA(cudaGraphUpload(exec_, stream)); }
  void launch(cudaStream_t stream) const { AISP_CUDA(cudaGraphLaunch(exec_, stream)); }
  cudaGraphExec_t get() const { return exec_; }

 private:
  cudaGraphExec_t exec_ = nullptr;
};

namespace detail {
inline cudaKernelNodeParams kernel_params(const void* kernel, unsigned grid, unsigned block, void** arguments) {
  cudaKernelNodeParams params{};
  params.func = const_cast<void*>(kernel);
  params.gridDim = dim3(grid);
  params.blockDim = dim3(block);
  params.kernelParams = arguments;
  return params;
}
}  // namespace detail

// Adds kernel<<<grid, block>>>(arguments...), to run after the given nodes. The arguments are copied.
template <class... P>
cudaGraphNode_t add_kernel(cudaGraph_t graph, std::span<const cudaGraphNode_t> after, unsigned grid, unsigned block,
                           void (*kernel)(P...), std::type_identity_t<P>... arguments) {
  void* pointers[] = {const_cast<std::remove_const_t<P>*>(&arguments)...};
  const auto params = detail::kernel_params(reinterpret_cast<const void*>(kernel), grid, block, pointers);
  cudaGraphNode_t node = nullptr;
  AISP_CUDA(cudaGraphAddKernelNode(&node, graph, after.data(), after.size(), &params));
  return node;
}

// What that node of the graph that `exec` was made from does from the next launch on.
template <class... P>
void set_kernel(const GraphExec& exec, cudaGraphNode_t node, unsigned grid, unsigned block, void (*kernel)(P...),
                std::type_identity_t<P>... arguments) {
  void* pointers[] = {const_cast<std::remove_const_t<P>*>(&arguments)...};
  const auto params = detail::kernel_params(reinterpret_cast<const void*>(kernel), grid, block, pointers);
  AISP_CUDA(cudaGraphExecKernelNodeSetParams(exec.get(), node, &params));
}

}  // namespace aisp::cuda
