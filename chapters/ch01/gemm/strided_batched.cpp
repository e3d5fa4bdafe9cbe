// Strided batched: one base address and one stride per operand, so one workspace serves the whole batch. B is packed
// into slivers as wide as the register tile and read in order; a tile of C (8 x 32 with AVX-512) stays in registers
// over a whole block of k, so an element of C is stored once and each load of A or B feeds several multiply-adds.
// Expected: close to the rate of the multiply-add units, level with OpenBLAS. What binds it: those units.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>
#include <cstring>
#include <vector>

namespace {

constexpr std::int64_t depth = 256;  // rows of B per packed block: one sliver stays in the first cache level

template <int Bytes> struct Simd { typedef float vector __attribute__((vector_size(Bytes))); };

// C[Rows, Vectors·lanes] (+)= A[Rows, k] · sliver[k, Vectors·lanes]; only the first `cols` columns are stored.
template <int Bytes, int Rows, int Vectors>
inline __attribute__((always_inline)) void tile(std::int64_t k, const float* a, std::int64_t lda, const float* sliver,
                                                float* c, std::int64_t ldc, std::int64_t cols, bool add) {
  using Vector = typename Simd<Bytes>::vector;
  constexpr int lanes = Bytes / 4, width = Vectors * lanes;
  Vector sum[Rows][Vectors] = {};
  for (std::int64_t p = 0; p < k; ++p) {
    Vector b[Vectors];
    for (int v = 0; v < Vectors; ++v) std::memcpy(&b[v], sliver + p * width + v * lanes, sizeof b[v]);
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < Vectors; ++v) sum[r][v] += a[r * lda + p] * b[v];
  }
  if (cols == width) {
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < Vectors; ++v) {
        float* out = c + r * ldc + v * lanes;
        Vector old = {};
        if (add) std::memcpy(&old, out, sizeof old);
        old += sum[r][v];
        std::memcpy(out, &old, sizeof old);
      }
    return;
  }
  for (int r = 0; r < Rows; ++r) {
    float row[width];
    std::memcpy(row, sum[r], sizeof row);
    for (std::int64_t j = 0; j < cols; ++j) c[r * ldc + j] = add ? c[r * ldc + j] + row[j] : row[j];
  }
}

template <int Bytes, int Rows, int Vectors>
inline __attribute__((always_inline)) void gemm_strided(std::int64_t batch, std::int64_t m, std::int64_t n,
                                                        std::int64_t k, const float* a, const float* b, float* c,
                                                        float* packed) {
  constexpr std::int64_t width = Vectors * Bytes / 4;
  for (std::int64_t item = 0; item < batch; ++item, a += m * k, b += k * n, c += m * n) {
    for (std::int64_t p = 0; p < k; p += depth) {
      const auto kc = std::min(depth, k - p);
      for (std::int64_t j = 0; j < n; j += width) {
        const auto cols = std::min(width, n - j);
        for (std::int64_t q = 0; q < kc; ++q) {
          const float* from = b + (p + q) * n + j;
          float* to = packed + q * width;
          if (cols == width) {
            std::memcpy(to, from, width * sizeof(float));
          } else {
            std::memset(to, 0, width * sizeof(float));
            std::memcpy(to, from, static_cast<std::size_t>(cols) * sizeof(float));
          }
        }
        std::int64_t i = 0;
        for (; i + Rows <= m; i += Rows)
          tile<Bytes, Rows, Vectors>(kc, a + i * k + p, k, packed, c + i * n + j, n, cols, p > 0);
        for (; i < m; ++i) tile<Bytes, 1, Vectors>(kc, a + i * k + p, k, packed, c + i * n + j, n, cols, p > 0);
      }
    }
  }
}

using Gemm = void (*)(std::int64_t batch, std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
                      const float* b, float* c, float* packed);

AISP_TARGET_AVX512 void gemm_avx512(std::int64_t batch, std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
                                    const float* b, float* c, float* packed) {
  gemm_strided<64, 8, 2>(batch, m, n, k, a, b, c, packed);
}
AISP_TARGET_AVX2 void gemm_avx2(std::int64_t batch, std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
                                const float* b, float* c, float* packed) {
  gemm_strided<32, 6, 2>(batch, m, n, k, a, b, c, packed);
}
void gemm_sse2(std::int64_t batch, std::int64_t m, std::int64_t n, std::int64_t k, const float* a, const float* b,
               float* c, float* packed) {
  gemm_strided<16, 4, 2>(batch, m, n, k, a, b, c, packed);
}

class StridedBatched {
 public:
  explicit StridedBatched(const aisp::Setup&) : packed_(depth * 32) {}
  void operator()(aisp::Tensor<const float, 3> a, aisp::Tensor<const float, 3> b, aisp::Tensor<float, 3> c) {
    gemm_(c.dim(0), c.dim(1), c.dim(2), a.dim(2), a.data, b.data, c.data, packed_.data());
  }

 private:
  Gemm gemm_ = aisp::cpu::pick<Gemm>(gemm_avx512, gemm_avx2, gemm_sse2);
  std::vector<float> packed_;
};

}  // namespace

AISP_VARIANT(StridedBatched, .about = "one workspace, packed B, register tiles");
