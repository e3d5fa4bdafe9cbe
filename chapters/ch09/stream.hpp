// Stores past the caches. A normal store first reads the cache line that it is about to overwrite; when nobody reads
// the output soon, that is traffic for nothing. A kernel takes its vector and the way it stores as one template
// parameter, and is compiled for each instruction set inside a function with that AISP_TARGET. Streaming stores should
// fill whole lines, so there is a plain one for rows that are not made of such.
#pragma once

#include <aisp/cpu.hpp>

#include <immintrin.h>

#include <cstdint>

#include "lanes.hpp"

namespace ch09 {

template <int Bytes> struct Cached {
  using V = Vector<Bytes>;
  [[gnu::always_inline]] static inline void put(float* to, const V& v) { store(to, v); }
};

template <int Bytes> struct Streamed;
template <> struct Streamed<64> {
  using V = Vector<64>;
  AISP_TARGET_AVX512 static void put(float* to, const V& v) { _mm512_stream_ps(to, v); }
};
template <> struct Streamed<32> {
  using V = Vector<32>;
  AISP_TARGET_AVX2 static void put(float* to, const V& v) { _mm256_stream_ps(to, v); }
};
template <> struct Streamed<16> {
  using V = Vector<16>;
  static void put(float* to, const V& v) { _mm_stream_ps(to, v); }
};

// Do all rows of a matrix at `y` start and end on a cache line?
inline bool whole_lines(const float* y, std::int64_t cols) {
  return cols % kLanes == 0 && reinterpret_cast<std::uintptr_t>(y) % 64 == 0;
}
// Streamed stores are seen by other cores only after this.
inline void stream_fence() { _mm_sfence(); }

}  // namespace ch09
