// Batches of Philox blocks. Drawing costs as much as timing a memory-bound target, and most of drawing is this: ten
// rounds of two 32 × 32 → 64 bit products. A SIMD multiplier makes such products for every other lane of 32 bits only,
// so a vector of blocks takes two, whose halves are then sorted into a vector of high and one of low words; compilers
// find longer ways.
#include "verify/philox.hpp"

#include <aisp/cpu.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace aisp::verify {
namespace {

// Where the words of one group of elements start: blocks `low` … low + kLanes − 1 of a stream.
struct Group {
  std::uint32_t low, high, plane, k0, k1;
};

void words_plain(const Group& g, std::uint32_t* out) {
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
    const Block b = philox4x32({{g.low + lane, g.high, g.plane, 0}}, g.k0, g.k1);
    for (int w = 0; w < 4; ++w) out[lane + w * kLanes] = b.word[w];
  }
}

#if defined(__x86_64__)

AISP_TARGET_AVX512 inline __m512i all512(std::uint32_t x) { return _mm512_set1_epi32(static_cast<int>(x)); }
AISP_TARGET_AVX2 inline __m256i all256(std::uint32_t x) { return _mm256_set1_epi32(static_cast<int>(x)); }
AISP_TARGET_AVX2 inline void store256(std::uint32_t* to, __m256i v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v);
}

// high and low words of c · m, lane by lane.
AISP_TARGET_AVX512 inline void multiply(__m512i c, __m512i m, __m512i& high, __m512i& low) {
  constexpr __mmask8 k = 0xFF;  // all: GCC 12 warns about the forms without a mask (PR 105593)
  const __m512i even = _mm512_maskz_mul_epu32(k, c, m);
  const __m512i odd = _mm512_maskz_mul_epu32(k, _mm512_maskz_srli_epi64(k, c, 32), m);
  low = _mm512_mask_shuffle_epi32(even, 0xAAAA, odd, _MM_PERM_CCAA);
  high = _mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB);
}
AISP_TARGET_AVX2 inline void multiply(__m256i c, __m256i m, __m256i& high, __m256i& low) {
  const __m256i even = _mm256_mul_epu32(c, m), odd = _mm256_mul_epu32(_mm256_srli_epi64(c, 32), m);
  low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
  high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
}

AISP_TARGET_AVX512 void words_avx512(const Group& g, std::uint32_t* out) {
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (std::uint32_t lane = 0; lane < kLanes; lane += 16, out += 16) {
    __m512i c0 = _mm512_add_epi32(all512(g.low + lane), lanes), c1 = all512(g.high), c2 = all512(g.plane),
            c3 = all512(0);
#pragma GCC unroll 10
    for (std::uint32_t round = 0; round < 10; ++round) {
      __m512i high0, low0, high1, low1;
      multiply(c0, all512(kPhiloxM0), high0, low0);
      multiply(c2, all512(kPhiloxM1), high1, low1);
      constexpr int exclusive_or = 0x96;
      c0 = _mm512_ternarylogic_epi32(high1, c1, all512(g.k0 + round * kPhiloxW0), exclusive_or);
      c2 = _mm512_ternarylogic_epi32(high0, c3, all512(g.k1 + round * kPhiloxW1), exclusive_or);
      c1 = low1;
      c3 = low0;
    }
    _mm512_storeu_si512(out, c0);
    _mm512_storeu_si512(out + kLanes, c1);
    _mm512_storeu_si512(out + 2 * kLanes, c2);
    _mm512_storeu_si512(out + 3 * kLanes, c3);
  }
}

AISP_TARGET_AVX2 void words_avx2(const Group& g, std::uint32_t* out) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  for (std::uint32_t lane = 0; lane < kLanes; lane += 8, out += 8) {
    __m256i c0 = _mm256_add_epi32(all256(g.low + lane), lanes), c1 = all256(g.high), c2 = all256(g.plane),
            c3 = all256(0);
#pragma GCC unroll 10
    for (std::uint32_t round = 0; round < 10; ++round) {
      __m256i high0, low0, high1, low1;
      multiply(c0, all256(kPhiloxM0), high0, low0);
      multiply(c2, all256(kPhiloxM1), high1, low1);
      c0 = _mm256_xor_si256(_mm256_xor_si256(high1, c1), all256(g.k0 + round * kPhiloxW0));
      c2 = _mm256_xor_si256(_mm256_xor_si256(high0, c3), all256(g.k1 + round * kPhiloxW1));
      c1 = low1;
      c3 = low0;
    }
    store256(out, c0);
    store256(out + kLanes, c1);
    store256(out + 2 * kLanes, c2);
    store256(out + 3 * kLanes, c3);
  }
}

using Words = void(const Group&, std::uint32_t* out);
Words* widest() { return cpu::pick<Words*>(&words_avx512, &words_avx2, &words_plain); }
#else
auto widest() { return &words_plain; }
#endif

}  // namespace

Block philox(Key key, std::uint64_t counter) {
  return philox4x32({{static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32), 0, 0}},
                    static_cast<std::uint32_t>(key.value), static_cast<std::uint32_t>(key.value >> 32));
}

std::uint64_t below(Key key, std::uint64_t n) {
  const auto drawn = philox(key, 0);
  return ((std::uint64_t{drawn.word[0]} << 32) | drawn.word[1]) % n;
}

void fill_words(Key key, Plane plane, std::int64_t first, std::uint32_t* words) {
  static const auto group_words = widest();
  for (std::int64_t group = 0; group < kChunk / kGroup; ++group) {
    const auto block = static_cast<std::uint64_t>(first / kGroup + group) * kLanes;
    group_words(
        {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), static_cast<std::uint32_t>(plane),
         static_cast<std::uint32_t>(key.value), static_cast<std::uint32_t>(key.value >> 32)},
        words + group * kGroup);
  }
}

}  // namespace aisp::verify
