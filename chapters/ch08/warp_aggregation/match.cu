// Match: the lanes of a warp that hold the same label find each other (__match_any_sync), and the lowest of them adds
// for all: an atomic for each label that occurs in the warp, at most eight in place of 32.
// Expected: several times the baseline. What binds it: atomics to the same address, still.
#include "labels.hpp"

namespace {

__global__ void __launch_bounds__(ch08::label_threads)
    count_matches(const std::int32_t* __restrict__ label, std::int32_t* count, std::int64_t n) {
  const auto step = std::int64_t{gridDim.x} * ch08::label_threads;
  const auto lane = threadIdx.x % 32;
  for (auto i = std::int64_t{blockIdx.x} * ch08::label_threads + threadIdx.x; i - lane < n; i += step) {  // whole warps
    const std::int32_t mine = i < n ? label[i] : -1;
    const unsigned same = __match_any_sync(0xffffffffu, mine);
    if (mine >= 0 && static_cast<int>(lane) == __ffs(static_cast<int>(same)) - 1) atomicAdd(&count[mine], __popc(same));
  }
}

class PerMatch {
 public:
  explicit PerMatch(const aisp::Setup&) {}
  void operator()(aisp::Slot slot, ch08::Labels label, ch08::Counts count) const {
    count_(aisp::stream(slot), label, count);
  }

 private:
  ch08::CountLabels count_{count_matches};
};

}  // namespace

AISP_VARIANT(PerMatch, .about = "an atomic for each label that occurs in a warp");
