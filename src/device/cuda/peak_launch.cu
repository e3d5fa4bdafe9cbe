// What it costs to start work, and what moves between host and device, and between devices.
#include "device/cuda/peak_runner.hpp"

#include <cstring>

namespace aisp::device::cuda {
namespace {

__global__ void empty_kernel() {}

void launch_empty(cudaStream_t stream) {
  empty_kernel<<<1, 32, 0, stream>>>();
  AISP_CUDA_CHECK(cudaGetLastError());
}

class Graph {
 public:
  explicit Graph(int nodes) {
    const Stream stream;
    cudaGraph_t graph = nullptr;
    AISP_CUDA_CHECK(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal));
    for (int i = 0; i < nodes; ++i) launch_empty(stream.get());
    AISP_CUDA_CHECK(cudaStreamEndCapture(stream.get(), &graph));
    const auto error = cudaGraphInstantiate(&instance_, graph, 0);
    cudaGraphDestroy(graph);
    AISP_CUDA_CHECK(error);
  }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph() {
    if (instance_) cudaGraphExecDestroy(instance_);
  }
  void launch(cudaStream_t stream) const { AISP_CUDA_CHECK(cudaGraphLaunch(instance_, stream)); }

 private:
  cudaGraphExec_t instance_ = nullptr;
};

class PinnedBuffer {
 public:
  PinnedBuffer(std::size_t bytes, unsigned flags) { AISP_CUDA_CHECK(cudaHostAlloc(&data_, bytes, flags)); }
  PinnedBuffer(const PinnedBuffer&) = delete;
  PinnedBuffer& operator=(const PinnedBuffer&) = delete;
  ~PinnedBuffer() {
    if (data_) cudaFreeHost(data_);
  }
  char* data() const { return static_cast<char*>(data_); }

 private:
  void* data_ = nullptr;
};

Way copy_way(const char* name, void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  return {name, double(bytes),
          [=](cudaStream_t stream) { AISP_CUDA_CHECK(cudaMemcpyAsync(to, from, bytes, kind, stream)); }};
}

__global__ void push_kernel(const uint4* __restrict__ in, uint4* __restrict__ out, std::size_t tiles) {
  for (std::size_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    const std::size_t first = tile * 4 * blockDim.x + threadIdx.x;
    uint4 v[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) v[i] = __ldcs(in + first + i * blockDim.x);
#pragma unroll
    for (int i = 0; i < 4; ++i) __stcs(out + first + i * blockDim.x, v[i]);
  }
}

void enable_peer(int from, int to) {
  AISP_CUDA_CHECK(cudaSetDevice(from));
  const auto error = cudaDeviceEnablePeerAccess(to, 0);
  if (error == cudaErrorPeerAccessAlreadyEnabled)
    cudaGetLastError();
  else
    AISP_CUDA_CHECK(error);
}

// The runner's device stays the current one outside.
struct OnDevice {
  OnDevice(int device, int back) : back_(back) { AISP_CUDA_CHECK(cudaSetDevice(device)); }
  ~OnDevice() { cudaSetDevice(back_); }
  int back_;
};

void measure_peers(PeakRunner& runner, std::vector<GpuFigure>& figures) {
  const auto absent = [&](const std::string& why) {
    for (const char* name : {"p2p", "p2p_both_ways"}) {
      GpuFigure f;
      f.name = name, f.unit = "B/s", f.absent = why;
      figures.push_back(f);
    }
  };
  int devices = 0, can = 0;
  AISP_CUDA_CHECK(cudaGetDeviceCount(&devices));
  const int mine = runner.options().device;
  const int peer = mine == 0 ? 1 : 0;
  if (devices < 2) return absent("there is only one GPU");
  AISP_CUDA_CHECK(cudaDeviceCanAccessPeer(&can, mine, peer));
  if (!can) return absent("the driver offers no peer access between these GPUs");
  enable_peer(peer, mine), enable_peer(mine, peer);

  constexpr std::size_t kBytes = std::size_t{1} << 30;
  const DeviceBuffer here_in(kBytes), here_out(kBytes);
  const OnDevice there(peer, mine);
  const DeviceBuffer there_in(kBytes), there_out(kBytes);
  const Stream there_stream;
  const Event join_event;  // events belong to the device they are recorded on
  AISP_CUDA_CHECK(cudaSetDevice(mine));
  const Event fork_here;
  const int blocks = runner.multiprocessors() * 4;
  const auto copy = [&](cudaStream_t stream) {
    AISP_CUDA_CHECK(cudaMemcpyPeerAsync(there_out.as(), peer, here_in.as(), mine, kBytes, stream));
  };
  std::vector<Way> one;
  one.push_back({"cudaMemcpyPeerAsync", double(kBytes), copy});
  const auto kernel = [&](const DeviceBuffer& from, const DeviceBuffer& to) {
    return [&from, &to, blocks](cudaStream_t stream) {
      push_kernel<<<blocks, 512, 0, stream>>>(from.as<uint4>(), to.as<uint4>(), kBytes / 16 / 4 / 512);
      AISP_CUDA_CHECK(cudaGetLastError());
    };
  };
  one.push_back({"kernel writes to the peer, 4 × 16 B a thread", double(kBytes), kernel(here_in, there_out)});
  one.push_back({"kernel reads from the peer, 4 × 16 B a thread", double(kBytes), kernel(there_in, here_out)});
  figures.push_back(runner.measure("p2p", "B/s", std::move(one)));

  std::vector<Way> both;
  both.push_back({"cudaMemcpyPeerAsync on two streams", 2.0 * double(kBytes), [&](cudaStream_t stream) {
                    AISP_CUDA_CHECK(cudaEventRecord(fork_here.get(), stream));
                    AISP_CUDA_CHECK(cudaStreamWaitEvent(there_stream.get(), fork_here.get(), 0));
                    copy(stream);
                    {
                      const OnDevice guard(peer, mine);
                      AISP_CUDA_CHECK(
                          cudaMemcpyPeerAsync(here_out.as(), mine, there_in.as(), peer, kBytes, there_stream.get()));
                      AISP_CUDA_CHECK(cudaEventRecord(join_event.get(), there_stream.get()));
                    }
                    AISP_CUDA_CHECK(cudaStreamWaitEvent(stream, join_event.get(), 0));
                  }});
  figures.push_back(runner.measure("p2p_both_ways", "B/s", std::move(both)));
}

}  // namespace

