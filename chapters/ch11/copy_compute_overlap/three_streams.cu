// Three streams: the vector goes in pieces, sixteenths of at most 4 MB, and while one piece is computed the next comes
// in and the one after goes out. The pieces share a ring of three buffers on the host and on the device; events say
// when a buffer is full, and when it is free again. The given stream computes, the others are forked from it; its last
// kernel waits for both. Expected: 2 to 3 times the baseline. What binds it: the slowest of the three, a copy, and the
// first piece's way through all of them.
#include <aisp/cuda/stream.hpp>

#include <algorithm>

#include "../iterate.hpp"
#include "../pinned.hpp"

namespace {

constexpr std::int64_t largest = 1 << 20;  // floats of a piece
constexpr int buffers = 3;

class ThreeStreams {
 public:
  explicit ThreeStreams(const aisp::Setup& setup)
      : piece_(std::min(largest, (setup.param("n") + 15) / 16)), host_(buffers * piece_), device_(buffers * piece_) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) const {
    const auto given = aisp::stream(slot);
    forked_.order(given, out_.get());
    for (std::int64_t first = 0, p = 0; first < y.size(); first += piece_, ++p) {
      const auto b = p % buffers;
      const auto count = std::min(piece_, y.size() - first);
      const auto bytes = sizeof(float) * static_cast<std::size_t>(count);
      float *host = host_.get() + b * piece_, *device = device_.get() + b * piece_;

      if (p >= buffers) AISP_CUDA(cudaStreamWaitEvent(out_.get(), arrived_[b].get()));  // the host's buffer is free
      AISP_CUDA(cudaMemcpyAsync(host, x.data + first, bytes, cudaMemcpyDeviceToHost, out_.get()));
      left_[b].order(out_.get(), in_.get());

      if (p >= buffers) AISP_CUDA(cudaStreamWaitEvent(in_.get(), computed_[b].get()));  // the device's is
      AISP_CUDA(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, in_.get()));
      arrived_[b].order(in_.get(), given);

      ch11::launch_iterate(given, device, y.data + first, count);
      AISP_CUDA(cudaEventRecord(computed_[b].get(), given));
    }
  }

 private:
  std::int64_t piece_;
  ch11::Pinned host_;
  aisp::DeviceBuffer<float> device_;
  aisp::cuda::Stream out_, in_;
  aisp::cuda::Event forked_, left_[buffers], arrived_[buffers], computed_[buffers];
};

}  // namespace

AISP_VARIANT(ThreeStreams, .about = "pieces through a pinned ring on three streams");
