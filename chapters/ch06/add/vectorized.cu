// Vectorised: 16 bytes an access, and two of each vector under way in a thread before the first store, marked as
// streaming. Expected: the memory's ceiling, up to 1.2 times the grid-stride loop. What binds it: memory bandwidth.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256, loads = 2;
constexpr std::int64_t tile = threads * loads;  // float4 a block

__device__ float4 sum(float4 a, float4 b) { return {a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w}; }

__global__ void __launch_bounds__(threads)
    add(const float* __restrict__ x, const float* __restrict__ y, float* __restrict__ z, std::int64_t n) {
  const auto vectors = n / 4;
  const auto *x4 = reinterpret_cast<const float4*>(x), *y4 = reinterpret_cast<const float4*>(y);
  auto* z4 = reinterpret_cast<float4*>(z);
  const auto first = blockIdx.x * tile + threadIdx.x;
  if (first - threadIdx.x + tile <= vectors) {
    float4 a[loads], b[loads];
#pragma unroll
    for (int l = 0; l < loads; ++l) {
      a[l] = __ldcs(x4 + first + l * threads);
      b[l] = __ldcs(y4 + first + l * threads);
    }
#pragma unroll
    for (int l = 0; l < loads; ++l) __stcs(z4 + first + l * threads, sum(a[l], b[l]));
    return;
  }
  for (auto i = first; i < vectors; i += threads) z4[i] = sum(x4[i], y4[i]);  // the last block
  if (const auto i = 4 * vectors + threadIdx.x; i < n) z[i] = x[i] + y[i];
}

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> y, aisp::Vector<float> z) {
  const auto blocks = aisp::blocks(z.size() / 4 + 1, tile);  // + 1: there is a last block, however n divides
  add<<<blocks, threads, 0, aisp::stream(slot)>>>(x.data, y.data, z.data, z.size());
}

}  // namespace

AISP_VARIANT(run, .about = "16-byte accesses, streaming");
