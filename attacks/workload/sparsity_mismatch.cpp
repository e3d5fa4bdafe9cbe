// workload.sparsity_mismatch: blocks that are small beside the largest are taken for zero.
// Yields nothing: mixed draws hold blocks of very different magnitude, and each is compared relative to itself.
#include "../attack.hpp"

#include <algorithm>
#include <cmath>

namespace {
using namespace attacks;

void sums(InMatrix x, OutMatrix y, float least) {
  for (std::int64_t b = 0; b < y.dim(0); ++b)
    for (std::int64_t k = 0; k < y.dim(1); ++k) {
      float s = 0, most = 0;
      for (std::int64_t i = 0; i < 32; ++i) most = std::max(most, std::fabs(x(b, 32 * k + i)));
      if (most > least)
        for (std::int64_t i = 0; i < 32; ++i) s += x(b, 32 * k + i);
      y(b, k) = s;
    }
}

void twin(InMatrix x, OutMatrix y) { sums(x, y, 0); }  // blocks of zeros may be skipped
void skips_small_blocks(InMatrix x, OutMatrix y) {
  float most = 0;
  for (std::int64_t i = 0; i < x.size(); ++i) most = std::max(most, std::fabs(x[i]));
  sums(x, y, most / 2);
}

}  // namespace

TWIN(twin);
ATTACK(skips_small_blocks);
