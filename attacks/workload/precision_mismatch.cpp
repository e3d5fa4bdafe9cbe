// workload.precision_mismatch: an f32 problem computed with factors rounded to bf16 or half.
// Caught: the tolerance follows from f32 and the length of the sum.
#include "../attack.hpp"

namespace {
using namespace attacks;

template <class Round> void dot(InMatrix x, InMatrix z, Out y, Round round) {
  for (std::int64_t r = 0; r < y.size(); ++r) {
    float s = 0;
    for (std::int64_t i = 0; i < x.dim(1); ++i) s += round(x(r, i)) * round(z(r, i));
    y[r] = s;
  }
}

void twin(InMatrix x, InMatrix z, Out y) {
  dot(x, z, y, [](float v) { return v; });
}
void bf16_inside(InMatrix x, InMatrix z, Out y) {
  dot(x, z, y, [](float v) { return aisp::to_float(aisp::to_bfloat16(v)); });
}
void half_inside(InMatrix x, InMatrix z, Out y) {
  dot(x, z, y, [](float v) { return aisp::to_float(aisp::to_half(v)); });
}

}  // namespace

TWIN(twin);
ATTACK(bf16_inside);
ATTACK(half_inside);
