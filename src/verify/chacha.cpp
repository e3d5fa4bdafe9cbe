// Batches of ChaCha blocks. A SIMD register holds the same word of as many blocks, so a round of the batch reads like a
// round of one block, and the words leave in the order of the elements without being transposed.
#include "verify/chacha.hpp"

#include <cstring>

namespace aisp::verify {
namespace {

template <int bytes> struct Register { typedef std::uint32_t Words __attribute__((vector_size(bytes))); };

template <int bytes> AISP_INLINE void group_words(const Block& initial, std::uint32_t* out) {
  using Words = typename Register<bytes>::Words;
  constexpr std::uint32_t kWidth = bytes / sizeof(std::uint32_t);
  Words start[kBlockWords];
  for (int i = 0; i < kBlockWords; ++i)
    for (std::uint32_t lane = 0; lane < kWidth; ++lane) start[i][lane] = initial.word[i] + (i == 12 ? lane : 0);
  for (std::uint32_t lane = 0; lane < kLanes; lane += kWidth) {
    Words x[kBlockWords];
    AISP_UNROLL
    for (int i = 0; i < kBlockWords; ++i) x[i] = start[i];
    AISP_UNROLL
    for (int round = 0; round < kRounds; round += 2) double_round(x);
    AISP_UNROLL
    for (int i = 0; i < kBlockWords; ++i) {
      x[i] += start[i];
      std::memcpy(out + i * kLanes + lane, &x[i], sizeof x[i]);
    }
    start[12] += kWidth;  // no carry: the first block of a group is a multiple of kLanes
  }
}

void words_plain(const Block& initial, std::uint32_t* out) { group_words<16>(initial, out); }
AISP_TARGET_AVX2 void words_avx2(const Block& initial, std::uint32_t* out) { group_words<32>(initial, out); }
AISP_TARGET_AVX512 void words_avx512(const Block& initial, std::uint32_t* out) { group_words<64>(initial, out); }

}  // namespace

void fill_words(const Key& key, Plane plane, std::int64_t group, std::uint32_t* words, cpu::Isa isa) {
  const Block initial = initial_state(key, counter_of(plane, static_cast<std::uint64_t>(group) * kLanes));
  switch (isa) {
    case cpu::Isa::scalar: return words_plain(initial, words);
    case cpu::Isa::avx2: return words_avx2(initial, words);
    case cpu::Isa::avx512: return words_avx512(initial, words);
  }
}

}  // namespace aisp::verify
