// Baseline: each micro-batch of 8 to 32 rows goes through the network by itself, pass by pass: product, bias, relu,
// product, bias. The product is a good one, with packed weights and register tiles, but as in any library call the
// weights are packed again for every micro-batch, and so few rows cannot pay for that. What binds it: reading and
// packing the weights, then arithmetic.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>
#include <cstring>
#include <vector>

namespace {

constexpr std::int64_t depth = 256;  // rows of weights per packed sliver, which stays in the first cache level

template <int Bytes> struct Simd { typedef float vector __attribute__((vector_size(Bytes))); };

// C[Rows, width] (+)= A[Rows, k] · sliver[k, width]; only the first `cols` columns are stored.
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
  for (int r = 0; r < Rows; ++r) {
    if (cols == width) {
      for (int v = 0; v < Vectors; ++v) {
        float* out = c + r * ldc + v * lanes;
        Vector old = {};
        if (add) std::memcpy(&old, out, sizeof old);
        old += sum[r][v];
        std::memcpy(out, &old, sizeof old);
      }
    } else {
      float row[width];
      std::memcpy(row, sum[r], sizeof row);
      for (std::int64_t j = 0; j < cols; ++j) c[r * ldc + j] = add ? c[r * ldc + j] + row[j] : row[j];
    }
  }
}

// c[m, n] = a[m, k] · b[k, n]
template <int Bytes, int Rows, int Vectors>
inline __attribute__((always_inline)) void product(std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
                                                   const float* b, float* c, float* packed) {
  constexpr std::int64_t width = Vectors * Bytes / 4;
  for (std::int64_t p = 0; p < k; p += depth) {
    const auto kc = std::min(depth, k - p);
    for (std::int64_t j = 0; j < n; j += width) {
      const auto cols = std::min(width, n - j);
      for (std::int64_t q = 0; q < kc; ++q) {
        const float* from = b + (p + q) * n + j;
        float* to = packed + q * width;
        if (cols == width)
          std::memcpy(to, from, width * sizeof(float));
        else
          std::fill(std::copy_n(from, cols, to), to + width, 0.0f);
      }
      std::int64_t i = 0;
      for (; i + Rows <= m; i += Rows)
        tile<Bytes, Rows, Vectors>(kc, a + i * k + p, k, packed, c + i * n + j, n, cols, p > 0);
      for (; i < m; ++i) tile<Bytes, 1, Vectors>(kc, a + i * k + p, k, packed, c + i * n + j, n, cols, p > 0);
    }
  }
}

inline __attribute__((always_inline)) void add_bias(std::int64_t m, std::int64_t n, const float* bias, float* c) {
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) c[i * n + j] += bias[j];
}

struct Network {
  std::int64_t batches, rows, in, hidden, out;
  const float *w1, *b1, *w2, *b2;
};

template <int Bytes, int Rows, int Vectors>
inline __attribute__((always_inline)) void forward(const Network& net, const float* x, float* h, float* packed,
                                                   float* y) {
  const auto [batches, rows, in, hidden, out, w1, b1, w2, b2] = net;
  for (std::int64_t i = 0; i < batches; ++i, x += rows * in, y += rows * out) {
    product<Bytes, Rows, Vectors>(rows, hidden, in, x, w1, h, packed);
    add_bias(rows, hidden, b1, h);
    for (std::int64_t j = 0; j < rows * hidden; ++j) h[j] = std::max(h[j], 0.0f);
    product<Bytes, Rows, Vectors>(rows, out, hidden, h, w2, y, packed);
    add_bias(rows, out, b2, y);
  }
}

using Forward = void (*)(const Network&, const float* x, float* h, float* packed, float* y);

AISP_TARGET_AVX512 void forward_avx512(const Network& net, const float* x, float* h, float* packed, float* y) {
  forward<64, 8, 2>(net, x, h, packed, y);
}
AISP_TARGET_AVX2 void forward_avx2(const Network& net, const float* x, float* h, float* packed, float* y) {
  forward<32, 6, 2>(net, x, h, packed, y);
}
void forward_sse2(const Network& net, const float* x, float* h, float* packed, float* y) {
  forward<16, 4, 2>(net, x, h, packed, y);
}

class MicroBatches {
 public:
  explicit MicroBatches(const aisp::Setup& setup)
      : hidden_(static_cast<std::size_t>(setup.param("rows") * setup.param("hidden"))), packed_(depth * 32) {}
  void operator()(aisp::Tensor<const float, 3> x, aisp::Matrix<const float> w1, aisp::Vector<const float> b1,
                  aisp::Matrix<const float> w2, aisp::Vector<const float> b2, aisp::Tensor<float, 3> y) {
    forward_({x.dim(0), x.dim(1), x.dim(2), b1.dim(0), b2.dim(0), w1.data, b1.data, w2.data, b2.data}, x.data,
             hidden_.data(), packed_.data(), y.data);
  }

 private:
  Forward forward_ = aisp::cpu::pick<Forward>(forward_avx512, forward_avx2, forward_sse2);
  std::vector<float> hidden_, packed_;
};

}  // namespace

AISP_VARIANT(MicroBatches, .about = "one micro-batch after the other, pass by pass");
