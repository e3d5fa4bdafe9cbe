// SIMD tiles: a tile of 16 x 16 (two of 8 x 8 with AVX2, four of 4 x 4 with SSE2) is transposed in registers, so that
// every line of y is written whole, once, and no tile has to stay in a cache. Outputs larger than the caches are
// written with streaming stores. Tiles follow each other along the rows of x, where a prefetcher can run ahead of them.
// Expected: close to a copy of the same bytes. What binds it: memory bandwidth; within caches, the shuffles.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <cstring>
#include <utility>

namespace {

constexpr std::int64_t streaming_bytes = 1 << 20;  // an output of this size does not stay in the second cache level
constexpr std::int64_t line = 16;                  // floats in a cache line
// Columns of x walked before the next 16 rows: a page of each row, so that the prefetcher follows sixteen streams of
// whole pages, and as many rows of y, each on a page of its own, as a second-level TLB holds with room to spare.
constexpr std::int64_t strip = 1024;

template <int Bytes> struct Simd { typedef float vector __attribute__((vector_size(Bytes))); };

// One stage of a butterfly: swaps the off-diagonal S x S blocks of every 2S x 2S block.
template <int S, class Vector, std::size_t... I>
inline __attribute__((always_inline)) void swap_blocks(Vector* row, std::index_sequence<I...>) {
  constexpr std::size_t n = sizeof...(I);
  for (std::size_t r = 0; r < n; ++r) {
    if (r & S) continue;
    const Vector a = row[r], b = row[r + S];
    row[r] = __builtin_shufflevector(a, b, (I & S ? n + I - S : I)...);
    row[r + S] = __builtin_shufflevector(a, b, (I & S ? n + I : I + S)...);
  }
}

// y[N, 16] = transpose of x[16, N], N lanes of a vector: whole lines of y.
template <int Bytes, class Store>
inline __attribute__((always_inline)) void tile(const float* x, std::int64_t ldx, float* y, std::int64_t ldy) {
  constexpr int n = Bytes / 4, parts = line / n;
  typename Simd<Bytes>::vector row[parts][n];
  for (int part = 0; part < parts; ++part) {
    for (int r = 0; r < n; ++r) std::memcpy(&row[part][r], x + (part * n + r) * ldx, Bytes);
    constexpr auto lanes = std::make_index_sequence<n>{};
    swap_blocks<1>(row[part], lanes);
    swap_blocks<2>(row[part], lanes);
    if constexpr (n >= 8) swap_blocks<4>(row[part], lanes);
    if constexpr (n >= 16) swap_blocks<8>(row[part], lanes);
  }
  for (int r = 0; r < n; ++r)
    for (int part = 0; part < parts; ++part) Store::store(y + r * ldy + part * n, row[part][r]);
}

template <int Bytes, class Store>
inline __attribute__((always_inline)) void transpose(std::int64_t rows, std::int64_t cols, const float* x, float* y) {
  constexpr std::int64_t n = Bytes / 4;
  const auto whole_rows = rows / line * line, whole_cols = cols / n * n;
  for (std::int64_t j0 = 0; j0 < whole_cols; j0 += strip)
    for (std::int64_t i = 0; i < whole_rows; i += line)
      for (std::int64_t j = j0; j < std::min(j0 + strip, whole_cols); j += n)
        tile<Bytes, Store>(x + i * cols + j, cols, y + j * rows + i, rows);
  for (std::int64_t j = 0; j < whole_cols; ++j)
    for (std::int64_t i = whole_rows; i < rows; ++i) y[j * rows + i] = x[i * cols + j];
  for (std::int64_t j = whole_cols; j < cols; ++j)
    for (std::int64_t i = 0; i < rows; ++i) y[j * rows + i] = x[i * cols + j];
}

struct Plain {
  template <class Vector> static void store(float* y, const Vector& v) { std::memcpy(y, &v, sizeof v); }
};

using Transpose = void (*)(std::int64_t rows, std::int64_t cols, const float* x, float* y);
void transpose_sse2(std::int64_t rows, std::int64_t cols, const float* x, float* y) {
  transpose<16, Plain>(rows, cols, x, y);
}

#if defined(__x86_64__)
struct Stream {  // past the caches; y is aligned to the vector
  AISP_TARGET_AVX512 static void store(float* y, const Simd<64>::vector& v) { _mm512_stream_ps(y, v); }
  AISP_TARGET_AVX2 static void store(float* y, const Simd<32>::vector& v) { _mm256_stream_ps(y, v); }
};

bool streams(std::int64_t rows, std::int64_t cols, const float* y) {
  return rows * cols * 4 >= streaming_bytes && rows % 16 == 0 && reinterpret_cast<std::uintptr_t>(y) % 64 == 0;
}
AISP_TARGET_AVX512 void transpose_avx512(std::int64_t rows, std::int64_t cols, const float* x, float* y) {
  if (!streams(rows, cols, y)) return transpose<64, Plain>(rows, cols, x, y);
  transpose<64, Stream>(rows, cols, x, y);
  _mm_sfence();
}
AISP_TARGET_AVX2 void transpose_avx2(std::int64_t rows, std::int64_t cols, const float* x, float* y) {
  if (!streams(rows, cols, y)) return transpose<32, Plain>(rows, cols, x, y);
  transpose<32, Stream>(rows, cols, x, y);
  _mm_sfence();
}
Transpose widest() { return aisp::cpu::pick<Transpose>(transpose_avx512, transpose_avx2, transpose_sse2); }
#else
Transpose widest() { return transpose_sse2; }
#endif

void simd(aisp::Matrix<const float> x, aisp::Matrix<float> y) { widest()(x.dim(0), x.dim(1), x.data, y.data); }

}  // namespace

AISP_VARIANT(simd, .about = "tiles transposed in registers");
