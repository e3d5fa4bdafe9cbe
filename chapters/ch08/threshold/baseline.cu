// Baseline: a thread for each element, a branch for each of the three cases. On a GPU no predictor goes wrong, but the
// lanes of a warp go all three ways, one after the other, and each way has a store of its own, which fills a part of
// its sectors. What binds it: memory instructions, three stores of a third of a warp for one, close to memory
// bandwidth.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256;
constexpr float threshold = 0.5f;

__global__ void __launch_bounds__(threads)
    branches(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (i >= n) return;
  const float v = x[i];
  if (v > threshold)
    y[i] = 3.0f * (v - threshold);
  else if (v < -threshold)
    y[i] = 0.25f * (v + threshold);
  else
    y[i] = 0.5f * v;
}

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
  branches<<<aisp::blocks(x.size(), threads), threads, 0, aisp::stream(slot)>>>(x.data, y.data, x.size());
}

}  // namespace

AISP_VARIANT(run, .about = "a branch for each case, one element a thread");
