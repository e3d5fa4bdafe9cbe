// Baseline: one kernel after the other. A kernel starts when the last block of the one before has ended and its results
// are visible; then it fetches its weights, which it could have done before. What binds it: per layer, the start of a
// kernel plus the latency of memory.
#include "layer.hpp"

namespace {

using namespace ch11;

__global__ void __launch_bounds__(kThreads)
    multiply(const float* weights, const float* h, float* next, std::int64_t n, bool last) {
  const auto i = std::int64_t{blockIdx.x} * kWarps + threadIdx.x / 32;
  if (i >= n) return;
  const float* row = weights + i * n;
  float4 held[kHeld];
  hold(row, n, held);
  const float sum = product(held, row, h, n);
  if (threadIdx.x % 32 == 0) next[i] = last ? sum : fmaxf(sum, 0);
}

class Plain {
 public:
  explicit Plain(const aisp::Setup& setup) : chain_(setup) {}
  void bind(aisp::Slot slot, aisp::Tensor<const float, 3> weights, aisp::Vector<const float> x, aisp::Vector<float> y) {
    chain_.capture(
        slot, weights, x, y,
        [](cudaStream_t stream, bool, bool last, const float* of_layer, const float* h, float* next, auto n) {
          multiply<<<aisp::blocks(n, kWarps), kThreads, 0, stream>>>(of_layer, h, next, n, last);
        });
  }
  void operator()(aisp::Slot slot, aisp::Tensor<const float, 3>, aisp::Vector<const float>, aisp::Vector<float>) const {
    chain_.launch(slot);
  }

 private:
  Chain chain_;
};

}  // namespace

AISP_VARIANT(Plain, .about = "a layer starts when the one before has ended");
