// Baseline: row by row. Reads are in order; each write goes to another line, and with rows of 2^n bytes all of them to
// few sets of the cache, so a line is evicted before its next element comes. What binds it: a cache line moved for
// every 4 bytes written.
#include <aisp/variant.hpp>

namespace {

void by_rows(aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  for (std::int64_t i = 0; i < x.dim(0); ++i)
    for (std::int64_t j = 0; j < x.dim(1); ++j) y(j, i) = x(i, j);
}

}  // namespace

AISP_VARIANT(by_rows, .about = "reads in order, writes a column");
