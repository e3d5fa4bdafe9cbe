// Baseline: each thread takes the branch of its element. A warp has one program counter to schedule: it runs the first
// rule with the lanes of one kind, then the other with the rest, and half of the lanes idle in each.
// What binds it: arithmetic, the sum of both rules for every warp.
#include "rules.hpp"

namespace {

constexpr int threads = 256;

__global__ void __launch_bounds__(threads)
    iterate(const std::uint8_t* __restrict__ kind, const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (i >= n) return;
  if (kind[i] == 0)
    y[i] = rules::damp(x[i]);
  else
    y[i] = rules::divide(x[i]);
}

void run(aisp::Slot slot, aisp::Vector<const std::uint8_t> kind, aisp::Vector<const float> x, aisp::Vector<float> y) {
  iterate<<<aisp::blocks(y.size(), threads), threads, 0, aisp::stream(slot)>>>(kind.data, x.data, y.data, y.size());
}

}  // namespace

AISP_VARIANT(run, .about = "each thread takes its element's branch");
