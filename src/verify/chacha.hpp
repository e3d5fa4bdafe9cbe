// ChaCha as a counter-based generator, one block at a time and in batches laid out for SIMD and for the warps of a GPU.
//
// Any word of a stream can be computed alone, and no number of words gives the key or another word: D. J. Bernstein,
// "ChaCha, a variant of Salsa20", SASC 2008.
#pragma once

#include <aisp/cpu.hpp>

#include <cstdint>

#include "verify/inline.hpp"
#include "verify/random.hpp"

namespace aisp::verify {

// The best published attacks reach 7 rounds, with more work than anybody can do (Aumasson et al., "New features of
// Latin dances", FSE'08, and its successors), and a worker has the seconds of a run. 12 rounds on a CPU draw as fast as
// Philox4x32-10, which was here before and hides nothing: bench/drawing.
inline constexpr int kRounds = 12;

inline constexpr int kBlockWords = 16;
struct Block {
  std::uint32_t word[kBlockWords];
};

// The last row of the state: a counter and a nonce, 64 bits each.
struct Counter {
  std::uint32_t word[4];
};

// T: a word, or a SIMD register of them.
template <int by, class T> AISP_INLINE void rotate_left(T& x) { x = (x << by) | (x >> (32 - by)); }

template <class T> AISP_INLINE void quarter_round(T& a, T& b, T& c, T& d) {
  a += b, d ^= a, rotate_left<16>(d);
  c += d, b ^= c, rotate_left<12>(b);
  a += b, d ^= a, rotate_left<8>(d);
  c += d, b ^= c, rotate_left<7>(b);
}

template <class T> AISP_INLINE void double_round(T* x) {
  quarter_round(x[0], x[4], x[8], x[12]);
  quarter_round(x[1], x[5], x[9], x[13]);
  quarter_round(x[2], x[6], x[10], x[14]);
  quarter_round(x[3], x[7], x[11], x[15]);
  quarter_round(x[0], x[5], x[10], x[15]);
  quarter_round(x[1], x[6], x[11], x[12]);
  quarter_round(x[2], x[7], x[8], x[13]);
  quarter_round(x[3], x[4], x[9], x[14]);
}

// The state that the rounds start from: "expand 32-byte k", the key, the counter.
AISP_INLINE Block initial_state(const Key& key, const Counter& counter) {
  Block b{{0x61707865u, 0x3320646eu, 0x79622d32u, 0x6b206574u}};
  AISP_UNROLL
  for (int i = 0; i < 4; ++i) {
    b.word[4 + 2 * i] = static_cast<std::uint32_t>(key.word[i]);
    b.word[5 + 2 * i] = static_cast<std::uint32_t>(key.word[i] >> 32);
    b.word[12 + i] = counter.word[i];
  }
  return b;
}

template <int rounds = kRounds> AISP_INLINE Block chacha(const Key& key, const Counter& counter) {
  static_assert(rounds % 2 == 0);
  const Block initial = initial_state(key, counter);
  Block b = initial;
  AISP_UNROLL
  for (int round = 0; round < rounds; round += 2) double_round(b.word);
  AISP_UNROLL
  for (int i = 0; i < kBlockWords; ++i) b.word[i] += initial.word[i];
  return b;
}

// Independent sources of words under one key: the nonce.
enum class Plane : std::uint32_t { value, low_bits, mask, shape, pattern, stream };

// Elements come in groups of 1024 that share 64 blocks: element i has word (i / 64) mod 16 of block
// 64 · (i / 1024) + i mod 64. So neighbours in memory are neighbours in a SIMD register, or in a warp.
inline constexpr std::int64_t kLanes = 64, kGroup = kBlockWords * kLanes;

AISP_INLINE Counter counter_of(Plane plane, std::uint64_t block) {
  return {{static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32),
           static_cast<std::uint32_t>(plane), 0}};
}

// The block of `lane` in a group: word q belongs to element 1024 · group + 64 · q + lane.
AISP_INLINE Block group_block(const Key& key, Plane plane, std::int64_t group, std::uint32_t lane) {
  return chacha(key, counter_of(plane, static_cast<std::uint64_t>(group) * kLanes + lane));
}

// The words of the elements of one group, by the widest instruction set of this machine, or by one that it has.
void fill_words(const Key& key, Plane plane, std::int64_t group, std::uint32_t* words, cpu::Isa = cpu::isa());

}  // namespace aisp::verify
