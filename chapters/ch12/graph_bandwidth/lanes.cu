// Lanes: a graph of small copying kernels in a few chains side by side. Within a lane a copy waits for the one before,
// between lanes nothing waits. That all nodes stand alone would be what the problem says; but on an H200 such a graph,
// of copy nodes as of kernels, took ten times as long as the copies in one chain (2.03 ms and 0.22 ms), however short
// its nodes. What binds it: the latency from kernel to kernel of a lane, then memory bandwidth.
#include <aisp/cuda/graph.hpp>

#include <vector>

namespace {

constexpr int lanes = 4, threads = 256, per_block = 8 * threads;  // pieces of 16 bytes

__global__ void __launch_bounds__(threads) copy(const float4* __restrict__ x, float4* __restrict__ y, std::int64_t n) {
  const std::int64_t first = std::int64_t{blockIdx.x} * per_block + threadIdx.x;
#pragma unroll
  for (int i = 0; i < per_block / threads; ++i)
    if (const auto at = first + i * threads; at < n) y[at] = x[at];
}

__global__ void __launch_bounds__(threads)
    copy_unaligned(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  for (auto i = std::int64_t{blockIdx.x} * threads + threadIdx.x; i < n; i += std::int64_t{gridDim.x} * threads)
    y[i] = x[i];
}

class Copies {
 public:
  explicit Copies(const aisp::Setup& setup) : graphs_(static_cast<std::size_t>(setup.max_slots())) {}
  void bind(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
    const auto pieces = x.dim(0), length = x.dim(1);
    const aisp::cuda::Graph graph;
    cudaGraphNode_t last[lanes] = {};
    for (std::int64_t p = 0; p < pieces; ++p) {
      auto& lane = last[p % lanes];
      const std::vector<cudaGraphNode_t> before(lane ? 1 : 0, lane);
      const float* from = x.data + (pieces - 1 - p) * length;
      float* to = y.data + p * length;
      if (length % 4)
        lane = aisp::cuda::add_kernel(graph.get(), before, aisp::blocks(length, 4 * per_block), threads, copy_unaligned,
                                      from, to, length);
      else
        lane = aisp::cuda::add_kernel(graph.get(), before, aisp::blocks(length / 4, per_block), threads, copy,
                                      reinterpret_cast<const float4*>(from), reinterpret_cast<float4*>(to), length / 4);
    }
    auto& exec = graphs_[static_cast<std::size_t>(slot.index)] = aisp::cuda::GraphExec(graph);
    exec.upload(aisp::stream(slot));
  }
  void operator()(aisp::Slot slot, aisp::Matrix<const float>, aisp::Matrix<float>) const {
    graphs_[static_cast<std::size_t>(slot.index)].launch(aisp::stream(slot));
  }

 private:
  std::vector<aisp::cuda::GraphExec> graphs_;  // one for each slot
};

}  // namespace

AISP_VARIANT(Copies, .about = "a graph of copying kernels in four chains");
