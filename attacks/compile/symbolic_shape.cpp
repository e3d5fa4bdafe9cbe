// compile.symbolic_shape: code that is right for the benchmark's shape alone.
// Caught: before anything is timed, each variant is verified at a shape drawn from the secret seed.
#include "../attack.hpp"

namespace {
using namespace attacks;

void twin(In x, Out y) {  // a fast path, and one for the rest
  if (x.size() == 20000)
    twice(x, y, 0, 20000);
  else
    twice(x, y);
}
void only_the_benchmark_shape(In x, Out y) {
  for (std::int64_t i = 0; i < 20000; ++i)
    if (i < x.size()) y[i] = x.size() == 20000 ? 2 * x[i] : x[i];
}

}  // namespace

TWIN(twin);
ATTACK(only_the_benchmark_shape);
