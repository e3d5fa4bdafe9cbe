// Blocked: tiles of 16 x 16, one cache line wide on both sides, so a line that was fetched is used whole while it is in
// the first cache level. Expected: several times the baseline. What binds it: one load and one store instruction an
// element.
#include <aisp/variant.hpp>

#include <algorithm>

namespace {

constexpr std::int64_t block = 16;

void blocked(aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  const auto rows = x.dim(0), cols = x.dim(1);
  for (std::int64_t i0 = 0; i0 < rows; i0 += block)
    for (std::int64_t j0 = 0; j0 < cols; j0 += block) {
      const auto i1 = std::min(i0 + block, rows), j1 = std::min(j0 + block, cols);
      for (std::int64_t j = j0; j < j1; ++j)
        for (std::int64_t i = i0; i < i1; ++i) y(j, i) = x(i, j);
    }
}

}  // namespace

AISP_VARIANT(blocked, .about = "tiles of 16 x 16");
