// compile.autotune_variance: a tuner whose choice depends on chance: here on where the process happens to lie.
// Caught: medians of the process starts that disagree by more than those of the neighbours. The twin always chooses the
// same.
#include "../attack.hpp"

#include <chrono>

namespace {
using namespace attacks;

void passes(In x, Out y, int count) {
  for (int pass = 0; pass < count; ++pass) {
    twice(x, y);
    asm volatile("" ::: "memory");
  }
}

void twin(In x, Out y) { passes(x, y, 2); }

struct tunes_by_chance {
  explicit tunes_by_chance(const aisp::Setup&)
      : slow_(std::chrono::steady_clock::now().time_since_epoch().count() / 100 % 2 == 0) {}
  void operator()(In x, Out y) { passes(x, y, slow_ ? 6 : 2); }
  bool slow_;
};

}  // namespace

TWIN(twin);
ATTACK(tunes_by_chance);
