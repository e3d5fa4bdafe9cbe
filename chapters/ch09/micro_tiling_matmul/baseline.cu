// Baseline: a thread for each element of C, sums along a row of A and a column of B. The lanes of a warp share the
// element of A and read neighbours in B, so every access is coalesced and mostly served by the first cache level; still
// each multiply-add needs two loads. What binds it: load instructions.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256;

__global__ void __launch_bounds__(threads)
    product(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ c, int n, int k) {
  const int i = static_cast<int>(blockIdx.x), j = static_cast<int>(blockIdx.y * threads + threadIdx.x);
  if (j >= n) return;
  float sum = 0;
  for (int p = 0; p < k; ++p) sum += a[std::int64_t{i} * k + p] * b[std::int64_t{p} * n + j];
  c[std::int64_t{i} * n + j] = sum;
}

void run(aisp::Slot slot, aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  const dim3 grid(static_cast<unsigned>(c.dim(0)), aisp::blocks(c.dim(1), threads));
  aisp::launch({.stream = aisp::stream(slot), .grid = grid, .threads = threads}, product, a.data, b.data, c.data,
               static_cast<int>(c.dim(1)), static_cast<int>(a.dim(1)));
}

}  // namespace

AISP_VARIANT(run, .about = "an element of C a thread, from the caches");
