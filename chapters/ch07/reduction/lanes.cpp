// Lanes: 8 vectors of running sums (128 with AVX-512) advance together and are folded at the end of the row, as warps
// fold with shuffles. Vector lanes widen each addition, and eight vectors in flight hide its latency. Expected: 10
// times and more. What binds it: the bandwidth of the level that holds the data.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <cstring>

namespace {

template <int Bytes> struct Simd { typedef float vector __attribute__((vector_size(Bytes))); };

template <int Bytes>
inline __attribute__((always_inline)) void sum_rows(std::int64_t rows, std::int64_t cols, const float* x, float* y) {
  using Vector = typename Simd<Bytes>::vector;
  constexpr int lanes = Bytes / 4, vectors = 8;
  for (std::int64_t i = 0; i < rows; ++i, x += cols) {
    Vector sum[vectors] = {};
    std::int64_t j = 0;
    for (; j + vectors * lanes <= cols; j += vectors * lanes)
      for (int v = 0; v < vectors; ++v) {
        Vector next;
        std::memcpy(&next, x + j + v * lanes, Bytes);
        sum[v] += next;
      }
    for (int half = vectors / 2; half; half /= 2)
      for (int v = 0; v < half; ++v) sum[v] += sum[v + half];
    float total = 0;
    for (int l = 0; l < lanes; ++l) total += sum[0][l];
    for (; j < cols; ++j) total += x[j];
    y[i] = total;
  }
}

using Sum = void (*)(std::int64_t rows, std::int64_t cols, const float* x, float* y);
AISP_TARGET_AVX512 void sum_avx512(std::int64_t rows, std::int64_t cols, const float* x, float* y) {
  sum_rows<64>(rows, cols, x, y);
}
AISP_TARGET_AVX2 void sum_avx2(std::int64_t rows, std::int64_t cols, const float* x, float* y) {
  sum_rows<32>(rows, cols, x, y);
}
void sum_sse2(std::int64_t rows, std::int64_t cols, const float* x, float* y) { sum_rows<16>(rows, cols, x, y); }

void lanes(aisp::Matrix<const float> x, aisp::Vector<float> y) {
  aisp::cpu::pick<Sum>(sum_avx512, sum_avx2, sum_sse2)(x.dim(0), x.dim(1), x.data, y.data);
}

}  // namespace

AISP_VARIANT(lanes, .about = "eight vectors of running sums");
