// Baseline: one launch per vector. A vector of 16 KB keeps the machine busy for a fraction of a microsecond; starting
// and finishing a kernel costs several times that, again for each vector. What binds it: the rate of launches.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256;

__global__ void scale(const float* __restrict__ x, const float* __restrict__ factor, float* __restrict__ y,
                      std::int64_t length) {
  const auto i = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (i < length) y[i] = *factor * x[i];
}

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Vector<const float> factor, aisp::Matrix<float> y) {
  const auto length = x.dim(1);
  for (std::int64_t v = 0; v < x.dim(0); ++v)
    scale<<<aisp::blocks(length, threads), threads, 0, aisp::stream(slot)>>>(x.data + v * length, factor.data + v,
                                                                             y.data + v * length, length);
}

}  // namespace

AISP_VARIANT(run, .about = "one launch per vector");
