// Baseline: eight threads a row, 16 bytes each, four rows a thread under way, and default loads and stores: every line
// that streams through displaces another, also lines of the table that will be asked for again.
// What binds it: memory bandwidth, of which part goes to fetching the table's rows once more.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256, lanes = 8, loads = 4;                          // lanes: threads a row of 32 floats
constexpr int rows_at_once = threads / lanes, tile = rows_at_once * loads;  // rows a block

__global__ void __launch_bounds__(threads)
    add_rows(const float4* __restrict__ table, const std::int32_t* __restrict__ group, const float4* __restrict__ x,
             float4* __restrict__ y, std::int64_t n) {
  const auto first = std::int64_t{blockIdx.x} * tile + threadIdx.x / lanes;
  const int lane = threadIdx.x % lanes;
  float4 stream[loads] = {}, hot[loads] = {};
#pragma unroll
  for (int l = 0; l < loads; ++l)
    if (const auto i = first + l * rows_at_once; i < n) {
      hot[l] = table[std::int64_t{group[i]} * lanes + lane];
      stream[l] = x[i * lanes + lane];
    }
#pragma unroll
  for (int l = 0; l < loads; ++l)
    if (const auto i = first + l * rows_at_once; i < n)
      y[i * lanes + lane] = {stream[l].x + hot[l].x, stream[l].y + hot[l].y, stream[l].z + hot[l].z,
                             stream[l].w + hot[l].w};
}

void run(aisp::Slot slot, aisp::Matrix<const float> table, aisp::Vector<const std::int32_t> group,
         aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  add_rows<<<aisp::blocks(y.dim(0), tile), threads, 0, aisp::stream(slot)>>>(
      reinterpret_cast<const float4*>(table.data), group.data, reinterpret_cast<const float4*>(x.data),
      reinterpret_cast<float4*>(y.data), y.dim(0));
}

}  // namespace

AISP_VARIANT(run, .about = "default loads and stores");
