// What both variants share: the kernel, the streams and buffers, and the steps; they differ in how the streams wait for
// each other.
#pragma once

#include <aisp/cuda/stream.hpp>

namespace ch11 {

constexpr int kMixThreads = 256;

// out = s((1 − r)·own + sign·r·other), s(v) = v / (1 + |v|). static: several variants include it.
static __global__ void __launch_bounds__(kMixThreads)
    mix(const float* own, const float* other, const float* rate, float sign, float* out, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * kMixThreads + threadIdx.x;
  const float r = *rate;
  if (i >= n) return;
  const float v = (1 - r) * own[i] + sign * r * other[i];
  out[i] = v / (1 + fabsf(v));
}

class Exchange {
 public:
  explicit Exchange(const aisp::Setup& setup) : buffers_(4 * setup.param("n")) {}

  // a's updates go to the given stream, b's to another; meet(given, other) is called after every step and must order
  // what follows on either stream behind what both have got so far.
  template <class Meet>
  void run(cudaStream_t given, aisp::Vector<const float> a, aisp::Vector<const float> b, aisp::Vector<const float> rate,
           aisp::Vector<float> a_end, aisp::Vector<float> b_end, const Meet& meet) const {
    const auto n = a.size(), steps = rate.size();
    const auto blocks = aisp::blocks(n, kMixThreads);
    const float *u = a.data, *v = b.data;
    forked_.order(given, other_.get());
    for (std::int64_t s = 0; s < steps; ++s) {
      float* next_u = s + 1 == steps ? a_end.data : buffers_.get() + s % 2 * 2 * n;
      float* next_v = s + 1 == steps ? b_end.data : buffers_.get() + (s % 2 * 2 + 1) * n;
      mix<<<blocks, kMixThreads, 0, given>>>(u, v, rate.data + s, 1.0f, next_u, n);
      mix<<<blocks, kMixThreads, 0, other_.get()>>>(v, u, rate.data + s, -1.0f, next_v, n);
      meet(given, other_.get());
      u = next_u;
      v = next_v;
    }
  }

 private:
  aisp::DeviceBuffer<float> buffers_;  // two for each vector, used in turns
  aisp::cuda::Stream other_;
  aisp::cuda::Event forked_;
};

}  // namespace ch11
