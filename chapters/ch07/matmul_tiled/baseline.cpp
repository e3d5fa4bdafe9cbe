// Baseline: the textbook's i-j-k loops. Every element of C walks down a column of B, a new cache line at each step, and
// adds in one dependent chain.
// What binds it: B's lines, fetched again for each row of C, and the latency of the chain.
#include <aisp/variant.hpp>

namespace {

void triple_loop(aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  for (std::int64_t i = 0; i < c.dim(0); ++i)
    for (std::int64_t j = 0; j < c.dim(1); ++j) {
      float sum = 0;
      for (std::int64_t p = 0; p < a.dim(1); ++p) sum += a(i, p) * b(p, j);
      c(i, j) = sum;
    }
}

}  // namespace

AISP_VARIANT(triple_loop, .about = "i-j-k loops");
