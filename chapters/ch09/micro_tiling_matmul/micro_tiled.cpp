// Register micro-tiles over packed panels (Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication,
// ACM TOMS 2008): a tile of C stays in vector registers while k runs, A and B are copied first into the order in which
// the micro-kernel reads them, and blocks are sized so that each panel stays in the cache that can feed it.
// Effect: no store and about half a load per vector multiply-add.
// What binds it: multiply-adds per cycle.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <immintrin.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

namespace {

constexpr std::int64_t kDepth = 256;  // a panel of B is kDepth × 32 floats: 32 KiB, the first-level cache
constexpr std::int64_t kRows = 336;   // a block of A is kRows × kDepth floats: 336 KiB, the second-level cache

// A micro-kernel computes one tile, c (+)= Σ_k a[k, :] ⊗ b[k, :], from packed panels a (depth, rows) and
// b (depth, cols); c has row stride ldc.

AISP_TARGET_AVX512 void micro_14x32(std::int64_t depth, const float* a, const float* b, float* c, std::int64_t ldc,
                                    bool add) {
  __m512 sum[14][2];
#pragma GCC unroll 14
  for (int r = 0; r < 14; ++r) {
    sum[r][0] = sum[r][1] = _mm512_setzero_ps();
    _mm_prefetch(c + r * ldc, _MM_HINT_T0);  // needed after the loop over k
    _mm_prefetch(c + r * ldc + 16, _MM_HINT_T0);
  }
  for (std::int64_t k = 0; k < depth; ++k, a += 14, b += 32) {
    const __m512 b0 = _mm512_load_ps(b), b1 = _mm512_load_ps(b + 16);
#pragma GCC unroll 14
    for (int r = 0; r < 14; ++r) {
      const __m512 scale = _mm512_set1_ps(a[r]);
      sum[r][0] = _mm512_fmadd_ps(scale, b0, sum[r][0]);
      sum[r][1] = _mm512_fmadd_ps(scale, b1, sum[r][1]);
    }
  }
#pragma GCC unroll 14
  for (int r = 0; r < 14; ++r, c += ldc)
#pragma GCC unroll 2
    for (int v = 0; v < 2; ++v)
      _mm512_storeu_ps(c + 16 * v, add ? _mm512_add_ps(_mm512_loadu_ps(c + 16 * v), sum[r][v]) : sum[r][v]);
}

AISP_TARGET_AVX2 void micro_6x16(std::int64_t depth, const float* a, const float* b, float* c, std::int64_t ldc,
                                 bool add) {
  __m256 sum[6][2];
#pragma GCC unroll 6
  for (int r = 0; r < 6; ++r) sum[r][0] = sum[r][1] = _mm256_setzero_ps();
  for (std::int64_t k = 0; k < depth; ++k, a += 6, b += 16) {
    const __m256 b0 = _mm256_load_ps(b), b1 = _mm256_load_ps(b + 8);
#pragma GCC unroll 6
    for (int r = 0; r < 6; ++r) {
      const __m256 scale = _mm256_set1_ps(a[r]);
      sum[r][0] = _mm256_fmadd_ps(scale, b0, sum[r][0]);
      sum[r][1] = _mm256_fmadd_ps(scale, b1, sum[r][1]);
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < 6; ++r, c += ldc)
#pragma GCC unroll 2
    for (int v = 0; v < 2; ++v)
      _mm256_storeu_ps(c + 8 * v, add ? _mm256_add_ps(_mm256_loadu_ps(c + 8 * v), sum[r][v]) : sum[r][v]);
}

void micro_4x8(std::int64_t depth, const float* a, const float* b, float* c, std::int64_t ldc, bool add) {
  float sum[4][8] = {};
  for (std::int64_t k = 0; k < depth; ++k, a += 4, b += 8)
    for (int r = 0; r < 4; ++r)
      for (int j = 0; j < 8; ++j) sum[r][j] += a[r] * b[j];
  for (int r = 0; r < 4; ++r, c += ldc)
    for (int j = 0; j < 8; ++j) c[j] = add ? c[j] + sum[r][j] : sum[r][j];
}

// Panels of Rows rows of A, transposed: panel p holds a[k, r] = A(p·Rows + r, k). Missing rows are zero.
template <int Rows>
void pack_a(const float* a, std::int64_t lda, std::int64_t rows, std::int64_t depth, float* __restrict to) {
  for (std::int64_t i = 0; i < rows; i += Rows, to += Rows * depth)
    for (int r = 0; r < Rows; ++r) {
      const float* row = a + (i + r) * lda;
      if (i + r < rows)
        for (std::int64_t k = 0; k < depth; ++k) to[k * Rows + r] = row[k];
      else
        for (std::int64_t k = 0; k < depth; ++k) to[k * Rows + r] = 0;
    }
}

// Panels of Cols columns of B: panel p holds b[k, j] = B(k, p·Cols + j). Missing columns are zero.
template <int Cols>
void pack_b(const float* b, std::int64_t ldb, std::int64_t depth, std::int64_t cols, float* __restrict to) {
  std::int64_t j = 0;
  for (; j + Cols <= cols; j += Cols)
    for (std::int64_t k = 0; k < depth; ++k, to += Cols) std::memcpy(to, b + k * ldb + j, Cols * sizeof(float));
  if (j == cols) return;
  for (std::int64_t k = 0; k < depth; ++k, to += Cols)
    std::fill(std::copy_n(b + k * ldb + j, cols - j, to), to + Cols, 0.0f);
}

using Micro = void(std::int64_t depth, const float* a, const float* b, float* c, std::int64_t ldc, bool add);

// A tile that hangs over the edge of C is computed whole and copied in part.
template <int Cols>
void edge(Micro* micro, std::int64_t tile_rows, std::int64_t tile_cols, std::int64_t depth, const float* a,
          const float* b, float* c, std::int64_t ldc, bool add) {
  alignas(64) float tile[14 * 32];
  micro(depth, a, b, tile, Cols, false);
  for (std::int64_t i = 0; i < tile_rows; ++i)
    for (std::int64_t j = 0; j < tile_cols; ++j) c[i * ldc + j] = (add ? c[i * ldc + j] : 0.0f) + tile[i * Cols + j];
}

using A = aisp::Matrix<const float>;
using C = aisp::Matrix<float>;

// The loops around a Rows × Cols micro-kernel; packed_a and packed_b have room for one block of A and B.
template <int Rows, int Cols, Micro* micro> void multiply(A a, A b, C c, float* packed_a, float* packed_b) {
  const auto m = a.dim(0), n = b.dim(1), depth = a.dim(1);
  for (std::int64_t k = 0; k < depth; k += kDepth) {
    const auto slice = std::min(kDepth, depth - k);
    pack_b<Cols>(&b(k, 0), n, slice, n, packed_b);
    for (std::int64_t i0 = 0; i0 < m; i0 += kRows) {
      const auto rows = std::min(kRows, m - i0);
      pack_a<Rows>(&a(i0, k), depth, rows, slice, packed_a);
      for (std::int64_t j = 0; j < n; j += Cols)
        for (std::int64_t i = 0; i < rows; i += Rows) {
          const float *pa = packed_a + i * slice, *pb = packed_b + j * slice;
          float* to = &c(i0 + i, j);
          if (i + Rows <= rows && j + Cols <= n)
            micro(slice, pa, pb, to, n, k > 0);
          else
            edge<Cols>(micro, std::min<std::int64_t>(Rows, rows - i), std::min<std::int64_t>(Cols, n - j), slice, pa,
                       pb, to, n, k > 0);
        }
    }
  }
}

struct Free {
  void operator()(float* p) const { std::free(p); }
};
using Buffer = std::unique_ptr<float, Free>;

Buffer cache_line_aligned(std::int64_t floats) {
  void* p = std::aligned_alloc(64, (static_cast<std::size_t>(floats) * sizeof(float) + 63) / 64 * 64);
  if (!p) throw std::bad_alloc();
  return Buffer(static_cast<float*>(p));
}

class MicroTiled {
 public:
  explicit MicroTiled(const aisp::Setup& setup)
      : a_(cache_line_aligned((kRows + 14) * kDepth)), b_(cache_line_aligned((setup.shape("b")[1] + 32) * kDepth)) {}

  void operator()(A a, A b, C c) const {
    static const auto best =
        aisp::cpu::pick(&multiply<14, 32, micro_14x32>, &multiply<6, 16, micro_6x16>, &multiply<4, 8, micro_4x8>);
    best(a, b, c, a_.get(), b_.get());
  }

 private:
  Buffer a_, b_;
};

}  // namespace

AISP_VARIANT(MicroTiled, .about = "packed panels, 14x32 (AVX-512) or 6x16 (AVX2) register tiles");
