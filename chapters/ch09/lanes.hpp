// Sixteen floats at a time for the row kernels of this chapter, in GCC's vector extension: inside an AISP_SIMD function
// one operation on Lanes becomes one AVX-512, two AVX2 or four SSE instructions. Everything is passed by reference, as
// the calling convention of a vector depends on the instruction set; it all inlines.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace ch09 {

constexpr std::int64_t kLanes = 16;
using Lanes [[gnu::vector_size(64)]] = float;
using BitLanes [[gnu::vector_size(64)]] = std::uint32_t;
using Unaligned [[gnu::vector_size(64), gnu::aligned(4), gnu::may_alias]] = float;

[[gnu::always_inline]] inline void load(const float* from, Lanes& v) { v = *reinterpret_cast<const Unaligned*>(from); }
[[gnu::always_inline]] inline void store(float* to, const Lanes& v) { *reinterpret_cast<Unaligned*>(to) = v; }

// The first `count` < 16 elements; the other lanes hold `fill`.
[[gnu::always_inline]] inline void load_some(const float* from, std::int64_t count, float fill, Lanes& v) {
  float lanes[kLanes];
  std::fill(std::copy_n(from, count, lanes), lanes + kLanes, fill);
  std::memcpy(&v, lanes, sizeof v);
}
[[gnu::always_inline]] inline void store_some(float* to, std::int64_t count, const Lanes& v) {
  float lanes[kLanes];
  std::memcpy(lanes, &v, sizeof v);
  std::copy_n(lanes, count, to);
}

[[gnu::always_inline]] inline float sum_of(const Lanes& v) {
  float sum = 0;
  for (int l = 0; l < kLanes; ++l) sum += v[l];
  return sum;
}
[[gnu::always_inline]] inline float max_of(const Lanes& v) {
  Lanes top = v, other;
  other = __builtin_shufflevector(top, top, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  top = other > top ? other : top;
  other = __builtin_shufflevector(top, top, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
  top = other > top ? other : top;
  return std::max(std::max(top[0], top[1]), std::max(top[2], top[3]));
}

// x → eˣ for x ≤ 88, within 1.5 · 2⁻²⁴ of eˣ (relative, over all floats from −87.33 to 88); results below 2⁻¹²⁶ are
// zero. eˣ = 2ⁿ·eʳ with n = round(x / ln 2) and |r| ≤ ln 2 / 2 (ln 2 in two parts keeps r exact to the last bit, Cody
// and Waite 1980), eʳ by a minimax polynomial of degree 6, and 2ⁿ added to the exponent.
[[gnu::always_inline]] inline void exp(Lanes& x) {
  constexpr float kLog2e = 0x1.715476p+0f, kLn2High = 0x1.62ep-1f, kLn2Low = 0x1.0bfbe8p-15f;
  constexpr float kRound = 0x1.8p23f;  // adding it leaves the rounded integer in the low bits of the fraction
  const Lanes shifted = x * kLog2e + kRound;
  const Lanes n = shifted - kRound;
  const Lanes r = (x - n * kLn2High) - n * kLn2Low;
  Lanes p = r * 0x1.6850e4p-10f + 0x1.123bccp-7f;
  p = p * r + 0x1.555b98p-5f;
  p = p * r + 0x1.55548ep-3f;
  p = p * r + 0x1.fffff8p-2f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const BitLanes result = reinterpret_cast<BitLanes>(p) + (reinterpret_cast<BitLanes>(shifted) << 23);
  x = x > -87.33f ? reinterpret_cast<Lanes>(result) : Lanes{};
}

}  // namespace ch09
