// Streaming: one tile of 32 KB a block and no loop. Eight 16-byte loads of each thread are under way before its first
// store, so reads and writes come in long runs; hints say that no line will be used again. The hardware's own scheduler
// hands out tiles in order, which keeps the open pages of memory few. Expected: the copy ceiling.
// What binds it: memory bandwidth.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256, loads = 8;
constexpr std::int64_t tile = threads * loads;  // float4 a block

__global__ void __launch_bounds__(threads) copy(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  const auto vectors = n / 4;
  const auto* from = reinterpret_cast<const float4*>(x);
  auto* to = reinterpret_cast<float4*>(y);
  const auto first = blockIdx.x * tile + threadIdx.x;
  if (first - threadIdx.x + tile <= vectors) {
    float4 v[loads];
#pragma unroll
    for (int l = 0; l < loads; ++l) v[l] = __ldcs(from + first + l * threads);
#pragma unroll
    for (int l = 0; l < loads; ++l) __stcs(to + first + l * threads, v[l]);
    return;
  }
  for (auto i = first; i < vectors; i += threads) to[i] = from[i];  // the last block
  if (const auto i = 4 * vectors + threadIdx.x; i < n) y[i] = x[i];
}

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
  const auto blocks = aisp::blocks(y.size() / 4 + 1, tile);  // + 1: there is a last block, however n divides
  copy<<<blocks, threads, 0, aisp::stream(slot)>>>(x.data, y.data, y.size());
}

}  // namespace

AISP_VARIANT(run, .about = "a tile a block, eight 16-byte loads in flight, streaming");
