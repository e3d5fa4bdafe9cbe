// In flight: the same threads and the same order, but the loads of 16 rows are issued before the first is added. By
// Little's law, 500 threads a multiprocessor with 16 loads of 4 bytes are 32 KB under way, what bandwidth times latency
// asks for. Expected: 1.5 times the baseline or more. What binds it: memory bandwidth.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 128, loads = 16;

__global__ void __launch_bounds__(threads)
    sum_columns(const float* __restrict__ x, float* __restrict__ y, std::int64_t rows, std::int64_t cols) {
  const auto j = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (j >= cols) return;
  const float* column = x + j;
  float sum = 0;
  std::int64_t i = 0;
#pragma unroll 1
  for (; i + loads <= rows; i += loads) {
    float v[loads];
#pragma unroll
    for (int l = 0; l < loads; ++l) v[l] = column[(i + l) * cols];
#pragma unroll
    for (int l = 0; l < loads; ++l) sum += v[l];
  }
  for (; i < rows; ++i) sum += column[i * cols];
  y[j] = sum;
}

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Vector<float> y) {
  sum_columns<<<aisp::blocks(x.dim(1), threads), threads, 0, aisp::stream(slot)>>>(x.data, y.data, x.dim(0), x.dim(1));
}

}  // namespace

AISP_VARIANT(run, .about = "16 loads of a thread under way");
