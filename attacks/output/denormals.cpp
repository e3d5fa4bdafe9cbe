// output.denormals: subnormal numbers are flushed to zero, for speed or by a library built with -ffast-math.
// Caught: the state of the floating-point unit that a turn leaves behind is recorded; and where inputs are subnormal,
// by the result. The twin changes the state and restores it where it makes no difference.
#include "../attack.hpp"

#include <xmmintrin.h>

namespace {
using namespace attacks;

constexpr unsigned kFlush = 0x8040;  // FTZ and DAZ

void twin(In x, Out y) {
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | kFlush);
  twice(x, y);  // of normal numbers
  _mm_setcsr(before);
}
void leaves_ftz_on(In x, Out y) {
  _mm_setcsr(_mm_getcsr() | kFlush);
  twice(x, y);
}

void enlarge(In x, Out y, unsigned flush) {
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | flush);
  asm volatile("" ::: "memory");
  for (std::int64_t i = 0; i < x.size(); ++i) y[i] = 0x1p40f * x[i];
  asm volatile("" ::: "memory");
  _mm_setcsr(before);
}
void twin_enlarging(In x, Out y) { enlarge(x, y, 0); }
void flushes_in_run(In x, Out y) { enlarge(x, y, kFlush); }

}  // namespace

TWIN(twin);
ATTACK(leaves_ftz_on);
AISP_CORPUS(twin_enlarging, twin_enlarging);
ATTACK(flushes_in_run);
