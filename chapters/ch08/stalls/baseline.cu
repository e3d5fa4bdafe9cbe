// Baseline: a thread for each column; the lanes of a warp read neighbours, so every access is coalesced. But 65536
// columns are a quarter of the threads that the machine holds, and a thread has at most the four loads under way that
// the compiler's own unrolling gives it. What binds it: the latency of memory; warps stand in "long scoreboard" stalls,
// waiting for loads, and too few bytes are on their way.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 128;

__global__ void __launch_bounds__(threads)
    sum_columns(const float* __restrict__ x, float* __restrict__ y, std::int64_t rows, std::int64_t cols) {
  const auto j = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (j >= cols) return;
  float sum = 0;
  for (std::int64_t i = 0; i < rows; ++i) sum += x[i * cols + j];
  y[j] = sum;
}

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Vector<float> y) {
  sum_columns<<<aisp::blocks(x.dim(1), threads), threads, 0, aisp::stream(slot)>>>(x.data, y.data, x.dim(0), x.dim(1));
}

}  // namespace

AISP_VARIANT(run, .about = "a thread per column");
