// Horner's rule, one thread an element.
#include <aisp/cuda.hpp>

namespace {

__global__ void horner(const float* x, float* y, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float value = 1;
#pragma unroll
  for (int k = 0; k < 15; ++k) value = value * x[i] + 1;
  y[i] = value;
}

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
  horner<<<aisp::blocks(x.size(), 256), 256, 0, aisp::stream(slot)>>>(x.data, y.data, x.size());
}

}  // namespace

AISP_VARIANT(run, .about = "Horner's rule");
