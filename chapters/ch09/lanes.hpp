// Floats in a vector register for the row kernels of this chapter, in GCC's vector extension. Two ways to use it:
// Lanes, sixteen floats, inside an AISP_SIMD function, where one operation becomes one AVX-512, two AVX2 or four SSE
// instructions; or Vector<64>, Vector<32>, Vector<16> inside functions for one instruction set each, which keeps more
// in registers than Lanes does on a machine without AVX-512. Everything is passed by reference, as the calling
// convention of a vector depends on the instruction set; it all inlines.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace ch09 {

template <int Bytes> struct VectorOf {
  typedef float Floats __attribute__((vector_size(Bytes)));
  typedef std::uint32_t Bits __attribute__((vector_size(Bytes)));
};
template <int Bytes> using Vector = typename VectorOf<Bytes>::Floats;
template <class V> constexpr std::int64_t lanes_of = sizeof(V) / sizeof(float);

using Lanes = Vector<64>;
constexpr std::int64_t kLanes = lanes_of<Lanes>;

template <class V> [[gnu::always_inline]] inline void load(const float* from, V& v) { std::memcpy(&v, from, sizeof v); }
template <class V> [[gnu::always_inline]] inline void store(float* to, const V& v) { std::memcpy(to, &v, sizeof v); }

// The first `count` elements, fewer than there are lanes; the other lanes hold `fill`.
template <class V>
[[gnu::always_inline]] inline void load_some(const float* from, std::int64_t count, float fill, V& v) {
  float lanes[lanes_of<V>];
  std::fill(std::copy_n(from, count, lanes), lanes + lanes_of<V>, fill);
  std::memcpy(&v, lanes, sizeof v);
}
template <class V> [[gnu::always_inline]] inline void store_some(float* to, std::int64_t count, const V& v) {
  float lanes[lanes_of<V>];
  std::memcpy(lanes, &v, sizeof v);
  std::copy_n(lanes, count, to);
}

template <class V> [[gnu::always_inline]] inline float sum_of(const V& v) {
  float sum = 0;
  for (std::int64_t l = 0; l < lanes_of<V>; ++l) sum += v[l];
  return sum;
}
// Each lane becomes the larger of itself and the one `Distance` from it.
template <int Distance, class V, std::size_t... Lane>
[[gnu::always_inline]] inline void fold_max(V& v, std::index_sequence<Lane...>) {
  const V other = __builtin_shufflevector(v, v, (Lane ^ Distance)...);
  v = other > v ? other : v;
}
template <class V> [[gnu::always_inline]] inline float max_of(const V& v) {
  constexpr auto lanes = std::make_index_sequence<lanes_of<V>>{};
  V top = v;
  if constexpr (lanes_of<V> == 16) fold_max<8>(top, lanes);
  if constexpr (lanes_of<V> >= 8) fold_max<4>(top, lanes);
  return std::max(std::max(top[0], top[1]), std::max(top[2], top[3]));
}

// x → eˣ for x ≤ 88, within 1.5 · 2⁻²⁴ of eˣ (relative, over all floats from −87.33 to 88); results below 2⁻¹²⁶ are
// zero. eˣ = 2ⁿ·eʳ with n = round(x / ln 2) and |r| ≤ ln 2 / 2 (ln 2 in two parts keeps r exact to the last bit, Cody
// and Waite 1980), eʳ by a minimax polynomial of degree 6, and 2ⁿ added to the exponent.
template <class V> [[gnu::always_inline]] inline void exp(V& x) {
  using Bits = typename VectorOf<sizeof(V)>::Bits;
  constexpr float kLog2e = 0x1.715476p+0f, kLn2High = 0x1.62ep-1f, kLn2Low = 0x1.0bfbe8p-15f;
  constexpr float kRound = 0x1.8p23f;  // adding it leaves the rounded integer in the low bits of the fraction
  const V shifted = x * kLog2e + kRound;
  const V n = shifted - kRound;
  const V r = (x - n * kLn2High) - n * kLn2Low;
  V p = r * 0x1.6850e4p-10f + 0x1.123bccp-7f;
  p = p * r + 0x1.555b98p-5f;
  p = p * r + 0x1.55548ep-3f;
  p = p * r + 0x1.fffff8p-2f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const Bits result = reinterpret_cast<Bits>(p) + (reinterpret_cast<Bits>(shifted) << 23);
  x = x > -87.33f ? reinterpret_cast<V>(result) : V{};
}

// t → 2ᵗ for t ≤ 127, within 3.7 · 2⁻²⁴ of it (relative); below −126 it stays 2⁻¹²⁶. Four instructions fewer than exp:
// the remainder r = t − round(t) is exact, the polynomial of degree 5, and t bounded in place of the result.
template <class V> [[gnu::always_inline]] inline void exp2(V& t) {
  using Bits = typename VectorOf<sizeof(V)>::Bits;
  constexpr float kRound = 0x1.8p23f;
  const V least = V{} - 126.0f;
  t = least > t ? least : t;
  const V shifted = t + kRound;
  const V r = t - (shifted - kRound);
  V p = r * 0x1.5c08e6p-10f + 0x1.3d0c52p-7f;
  p = p * r + 0x1.c6b6e4p-5f;
  p = p * r + 0x1.ebf918p-3f;
  p = p * r + 0x1.62e428p-1f;
  p = p * r + 1.0f;
  t = reinterpret_cast<V>(reinterpret_cast<Bits>(p) + (reinterpret_cast<Bits>(shifted) << 23));
}

}  // namespace ch09
