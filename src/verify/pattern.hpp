// The pattern of poison and guard zones, word by word: the word at an index depends on the key and the index alone.
#pragma once

#include <aisp/dtype.hpp>

#include <cstdint>

#include "verify/inline.hpp"
#include "verify/random.hpp"

namespace aisp::verify {

// SplitMix64's finaliser (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA'14).
AISP_INLINE constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// Poison and guards need no statistics, only to be unlike anything computed: one keyed 32-bit mix of the word's index.
AISP_INLINE std::uint32_t mix32(std::uint32_t x, std::uint32_t k0, std::uint32_t k1) {
  x += k0;
  x = (x ^ (x >> 16)) * 0x7FEB352Du;
  x = (x ^ (x >> 15) ^ k1) * 0x846CA68Bu;
  return x ^ (x >> 16);
}

// How a 32-bit random word becomes elements that look like ordinary data: floats of either sign between 2^-7 and 2
// (2^-3 and 2 for E4M3), 32-bit integers below 2^19. `low` and `high` apply to the even and odd words.
struct Look {
  std::uint32_t keep_low, set_low, keep_high, set_high;
  int arithmetic_shift = 0;
};

constexpr Look look_of(DType t) {
  const auto same = [](std::uint32_t keep, std::uint32_t set) { return Look{keep, set, keep, set}; };
  switch (t) {
    case DType::f64: return {~0u, 0, 0x807fffffu, 0x3f800000u};
    case DType::f32: return same(0x83ffffffu, 0x3c000000u);
    case DType::f16: return same(0x9fff9fffu, 0x20002000u);
    case DType::bf16: return same(0x83ff83ffu, 0x3c003c00u);
    case DType::f8e4m3:
    case DType::f8e5m2: return same(0x9f9f9f9fu, 0x20202020u);
    case DType::i64: return {0x0007ffffu, 0, 0, 0};
    case DType::i32: return {~0u, 0, ~0u, 0, 12};
    case DType::i8:
    case DType::u8: break;
  }
  return same(~0u, 0);
}

// The key of the run of 2^30 words that word `index` lies in: every 32-bit counter comes once per key.
AISP_INLINE std::uint64_t pattern_key(Key key, std::uint64_t index) { return mix64(key.value ^ (index >> 30)); }

AISP_INLINE std::uint32_t with_look(std::uint32_t word, const Look& look, std::uint32_t keep, std::uint32_t set) {
  return (static_cast<std::uint32_t>(static_cast<std::int32_t>(word) >> look.arithmetic_shift) & keep) | set;
}

AISP_INLINE std::uint32_t pattern_word(const Look& look, Key key, std::uint64_t index) {
  const std::uint64_t k = pattern_key(key, index);
  const std::uint32_t word =
      mix32(static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(k), static_cast<std::uint32_t>(k >> 32));
  return index & 1 ? with_look(word, look, look.keep_high, look.set_high)
                   : with_look(word, look, look.keep_low, look.set_low);
}

}  // namespace aisp::verify
