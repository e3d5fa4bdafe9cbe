// Eight streams: each takes every eighth product. They wait for the given stream by an event (fork), and the given
// stream waits for each of them (join), so that to its user nothing has changed. Expected: 3 to 7 times the baseline.
// What binds it: the rate of launches, about as long as an eighth of a product.
#include <aisp/cuda/stream.hpp>

#include "product.hpp"

namespace {

constexpr int streams = 8;

class EightStreams {
 public:
  explicit EightStreams(const aisp::Setup&) {}
  void operator()(aisp::Slot slot, aisp::Tensor<const float, 3> a, aisp::Tensor<const float, 3> b,
                  aisp::Tensor<float, 3> c) const {
    const auto given = aisp::stream(slot);
    AISP_CUDA(cudaEventRecord(forked_.get(), given));
    for (const auto& side : side_) AISP_CUDA(cudaStreamWaitEvent(side.get(), forked_.get()));
    for (std::int64_t i = 0; i < c.dim(0); ++i) ch11::launch_product(side_[i % streams].get(), i, a, b, c);
    for (int s = 0; s < streams; ++s) done_[s].order(side_[s].get(), given);
  }

 private:
  aisp::cuda::Stream side_[streams];
  aisp::cuda::Event forked_, done_[streams];
};

}  // namespace

AISP_VARIANT(EightStreams, .about = "eight streams, forked and joined by events");
