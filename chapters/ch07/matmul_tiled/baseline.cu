// Baseline: one thread per element of C, which walks along a row of A and down a column of B in global memory. A warp
// reads the same element of A and one line of B at each step: coalesced, but two loads for each multiply-add.
// What binds it: the load units and the caches behind them; A and B are fetched again by every thread.
#include <aisp/cuda.hpp>

namespace {

constexpr int tile = 32;  // a block computes 32 x 32 elements of C

__global__ void product(std::int64_t m, std::int64_t n, std::int64_t k, const float* __restrict__ a,
                        const float* __restrict__ b, float* __restrict__ c) {
  const auto i = std::int64_t{blockIdx.y} * tile + threadIdx.y, j = std::int64_t{blockIdx.x} * tile + threadIdx.x;
  if (i >= m || j >= n) return;
  float sum = 0;
  for (std::int64_t p = 0; p < k; ++p) sum += a[i * k + p] * b[p * n + j];
  c[i * n + j] = sum;
}

void run(aisp::Slot slot, aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  const auto m = c.dim(0), n = c.dim(1), k = a.dim(1);
  const dim3 grid(aisp::blocks(n, tile), aisp::blocks(m, tile));
  product<<<grid, dim3(tile, tile), 0, aisp::stream(slot)>>>(m, n, k, a.data, b.data, c.data);
}

}  // namespace

AISP_VARIANT(run, .about = "one thread per element, operands from global memory");
