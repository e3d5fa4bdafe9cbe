// Stores past the caches, a row at a time. A normal store first reads the cache line that it is about to overwrite;
// when nobody reads the output soon, that is traffic for nothing. A row is computed into a small buffer and sent from
// there.
#pragma once

#include <aisp/cpu.hpp>

#include <immintrin.h>

#include <cstdint>

namespace ch09 {

AISP_TARGET_AVX512 inline void stream_avx512(const float* from, std::int64_t n, float* to, const float* next) {
  for (; n && reinterpret_cast<std::uintptr_t>(to) % 64; --n, ++next) *to++ = *from++;
  for (; n >= 16; n -= 16, from += 16, to += 16, next += 16) {
    _mm_prefetch(next, _MM_HINT_T0);
    _mm512_stream_ps(to, _mm512_loadu_ps(from));
  }
  while (n--) *to++ = *from++;
}
AISP_TARGET_AVX2 inline void stream_avx2(const float* from, std::int64_t n, float* to, const float* next) {
  for (; n && reinterpret_cast<std::uintptr_t>(to) % 64; --n, ++next) *to++ = *from++;
  for (; n >= 16; n -= 16, from += 16, to += 16, next += 16) {
    _mm_prefetch(next, _MM_HINT_T0);
    _mm256_stream_ps(to, _mm256_loadu_ps(from));
    _mm256_stream_ps(to + 8, _mm256_loadu_ps(from + 8));
  }
  while (n--) *to++ = *from++;
}
inline void stream_sse(const float* from, std::int64_t n, float* to, const float* next) {
  for (; n && reinterpret_cast<std::uintptr_t>(to) % 64; --n, ++next) *to++ = *from++;
  for (; n >= 16; n -= 16, from += 16, to += 16, next += 16) {
    _mm_prefetch(next, _MM_HINT_T0);
    for (int i = 0; i < 16; i += 4) _mm_stream_ps(to + i, _mm_loadu_ps(from + i));
  }
  while (n--) *to++ = *from++;
}

// to[0…n) = from[0…n). Meanwhile next[0…n), the input needed after this, is fetched into the caches (a hint: any
// address will do), so that loads do not pause while the stores drain. Call stream_fence() once after the last row.
inline void stream(const float* from, std::int64_t n, float* to, const float* next) {
  static const auto best = aisp::cpu::pick(&stream_avx512, &stream_avx2, &stream_sse);
  best(from, n, to, next);
}
inline void stream_fence() { _mm_sfence(); }

}  // namespace ch09
