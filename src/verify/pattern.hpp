// The looks of poison and guard zones. The words are those of Plane::pattern, laid out as elements are (chacha.hpp):
// the word at an index depends on the key and the index alone, and says nothing of the key.
#pragma once

#include <aisp/dtype.hpp>

#include <cstdint>

#include "verify/chacha.hpp"
#include "verify/inline.hpp"

namespace aisp::verify {

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

AISP_INLINE std::uint32_t with_look(std::uint32_t word, const Look& look, std::uint32_t keep, std::uint32_t set) {
  return (static_cast<std::uint32_t>(static_cast<std::int32_t>(word) >> look.arithmetic_shift) & keep) | set;
}

AISP_INLINE std::uint32_t with_look(std::uint32_t word, const Look& look, std::uint64_t index) {
  return index & 1 ? with_look(word, look, look.keep_high, look.set_high)
                   : with_look(word, look, look.keep_low, look.set_low);
}

// The word at `index` alone: as much work as the sixteen of its block.
AISP_INLINE std::uint32_t pattern_word(const Look& look, const Key& key, std::uint64_t index) {
  const Block block = group_block(key, Plane::pattern, static_cast<std::int64_t>(index / kGroup),
                                  static_cast<std::uint32_t>(index % kLanes));
  std::uint32_t word = 0;
  AISP_UNROLL
  for (std::uint64_t q = 0; q < kBlockWords; ++q)  // not by index, which would take a GPU's block out of registers
    if (index / kLanes % kBlockWords == q) word = block.word[q];
  return with_look(word, look, index);
}

}  // namespace aisp::verify
