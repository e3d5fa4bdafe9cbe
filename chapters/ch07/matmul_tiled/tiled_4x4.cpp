// Tiled, 4 x 4: the tiles of `tiled`, and within a tile four rows of C meet four rows of B at a time: an element of C
// is loaded and stored once for four multiply-adds, and an element of B, once loaded, feeds four rows. Expected: twice
// `tiled`, about OpenBLAS. What binds it: the second cache level, which feeds B.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>

namespace {

constexpr std::int64_t tile_m = 32, tile_n = 256, tile_k = 64, block = 4;

// c[r] += x[r][0]·b[0] + … + x[r][3]·b[3] for four rows of C, ldc apart; rows of B are ldb apart.
inline __attribute__((always_inline)) void add_block(std::int64_t n, const float (&x)[block][block], const float* b,
                                                     std::int64_t ldb, float* __restrict c0, float* __restrict c1,
                                                     float* __restrict c2, float* __restrict c3) {
  const float *b0 = b, *b1 = b0 + ldb, *b2 = b1 + ldb, *b3 = b2 + ldb;
  for (std::int64_t j = 0; j < n; ++j) {
    c0[j] += x[0][0] * b0[j] + x[0][1] * b1[j] + x[0][2] * b2[j] + x[0][3] * b3[j];
    c1[j] += x[1][0] * b0[j] + x[1][1] * b1[j] + x[1][2] * b2[j] + x[1][3] * b3[j];
    c2[j] += x[2][0] * b0[j] + x[2][1] * b1[j] + x[2][2] * b2[j] + x[2][3] * b3[j];
    c3[j] += x[3][0] * b0[j] + x[3][1] * b1[j] + x[3][2] * b2[j] + x[3][3] * b3[j];
  }
}

// The rows and columns that no block covers.
inline __attribute__((always_inline)) void add_row(std::int64_t n, float x, const float* b, float* __restrict c) {
  for (std::int64_t j = 0; j < n; ++j) c[j] += x * b[j];
}

AISP_SIMD void tiled_4x4(aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  const auto m = c.dim(0), n = c.dim(1), k = a.dim(1);
  std::fill(c.begin(), c.end(), 0.0f);
  for (std::int64_t i0 = 0; i0 < m; i0 += tile_m)
    for (std::int64_t j0 = 0; j0 < n; j0 += tile_n)
      for (std::int64_t p0 = 0; p0 < k; p0 += tile_k) {
        const auto i1 = std::min(i0 + tile_m, m), width = std::min(tile_n, n - j0), p1 = std::min(p0 + tile_k, k);
        std::int64_t i = i0;
        for (; i + block <= i1; i += block) {
          std::int64_t p = p0;
          for (; p + block <= p1; p += block) {
            float x[block][block];
            for (std::int64_t r = 0; r < block; ++r) std::copy_n(&a(i + r, p), block, x[r]);
            add_block(width, x, &b(p, j0), n, &c(i, j0), &c(i + 1, j0), &c(i + 2, j0), &c(i + 3, j0));
          }
          for (; p < p1; ++p)
            for (std::int64_t r = 0; r < block; ++r) add_row(width, a(i + r, p), &b(p, j0), &c(i + r, j0));
        }
        for (; i < i1; ++i)
          for (std::int64_t p = p0; p < p1; ++p) add_row(width, a(i, p), &b(p, j0), &c(i, j0));
      }
}

}  // namespace

AISP_VARIANT(tiled_4x4, .about = "cache tiles, 4x4 blocks of rows");
