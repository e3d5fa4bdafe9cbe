// Baseline: one block per row. Its threads sum every 256th element, one float a load, and a tree in shared memory folds
// the 256 sums in eight steps, each with a barrier. What binds it: the latency of memory; a thread has few 4-byte loads
// under way, and none while the block folds.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256;

__global__ void __launch_bounds__(threads)
    sum_rows(const float* __restrict__ x, float* __restrict__ y, std::int64_t cols) {
  __shared__ float sums[threads];
  const float* row = x + blockIdx.x * cols;
  float sum = 0;
  for (std::int64_t j = threadIdx.x; j < cols; j += threads) sum += row[j];
  sums[threadIdx.x] = sum;
  for (int half = threads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  if (threadIdx.x == 0) y[blockIdx.x] = sums[0];
}

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Vector<float> y) {
  sum_rows<<<static_cast<unsigned>(x.dim(0)), threads, 0, aisp::stream(slot)>>>(x.data, y.data, x.dim(1));
}

}  // namespace

AISP_VARIANT(run, .about = "a block per row, scalar loads, tree in shared memory");
