// Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11), one block at a time
// and in batches laid out for SIMD.
#pragma once

#include "verify/inline.hpp"
#include "verify/random.hpp"

#include <cstdint>

namespace aisp::verify {

// Multipliers and key increments of Philox4x32.
inline constexpr std::uint32_t kPhiloxM0 = 0xD2511F53u, kPhiloxM1 = 0xCD9E8D57u;
inline constexpr std::uint32_t kPhiloxW0 = 0x9E3779B9u, kPhiloxW1 = 0xBB67AE85u;

struct Counter {
  std::uint32_t word[4];
};

AISP_INLINE Block philox4x32(Counter c, std::uint32_t k0, std::uint32_t k1) {
  std::uint32_t c0 = c.word[0], c1 = c.word[1], c2 = c.word[2], c3 = c.word[3];
  AISP_UNROLL
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{kPhiloxM0} * c0, p1 = std::uint64_t{kPhiloxM1} * c2;
    c0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ k0;
    c2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<std::uint32_t>(p1);
    c3 = static_cast<std::uint32_t>(p0);
    k0 += kPhiloxW0;
    k1 += kPhiloxW1;
  }
  return {{c0, c1, c2, c3}};
}

// Independent sources of words for the same elements: the third counter word.
enum class Plane : std::uint32_t { value, low_bits, mask, shape };

// Elements come in groups of 256 that share 64 blocks: element i has word (i / 64) mod 4 of block
// 64 · (i / 256) + i mod 64. So neighbours in memory are neighbours in a SIMD register (or a warp).
inline constexpr std::int64_t kGroup = 256, kLanes = 64;
inline constexpr std::int64_t kChunk = 4 * kGroup;  // elements that the drawing loops handle at a time

// The block of `lane` in a group: word q belongs to element 256 · group + 64 · q + lane.
AISP_INLINE Block group_block(Key key, Plane plane, std::int64_t group, std::uint32_t lane) {
  const std::uint64_t block = static_cast<std::uint64_t>(group) * kLanes;
  return philox4x32({{static_cast<std::uint32_t>(block) + lane, static_cast<std::uint32_t>(block >> 32),
                      static_cast<std::uint32_t>(plane), 0}},
                    static_cast<std::uint32_t>(key.value), static_cast<std::uint32_t>(key.value >> 32));
}

// The words of elements [first, first + kChunk); `first` is a multiple of kChunk.
void fill_words(Key key, Plane plane, std::int64_t first, std::uint32_t* words);

}  // namespace aisp::verify
