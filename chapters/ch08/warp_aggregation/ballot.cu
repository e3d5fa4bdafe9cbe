// Ballot: a warp asks for each class which of its lanes hold it, and lane c remembers the count of class c in a
// register for as long as the warp lives. Atomics are then eight a warp, whatever n is. Four labels are loaded before
// any is counted, to keep loads under way. Expected: a hundred times the baseline and more.
// What binds it: instructions (eight ballots for 32 labels), close to memory bandwidth.
#include "labels.hpp"

namespace {

constexpr int classes = 8, loads = 4;

__global__ void __launch_bounds__(ch08::label_threads)
    count_ballots(const std::int32_t* __restrict__ label, std::int32_t* count, std::int64_t n) {
  const auto step = std::int64_t{gridDim.x} * ch08::label_threads;
  const auto lane = static_cast<int>(threadIdx.x % 32);
  std::int32_t mine = 0;
  for (auto i = std::int64_t{blockIdx.x} * ch08::label_threads + threadIdx.x; i - lane < n; i += loads * step) {
    std::int32_t seen[loads];
#pragma unroll
    for (int l = 0; l < loads; ++l) seen[l] = i + l * step < n ? label[i + l * step] : -1;
#pragma unroll
    for (int l = 0; l < loads; ++l)
#pragma unroll
      for (int c = 0; c < classes; ++c) {
        const int found = __popc(__ballot_sync(0xffffffffu, seen[l] == c));
        mine += lane == c ? found : 0;
      }
  }
  if (lane < classes && mine) atomicAdd(&count[lane], mine);
}

class PerWarp {
 public:
  explicit PerWarp(const aisp::Setup&) {}
  void operator()(aisp::Slot slot, ch08::Labels label, ch08::Counts count) const {
    count_(aisp::stream(slot), label, count);
  }

 private:
  ch08::CountLabels count_{count_ballots};
};

}  // namespace

AISP_VARIANT(PerWarp, .about = "counts in registers, an atomic for each class and warp");
