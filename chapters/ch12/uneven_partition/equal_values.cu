// An uneven partition: a warp for every 2048 values. It searches the sorted offsets for the row in which its share
// begins, and sums row by row until the share ends; a row that lies in several shares is put together with atomic
// additions, so y starts from zero. Expected: 3 to 10 times the baseline. What binds it: memory bandwidth, and the
// search, eleven steps and more through the second cache level, which other warps hide.
#include "warp_sum.hpp"

namespace {

using namespace ch12;

constexpr int share = 2048;

__global__ void __launch_bounds__(kSumThreads)
    sum_shares(const float* __restrict__ values, const std::int32_t* __restrict__ offsets, float* __restrict__ y,
               int rows, std::int64_t total) {
  const auto warp = std::int64_t{blockIdx.x} * kSumWarps + threadIdx.x / 32;
  if (warp * share >= total) return;
  const int begin = static_cast<int>(warp) * share;
  const int end = static_cast<int>(begin + share < total ? begin + share : total);

  int row = 0, beyond = rows;  // offsets[row] ≤ begin < offsets[beyond]
  while (beyond - row > 1) {
    const int middle = row + (beyond - row) / 2;
    (offsets[middle] <= begin ? row : beyond) = middle;
  }
  for (int first = offsets[row]; row < rows && first < end; ++row) {
    const int last = offsets[row + 1];
    const float sum = sum_by_warp(values, first > begin ? first : begin, last < end ? last : end);
    if (threadIdx.x % 32 == 0) {
      if (first >= begin && last <= end)
        y[row] = sum;
      else
        atomicAdd(y + row, sum);
    }
    first = last;
  }
}

void run(aisp::Slot slot, aisp::Vector<const float> values, aisp::Vector<const std::int32_t> offsets,
         aisp::Vector<float> y) {
  AISP_CUDA(cudaMemsetAsync(y.data, 0, sizeof(float) * static_cast<std::size_t>(y.size()), aisp::stream(slot)));
  sum_shares<<<aisp::blocks(values.size(), share * kSumWarps), kSumThreads, 0, aisp::stream(slot)>>>(
      values.data, offsets.data, y.data, static_cast<int>(y.size()), values.size());
}

}  // namespace

AISP_VARIANT(run, .about = "a warp for every 2048 values");
