// Compiled for another generation of GPUs, without code that a driver could translate.
#include <aisp/cuda.hpp>

namespace {

__global__ void twice(const float* x, float* y, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n) y[i] = 2 * x[i];
}

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
  twice<<<aisp::blocks(x.size(), 256), 256, 0, aisp::stream(slot)>>>(x.data, y.data, x.size());
}

}  // namespace

AISP_VARIANT(run);
