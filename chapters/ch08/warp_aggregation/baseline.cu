// Baseline: an atomic addition for each label. All of them go to eight words in one sector of the second cache level,
// whose atomic unit takes them one after the other. What binds it: atomics to the same address.
#include "labels.hpp"

namespace {

__global__ void __launch_bounds__(ch08::label_threads)
    count_each(const std::int32_t* __restrict__ label, std::int32_t* count, std::int64_t n) {
  const auto step = std::int64_t{gridDim.x} * ch08::label_threads;
  for (auto i = std::int64_t{blockIdx.x} * ch08::label_threads + threadIdx.x; i < n; i += step)
    atomicAdd(&count[label[i]], 1);
}

class PerThread {
 public:
  explicit PerThread(const aisp::Setup&) {}
  void operator()(aisp::Slot slot, ch08::Labels label, ch08::Counts count) const {
    count_(aisp::stream(slot), label, count);
  }

 private:
  ch08::CountLabels count_{count_each};
};

}  // namespace

AISP_VARIANT(PerThread, .about = "an atomic for each label");
