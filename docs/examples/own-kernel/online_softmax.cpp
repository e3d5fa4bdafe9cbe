// Softmax that reads its input twice instead of three times: maximum and sum in one pass, where a new maximum rescales
// the sum so far (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018).
// The baseline is bound by std::exp, one element at a time. Here the compiler makes vectors of exp_of(), and the
// maximum is looked up once a block, so that the inner loops have no branch.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace {

constexpr int kLanes = 16;            // sums that run side by side: as many floats as the widest vector holds
constexpr std::int64_t kBlock = 512;  // elements that share a maximum; stays in L1

// exp(x) for x <= 0, to 2 ulp: x = n ln 2 + r with a whole n, 2^n by shifting bits into place, and e^r by Cephes'
// polynomial. Below −87 it is 1.6e−38 instead of less.
inline float exp_of(float x) {
  constexpr float kRound = 0x1.8p23f;  // adding it leaves the nearest whole number in the low bits
  x = x > -87.0f ? x : -87.0f;
  const float shifted = x * 1.44269504f + kRound, n = shifted - kRound;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const auto power = (std::bit_cast<std::uint32_t>(shifted) << 23) + 0x3f800000u;
  return (p * r * r + r + 1) * std::bit_cast<float>(power);
}

AISP_SIMD float max_of(const float* x, std::int64_t n) {
  float most[kLanes], top = x[0];
  for (float& m : most) m = x[0];
  std::int64_t j = 0;
  for (; j + kLanes <= n; j += kLanes)
    for (int l = 0; l < kLanes; ++l) most[l] = x[j + l] > most[l] ? x[j + l] : most[l];
  for (; j < n; ++j) top = std::max(top, x[j]);
  return std::max(top, *std::max_element(most, most + kLanes));
}

AISP_SIMD float sum_of_exp(const float* x, std::int64_t n, float top) {
  float part[kLanes] = {}, sum = 0;
  std::int64_t j = 0;
  for (; j + kLanes <= n; j += kLanes)
    for (int l = 0; l < kLanes; ++l) part[l] += exp_of(x[j + l] - top);
  for (; j < n; ++j) sum += exp_of(x[j] - top);
  for (const float p : part) sum += p;
  return sum;
}

AISP_SIMD void scaled_exp(const float* x, std::int64_t n, float top, float scale, float* __restrict y) {
  for (std::int64_t j = 0; j < n; ++j) y[j] = exp_of(x[j] - top) * scale;
}

void online(aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  const auto rows = x.dim(0), cols = x.dim(1);
  for (std::int64_t i = 0; i < rows; ++i) {
    const float* in = &x(i, 0);
    float top = -std::numeric_limits<float>::infinity(), sum = 0;
    for (std::int64_t j = 0; j < cols; j += kBlock) {
      const auto n = std::min(kBlock, cols - j);
      if (const float highest = max_of(in + j, n); highest > top) {
        sum *= std::exp(top - highest);
        top = highest;
      }
      sum += sum_of_exp(in + j, n, top);
    }
    scaled_exp(in, cols, top, 1 / sum, &y(i, 0));
  }
}

}  // namespace

AISP_VARIANT(online, .about = "maximum and sum in one pass");
