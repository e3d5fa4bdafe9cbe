// Tiled: 32 rows of C meet a tile of B of 64 x 256 (64 KiB, in the second cache level) before the next tile is
// touched, and within a tile the loops run along rows (i, k, j), so every load and store is contiguous and vectorises.
// A tile of B is used 32 times for each time it is fetched, as a shared-memory tile is by a thread block. Expected: 10
// times and more. What binds it: loads and stores of C within a tile; chapter 9 keeps C in registers.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>

namespace {

constexpr std::int64_t tile_m = 32, tile_n = 256, tile_k = 64;

AISP_SIMD void tiled(aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  const auto m = c.dim(0), n = c.dim(1), k = a.dim(1);
  std::fill(c.begin(), c.end(), 0.0f);
  for (std::int64_t i0 = 0; i0 < m; i0 += tile_m)
    for (std::int64_t j0 = 0; j0 < n; j0 += tile_n)
      for (std::int64_t p0 = 0; p0 < k; p0 += tile_k) {
        const auto i1 = std::min(i0 + tile_m, m), width = std::min(tile_n, n - j0), p1 = std::min(p0 + tile_k, k);
        for (std::int64_t i = i0; i < i1; ++i) {
          float* __restrict row = &c(i, j0);
          for (std::int64_t p = p0; p < p1; ++p) {
            const float x = a(i, p);
            const float* y = &b(p, j0);
            for (std::int64_t j = 0; j < width; ++j) row[j] += x * y[j];
          }
        }
      }
}

}  // namespace

AISP_VARIANT(tiled, .about = "cache tiles, loops along rows");
