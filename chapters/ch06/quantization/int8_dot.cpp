// INT8 dot products: weights stay one byte each and integer instructions multiply and add them exactly in INT32 (VNNI's
// vpdpbusd takes 64 products an instruction; without it, pairs are widened to 16 bits and vpmaddwd adds them).
// vpdpbusd multiplies unsigned by signed bytes: the weights' sign bit is flipped, which adds 128, and 128·Σx comes off.
// Expected: about four times: a quarter of the bytes, four times the products an instruction. What binds it: reading.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <numeric>
#include <vector>

namespace {

using Int8 = const std::int8_t*;
constexpr std::int64_t rows = 4;

#define AISP_TARGET_VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")))

template <std::size_t N> std::int32_t total(const std::int32_t (&parts)[N]) {
  return std::accumulate(parts, parts + N, std::int32_t{0});
}

#if defined(__x86_64__)
// y[r] = Σ x[r, p]·(w[p] + 128) for Rows rows of x; the last, partial step reads under a mask.
template <int Rows> AISP_TARGET_VNNI void dots_vnni(std::int64_t k, Int8 x, Int8 w, std::int32_t* y) {
  const __m512i flip = _mm512_set1_epi8(-128);
  __m512i sum[Rows];
  for (int r = 0; r < Rows; ++r) sum[r] = _mm512_setzero_si512();
  std::int64_t p = 0;
  for (; p + 64 <= k; p += 64) {
    const __m512i weights = _mm512_xor_si512(_mm512_loadu_si512(w + p), flip);
    for (int r = 0; r < Rows; ++r) sum[r] = _mm512_dpbusd_epi32(sum[r], weights, _mm512_loadu_si512(x + r * k + p));
  }
  if (p < k) {
    const __mmask64 mask = (1ull << (k - p)) - 1;
    const __m512i weights = _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, w + p), flip);
    for (int r = 0; r < Rows; ++r)
      sum[r] = _mm512_dpbusd_epi32(sum[r], weights, _mm512_maskz_loadu_epi8(mask, x + r * k + p));
  }
  for (int r = 0; r < Rows; ++r) {
    std::int32_t parts[16];
    _mm512_storeu_si512(parts, sum[r]);
    y[r] = total(parts);
  }
}
// y[r] = Σ x[r, p]·w[p] for Rows rows of x.
template <int Rows> AISP_TARGET_AVX2 void dots_avx2(std::int64_t k, Int8 x, Int8 w, std::int32_t* y) {
  __m256i sum[Rows];
  for (int r = 0; r < Rows; ++r) sum[r] = _mm256_setzero_si256();
  std::int64_t p = 0;
  for (; p + 16 <= k; p += 16) {
    const __m256i weights = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(w + p)));
    for (int r = 0; r < Rows; ++r) {
      const auto values = _mm_loadu_si128(reinterpret_cast<const __m128i*>(x + r * k + p));
      sum[r] = _mm256_add_epi32(sum[r], _mm256_madd_epi16(weights, _mm256_cvtepi8_epi16(values)));
    }
  }
  for (int r = 0; r < Rows; ++r) {
    std::int32_t parts[8];
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(parts), sum[r]);
    y[r] = total(parts);
    for (std::int64_t q = p; q < k; ++q) y[r] += x[r * k + q] * w[q];
  }
}
#endif
template <int Rows> void dots_plain(std::int64_t k, Int8 x, Int8 w, std::int32_t* y) {
  for (int r = 0; r < Rows; ++r) {
    y[r] = 0;
    for (std::int64_t p = 0; p < k; ++p) y[r] += x[r * k + p] * w[p];
  }
}

struct Dots {
  void (*four)(std::int64_t k, Int8 x, Int8 w, std::int32_t* y);
  void (*one)(std::int64_t k, Int8 x, Int8 w, std::int32_t* y);
  std::int32_t added;  // what the functions add to every weight
};
Dots widest() {
  constexpr Dots plain{dots_plain<rows>, dots_plain<1>, 0};
#if defined(__x86_64__)
  constexpr Dots avx2{dots_avx2<rows>, dots_avx2<1>, 0}, vnni{dots_vnni<rows>, dots_vnni<1>, 128};
  return aisp::cpu::pick(__builtin_cpu_supports("avx512vnni") ? vnni : avx2, avx2, plain);
#else
  return plain;
#endif
}

class Int8Dot {
 public:
  explicit Int8Dot(const aisp::Setup& setup) : correction_(static_cast<std::size_t>(setup.param("batch"))) {}
  void operator()(aisp::Matrix<const std::int8_t> x, aisp::Vector<const float> x_scale,
                  aisp::Matrix<const std::int8_t> w, aisp::Vector<const float> w_scale, aisp::Matrix<float> y) {
    const auto batch = x.dim(0), k = x.dim(1), n = y.dim(1);
    for (std::int64_t b = 0; b < batch; ++b)
      correction_[b] = dots_.added * std::accumulate(&x(b, 0), &x(b, 0) + k, std::int32_t{0});
    for (std::int64_t j = 0; j < n; ++j) {
      std::int32_t sums[rows];
      for (std::int64_t b = 0; b < batch;) {
        const auto count = batch - b >= rows ? rows : 1;
        (count == rows ? dots_.four : dots_.one)(k, &x(b, 0), &w(j, 0), sums);
        for (std::int64_t r = 0; r < count; ++r, ++b)
          y(b, j) = x_scale[b] * w_scale[j] * static_cast<float>(sums[r] - correction_[b]);
      }
    }
  }

 private:
  const Dots dots_ = widest();
  std::vector<std::int32_t> correction_;
};

}  // namespace

AISP_VARIANT(Int8Dot, .about = "INT8 weights, INT32 sums by integer dot products");
