// Baseline: one 4-byte element at a time. The compiler would turn this loop into a call of memcpy; the empty statement
// after each store, which claims to change memory, keeps it as written.
// What binds it: one load and one store a cycle, each of 4 bytes.
#include <aisp/variant.hpp>

namespace {

void scalar(aisp::Vector<const float> x, aisp::Vector<float> y) {
  const auto n = y.size();
  for (std::int64_t i = 0; i < n; ++i) {
    y[i] = x[i];
    asm volatile("" ::: "memory");
  }
}

}  // namespace

AISP_VARIANT(scalar, .about = "one element at a time");
