// Non-temporal: as vectorised, with stores that go past the caches. A line is written whole, so it need not be read
// first, and what the caches hold stays there. Expected: up to 1.5 times vectorised for data in memory (2 transfers
// instead of 3); slower while everything would have fitted a cache. What binds it: memory bandwidth.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>

namespace {

#if defined(__x86_64__)
AISP_TARGET_AVX512 void copy_avx512(std::int64_t n, const float* x, float* y) {
  std::int64_t i = 0;
  for (; i < n && reinterpret_cast<std::uintptr_t>(y + i) % 64; ++i) y[i] = x[i];
  for (; i + 16 <= n; i += 16) _mm512_stream_ps(y + i, _mm512_loadu_ps(x + i));
  for (; i < n; ++i) y[i] = x[i];
  _mm_sfence();
}
AISP_TARGET_AVX2 void copy_avx2(std::int64_t n, const float* x, float* y) {
  std::int64_t i = 0;
  for (; i < n && reinterpret_cast<std::uintptr_t>(y + i) % 64; ++i) y[i] = x[i];
  for (; i + 16 <= n; i += 16) {  // a whole line before the next one
    const __m256 low = _mm256_loadu_ps(x + i), high = _mm256_loadu_ps(x + i + 8);
    _mm256_stream_ps(y + i, low);
    _mm256_stream_ps(y + i + 8, high);
  }
  for (; i < n; ++i) y[i] = x[i];
  _mm_sfence();
}
void copy_sse2(std::int64_t n, const float* x, float* y) {
  std::int64_t i = 0;
  for (; i < n && reinterpret_cast<std::uintptr_t>(y + i) % 64; ++i) y[i] = x[i];
  for (; i + 16 <= n; i += 16)
    for (std::int64_t part = 0; part < 16; part += 4) _mm_stream_ps(y + i + part, _mm_loadu_ps(x + i + part));
  for (; i < n; ++i) y[i] = x[i];
  _mm_sfence();
}

void nontemporal(aisp::Vector<const float> x, aisp::Vector<float> y) {
  using Copy = void (*)(std::int64_t n, const float* x, float* y);
  aisp::cpu::pick<Copy>(copy_avx512, copy_avx2, copy_sse2)(y.size(), x.data, y.data);
}
#else
void nontemporal(aisp::Vector<const float> x, aisp::Vector<float> y) { std::copy(x.begin(), x.end(), y.begin()); }
#endif

}  // namespace

AISP_VARIANT(nontemporal, .about = "streaming stores");
