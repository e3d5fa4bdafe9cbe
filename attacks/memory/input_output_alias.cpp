// memory.input_output_alias: the input is changed so that it agrees with the output, or stands in for it.
// Caught: inputs are mapped read-only, a write ends the worker; the judge's own mapping of the output stays what it
// was.
#include "../attack.hpp"

#include <sys/mman.h>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // in place, in the output
  for (std::int64_t i = 0; i < x.size(); ++i) y[i] = x[i];
  for (std::int64_t i = 0; i < x.size(); ++i) y[i] *= 2;
}
void writes_the_input(In x, Out y) {
  twice(x, y);
  const_cast<float*>(x.data)[0] = 1;
}
void input_over_output(In x, Out y) {  // the pages of the input appear where the output was
  const auto begin = reinterpret_cast<std::uintptr_t>(y.data) & ~std::uintptr_t{4095};
  const auto from = reinterpret_cast<std::uintptr_t>(x.data) & ~std::uintptr_t{4095};
  const std::size_t bytes = sizeof(float) * static_cast<std::size_t>(x.size()) + 8192;
  mremap(reinterpret_cast<void*>(from), 0, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, reinterpret_cast<void*>(begin));
}

}  // namespace

TWIN(twin);
ATTACK(writes_the_input);
ATTACK(input_over_output);
