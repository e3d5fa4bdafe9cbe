// Baseline: a plain loop on one thread.
// What binds it: the bandwidth that one core can draw from the caches or from memory.
#include <aisp/variant.hpp>

namespace {

void one_thread(aisp::Vector<const float> x, aisp::Vector<const float> y, aisp::Vector<float> z) {
  const auto n = z.size();
  const float *a = x.data, *b = y.data;
  float* __restrict out = z.data;
  for (std::int64_t i = 0; i < n; ++i) out[i] = a[i] + b[i];
}

}  // namespace

AISP_VARIANT(one_thread, .about = "plain loop, one thread");