void measure_launch(PeakRunner& runner, std::vector<GpuFigure>& figures) {
  constexpr int kLaunches = 500;
  std::vector<Way> back_to_back;
  back_to_back.push_back({"500 empty kernels in one stream", kLaunches, [](cudaStream_t stream) {
                            for (int i = 0; i < kLaunches; ++i) launch_empty(stream);
                          }});
  figures.push_back(runner.measure("launch", "s", std::move(back_to_back)));

  std::vector<Way> waiting;
  waiting.push_back({"an empty kernel and cudaStreamSynchronize", 1, [](cudaStream_t stream) {
                       launch_empty(stream);
                       AISP_CUDA_CHECK(cudaStreamSynchronize(stream));
                     }});
  figures.push_back(runner.measure("launch_and_wait", "s", std::move(waiting)));

  std::vector<Way> nodes;
  const auto graph = std::make_shared<Graph>(1000);
  nodes.push_back({"1000 empty kernels in a row in one graph", 1000, [graph](cudaStream_t s) { graph->launch(s); }});
  figures.push_back(runner.measure("graph_node", "s", std::move(nodes)));

  std::vector<Way> single;
  const auto one = std::make_shared<Graph>(1);
  single.push_back({"a graph of one empty kernel, back to back", 1, [one](cudaStream_t s) { one->launch(s); }});
  figures.push_back(runner.measure("graph_launch", "s", std::move(single)));
}

void measure_transfer(PeakRunner& runner, std::vector<GpuFigure>& figures) {
  constexpr std::size_t kBytes = std::size_t{256} << 20;
  {
    const DeviceBuffer device(kBytes);
    const PinnedBuffer plain(kBytes, cudaHostAllocDefault), combining(kBytes, cudaHostAllocWriteCombined);
    std::memset(plain.data(), 0x35, kBytes), std::memset(combining.data(), 0x35, kBytes);
    std::vector<char> pageable(kBytes, 0x35);
    const auto to = [&](const char* name, void* from) {
      return copy_way(name, device.as(), from, kBytes, cudaMemcpyHostToDevice);
    };
    const auto from = [&](const char* name, void* target) {
      return copy_way(name, target, device.as(), kBytes, cudaMemcpyDeviceToHost);
    };
    std::vector<Way> h2d;
    h2d.push_back(to("pinned", plain.data()));
    h2d.push_back(to("pinned, write-combining", combining.data()));
    figures.push_back(runner.measure("h2d_pinned", "B/s", std::move(h2d)));
    std::vector<Way> d2h;
    d2h.push_back(from("pinned", plain.data()));
    figures.push_back(runner.measure("d2h_pinned", "B/s", std::move(d2h)));
    std::vector<Way> h2d_pageable;
    h2d_pageable.push_back(to("pageable", pageable.data()));
    figures.push_back(runner.measure("h2d_pageable", "B/s", std::move(h2d_pageable)));
    std::vector<Way> d2h_pageable;
    d2h_pageable.push_back(from("pageable", pageable.data()));
    figures.push_back(runner.measure("d2h_pageable", "B/s", std::move(d2h_pageable)));
  }
  measure_peers(runner, figures);
}

}  // namespace aisp::device::cuda
