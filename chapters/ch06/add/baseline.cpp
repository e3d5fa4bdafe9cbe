// Baseline: one thread, one element at a time. The compiler would vectorise this loop; the empty statement after each
// store, which claims to change memory, keeps it as written. What binds it: one element a cycle, whatever the
// bandwidth.
#include <aisp/variant.hpp>

namespace {

void one_thread(aisp::Vector<const float> x, aisp::Vector<const float> y, aisp::Vector<float> z) {
  const auto n = z.size();
  for (std::int64_t i = 0; i < n; ++i) {
    z[i] = x[i] + y[i];
    asm volatile("" ::: "memory");
  }
}

}  // namespace

AISP_VARIANT(one_thread, .about = "one thread, one element at a time");
