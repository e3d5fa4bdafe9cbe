// What both variants share: the large kernel on one side stream, the chain on another, forked from the given stream and
// joined to it. They differ in the priority of the chain's stream.
#pragma once

#include <aisp/cuda/stream.hpp>

#include "../iterate.hpp"

namespace ch11 {

constexpr int kBlendThreads = 256;

// out = s((1 − r)·z + r·u), s(v) = v / (1 + |v|); z and out may be the same. static: several variants include it.
static __global__ void __launch_bounds__(kBlendThreads)
    blend(const float* z, const float* u, const float* rate, float* out, std::int64_t m) {
  const auto i = std::int64_t{blockIdx.x} * kBlendThreads + threadIdx.x;
  const float r = *rate;
  if (i >= m) return;
  const float v = (1 - r) * z[i] + r * u[i];
  out[i] = v / (1 + fabsf(v));
}

inline int lowest_priority() {
  int lowest = 0, highest = 0;
  AISP_CUDA(cudaDeviceGetStreamPriorityRange(&lowest, &highest));
  return lowest;
}
inline int highest_priority() {
  int lowest = 0, highest = 0;
  AISP_CUDA(cudaDeviceGetStreamPriorityRange(&lowest, &highest));
  return highest;
}

class TwoStreams {
 public:
  explicit TwoStreams(int priority_of_chain) : large_(lowest_priority()), chain_(priority_of_chain) {}
  void run(cudaStream_t given, aisp::Vector<const float> x, aisp::Vector<const float> u,
           aisp::Vector<const float> start, aisp::Vector<const float> rate, aisp::Vector<float> y,
           aisp::Vector<float> z) const {
    forked_.order(given, large_.get());
    AISP_CUDA(cudaStreamWaitEvent(chain_.get(), forked_.get()));
    launch_iterate(large_.get(), x.data, y.data, y.size());
    const float* from = start.data;
    for (std::int64_t s = 0; s < rate.size(); ++s) {
      blend<<<aisp::blocks(z.size(), kBlendThreads), kBlendThreads, 0, chain_.get()>>>(from, u.data, rate.data + s,
                                                                                       z.data, z.size());
      from = z.data;
    }
    large_done_.order(large_.get(), given);
    chain_done_.order(chain_.get(), given);
  }

 private:
  aisp::cuda::Stream large_, chain_;
  aisp::cuda::Event forked_, large_done_, chain_done_;
};

}  // namespace ch11
