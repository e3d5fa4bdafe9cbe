#include "device/cpu/peak_kernels.hpp"

#include <aisp/cpu.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// How many accumulators: a 512-bit FMA on Zen 5 and Golden Cove takes 4 cycles and two start per cycle, older cores
// need up to 10 chains (5 cycles × 2). Sixteen chains of 512 bits leave registers for the operands; AVX2 and SSE have
// sixteen registers in all, so twelve.

namespace aisp::device {
namespace {

#if defined(__x86_64__)

// One kernel: CHAINS accumulators x of type V, each updated by STEP per iteration. The empty asm statements ("v": any
// vector register) keep every update and leave no room for algebra across iterations.
#define AISP_CHAIN(NAME, TARGET, V, CHAINS, ZERO, SETUP, STEP)                                                \
  TARGET void NAME(std::int64_t iterations) {                                                                 \
    SETUP;                                                                                                    \
    V acc[CHAINS];                                                                                            \
    _Pragma("GCC unroll 16") for (int i = 0; i < CHAINS; ++i) acc[i] = ZERO;                                  \
    for (std::int64_t n = 0; n < iterations; ++n) _Pragma("GCC unroll 16") for (int i = 0; i < CHAINS; ++i) { \
        V x = acc[i];                                                                                         \
        STEP;                                                                                                 \
        asm("" : "+v"(x));                                                                                    \
        acc[i] = x;                                                                                           \
      }                                                                                                       \
    _Pragma("GCC unroll 16") for (int i = 0; i < CHAINS; ++i) asm volatile("" : : "v"(acc[i]));               \
  }

#if defined(__clang__)  // knows no such preference, and ignores the whole attribute for it
#define AISP_WIDEST
#else
#define AISP_WIDEST ",prefer-vector-width=512"
#endif
#define AISP_TARGET_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni" AISP_WIDEST)))
#define AISP_TARGET_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16" AISP_WIDEST)))
#define AISP_TARGET_AVXVNNI __attribute__((target("avx2,avxvnni")))
#define AISP_TARGET_SSE2

AISP_CHAIN(f32_avx512, AISP_TARGET_AVX512, __m512, 16, _mm512_set1_ps(1), const __m512 a = _mm512_set1_ps(0.5f),
           x = _mm512_fmadd_ps(x, a, a))
AISP_CHAIN(f64_avx512, AISP_TARGET_AVX512, __m512d, 16, _mm512_set1_pd(1), const __m512d a = _mm512_set1_pd(0.5),
           x = _mm512_fmadd_pd(x, a, a))
AISP_CHAIN(i32_avx512, AISP_TARGET_AVX512, __m512i, 16, _mm512_setzero_si512(), const __m512i a = _mm512_set1_epi32(3),
           x = _mm512_add_epi32(x, a))
AISP_CHAIN(i8_vnni512, AISP_TARGET_VNNI, __m512i, 16, _mm512_setzero_si512(), const __m512i a = _mm512_set1_epi8(3),
           x = _mm512_dpbusd_epi32(x, a, a))
AISP_CHAIN(bf16_avx512, AISP_TARGET_BF16, __m512, 16, _mm512_set1_ps(1),
           const __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.5f), _mm512_set1_ps(0.5f)),
           x = _mm512_dpbf16_ps(x, a, a))
AISP_CHAIN(f32_avx2, AISP_TARGET_AVX2, __m256, 12, _mm256_set1_ps(1), const __m256 a = _mm256_set1_ps(0.5f),
           x = _mm256_fmadd_ps(x, a, a))
AISP_CHAIN(f64_avx2, AISP_TARGET_AVX2, __m256d, 12, _mm256_set1_pd(1), const __m256d a = _mm256_set1_pd(0.5),
           x = _mm256_fmadd_pd(x, a, a))
AISP_CHAIN(i32_avx2, AISP_TARGET_AVX2, __m256i, 12, _mm256_setzero_si256(), const __m256i a = _mm256_set1_epi32(3),
           x = _mm256_add_epi32(x, a))
// Without VNNI the fastest legal int8 product sums pairs in 16 bits: one multiply of 32 pairs, one add.
AISP_CHAIN(i8_avx2, AISP_TARGET_AVX2, __m256i, 12, _mm256_set1_epi8(1), const __m256i a = _mm256_set1_epi8(3),
           x = _mm256_maddubs_epi16(x, a))
AISP_CHAIN(i8_avx512, AISP_TARGET_AVX512, __m512i, 16, _mm512_set1_epi8(1), const __m512i a = _mm512_set1_epi8(3),
           x = _mm512_maddubs_epi16(x, a))
AISP_CHAIN(i8_avxvnni, AISP_TARGET_AVXVNNI, __m256i, 12, _mm256_setzero_si256(), const __m256i a = _mm256_set1_epi8(3),
           x = _mm256_dpbusd_avx_epi32(x, a, a))
AISP_CHAIN(f32_sse2, AISP_TARGET_SSE2, __m128, 12, _mm_set1_ps(1), const __m128 a = _mm_set1_ps(0.5f),
           x = _mm_add_ps(_mm_mul_ps(x, a), a))
AISP_CHAIN(f64_sse2, AISP_TARGET_SSE2, __m128d, 12, _mm_set1_pd(1), const __m128d a = _mm_set1_pd(0.5),
           x = _mm_add_pd(_mm_mul_pd(x, a), a))
AISP_CHAIN(i32_sse2, AISP_TARGET_SSE2, __m128i, 12, _mm_setzero_si128(), const __m128i a = _mm_set1_epi32(3),
           x = _mm_add_epi32(x, a))
// 8-bit products on SSE2 go through 16 bits; the bound counts the adds of a packed 8-bit add, which is no slower.
AISP_CHAIN(i8_sse2, AISP_TARGET_SSE2, __m128i, 12, _mm_setzero_si128(), const __m128i a = _mm_set1_epi8(3),
           x = _mm_add_epi8(x, a))

#define AISP_STREAM_READ(NAME, TARGET, V, LOAD, OR, ZERO)                                                       \
  TARGET void NAME(std::byte*, const std::byte* a, const std::byte*, std::size_t bytes, std::int64_t repeats) { \
    constexpr std::size_t kUnroll = 8;                                                                          \
    V acc[kUnroll];                                                                                             \
    _Pragma("GCC unroll 8") for (std::size_t i = 0; i < kUnroll; ++i) acc[i] = ZERO;                            \
    for (; repeats > 0; --repeats) {                                                                            \
      for (std::size_t at = 0; at < bytes; at += kUnroll * sizeof(V))                                           \
        _Pragma("GCC unroll 8") for (std::size_t i = 0; i < kUnroll; ++i) acc[i] =                              \
            OR(acc[i], LOAD(reinterpret_cast<const V*>(a + at + i * sizeof(V))));                               \
      asm volatile("" : : : "memory"); /* the next pass reads again */                                          \
    }                                                                                                           \
    _Pragma("GCC unroll 8") for (std::size_t i = 0; i < kUnroll; ++i) asm volatile("" : : "v"(acc[i]));         \
  }

#define AISP_STREAM_WRITE(NAME, TARGET, V, VALUE, STORE, FENCE)                                              \
  TARGET void NAME(std::byte* c, const std::byte* a, [[maybe_unused]] const std::byte* b, std::size_t bytes, \
                   std::int64_t repeats) {                                                                   \
    constexpr std::size_t kUnroll = 8;                                                                       \
    for (; repeats > 0; --repeats) {                                                                         \
      for (std::size_t from = 0; from < bytes; from += kUnroll * sizeof(V))                                  \
        _Pragma("GCC unroll 8") for (std::size_t i = 0; i < kUnroll; ++i) {                                  \
          const std::size_t at = from + i * sizeof(V);                                                       \
          STORE(reinterpret_cast<V*>(c + at), VALUE);                                                        \
        }                                                                                                    \
      asm volatile("" : : : "memory");                                                                       \
    }                                                                                                        \
    FENCE;                                                                                                   \
  }

#define AISP_LOAD512(P) _mm512_load_si512(reinterpret_cast<const __m512i*>(P))
#define AISP_LOAD256(P) _mm256_load_si256(reinterpret_cast<const __m256i*>(P))
#define AISP_LOAD128(P) _mm_load_si128(reinterpret_cast<const __m128i*>(P))

AISP_STREAM_READ(read_avx512, AISP_TARGET_AVX512, __m512i, AISP_LOAD512, _mm512_or_si512, _mm512_setzero_si512())
AISP_STREAM_READ(read_avx2, AISP_TARGET_AVX2, __m256i, AISP_LOAD256, _mm256_or_si256, _mm256_setzero_si256())
AISP_STREAM_READ(read_sse2, AISP_TARGET_SSE2, __m128i, AISP_LOAD128, _mm_or_si128, _mm_setzero_si128())
AISP_STREAM_WRITE(copy_avx512, AISP_TARGET_AVX512, __m512i, AISP_LOAD512(a + at), _mm512_store_si512, )
AISP_STREAM_WRITE(copy_avx2, AISP_TARGET_AVX2, __m256i, AISP_LOAD256(a + at), _mm256_store_si256, )
AISP_STREAM_WRITE(copy_sse2, AISP_TARGET_SSE2, __m128i, AISP_LOAD128(a + at), _mm_store_si128, )
AISP_STREAM_WRITE(copy_nt_avx512, AISP_TARGET_AVX512, __m512i, AISP_LOAD512(a + at), _mm512_stream_si512, _mm_sfence())
AISP_STREAM_WRITE(copy_nt_avx2, AISP_TARGET_AVX2, __m256i, AISP_LOAD256(a + at), _mm256_stream_si256, _mm_sfence())
AISP_STREAM_WRITE(copy_nt_sse2, AISP_TARGET_SSE2, __m128i, AISP_LOAD128(a + at), _mm_stream_si128, _mm_sfence())
AISP_STREAM_WRITE(add_avx512, AISP_TARGET_AVX512, __m512i, _mm512_add_epi32(AISP_LOAD512(a + at), AISP_LOAD512(b + at)),
                  _mm512_store_si512, )
AISP_STREAM_WRITE(add_avx2, AISP_TARGET_AVX2, __m256i, _mm256_add_epi32(AISP_LOAD256(a + at), AISP_LOAD256(b + at)),
                  _mm256_store_si256, )
AISP_STREAM_WRITE(add_sse2, AISP_TARGET_SSE2, __m128i, _mm_add_epi32(AISP_LOAD128(a + at), AISP_LOAD128(b + at)),
                  _mm_store_si128, )
AISP_STREAM_WRITE(add_nt_avx512, AISP_TARGET_AVX512, __m512i,
                  _mm512_add_epi32(AISP_LOAD512(a + at), AISP_LOAD512(b + at)), _mm512_stream_si512, _mm_sfence())
AISP_STREAM_WRITE(add_nt_avx2, AISP_TARGET_AVX2, __m256i, _mm256_add_epi32(AISP_LOAD256(a + at), AISP_LOAD256(b + at)),
                  _mm256_stream_si256, _mm_sfence())
AISP_STREAM_WRITE(add_nt_sse2, AISP_TARGET_SSE2, __m128i, _mm_add_epi32(AISP_LOAD128(a + at), AISP_LOAD128(b + at)),
                  _mm_stream_si128, _mm_sfence())

// CPUID leaf 7: features that the compiler's builtin does not know everywhere.
bool leaf7_edx(int bit) {
  unsigned a = 0, b = 0, c = 0, d = 0;
  asm volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(7), "c"(0));
  return (d >> bit) & 1;
}
bool leaf7_1_eax(int bit) {
  unsigned a = 0, b = 0, c = 0, d = 0;
  asm volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(7), "c"(1));
  return (a >> bit) & 1;
}

#endif

}  // namespace

#if defined(__x86_64__)

ComputeKernels compute_kernels() {
  ComputeKernels k;
  const auto isa = cpu::isa();
  if (isa == cpu::Isa::avx512) {
    k.f32 = {{f32_avx512, 16 * 32}};
    k.f64 = {{f64_avx512, 16 * 16}};
    k.i32 = {{i32_avx512, 16 * 16}};
    k.i8 = {{i8_avx512, 16 * 128}};
    if (__builtin_cpu_supports("avx512vnni")) k.i8.push_back({i8_vnni512, 16 * 128});
    k.bf16 = k.f32;
    if (__builtin_cpu_supports("avx512bf16")) k.bf16.push_back({bf16_avx512, 16 * 64});
  } else if (isa == cpu::Isa::avx2) {
    k.f32 = {{f32_avx2, 12 * 16}};
    k.f64 = {{f64_avx2, 12 * 8}};
    k.i32 = {{i32_avx2, 12 * 8}};
    k.i8 = {{i8_avx2, 12 * 64}};
    if (leaf7_1_eax(4)) k.i8.push_back({i8_avxvnni, 12 * 64});
    k.bf16 = k.f32;
  } else {
    k.f32 = {{f32_sse2, 12 * 8}};
    k.f64 = {{f64_sse2, 12 * 4}};
    k.i32 = {{i32_sse2, 12 * 4}};
    k.i8 = {{i8_sse2, 12 * 16}};
    k.bf16 = k.f32;
  }
  k.f16 = k.f32;
  if (leaf7_edx(22)) k.bf16.clear();  // AMX-BF16
  if (leaf7_edx(25)) k.i8.clear();    // AMX-INT8
  if (leaf7_edx(23)) k.f16.clear();   // AVX512-FP16
  return k;
}

std::vector<StreamKernel> stream_kernels() {
  switch (cpu::isa()) {
    case cpu::Isa::avx512:
      return {{read_avx512, 1, false},
              {copy_avx512, 2, false},
              {add_avx512, 3, false},
              {copy_nt_avx512, 2, true},
              {add_nt_avx512, 3, true}};
    case cpu::Isa::avx2:
      return {{read_avx2, 1, false},
              {copy_avx2, 2, false},
              {add_avx2, 3, false},
              {copy_nt_avx2, 2, true},
              {add_nt_avx2, 3, true}};
    case cpu::Isa::scalar: break;
  }
  return {{read_sse2, 1, false},
          {copy_sse2, 2, false},
          {add_sse2, 3, false},
          {copy_nt_sse2, 2, true},
          {add_nt_sse2, 3, true}};
}

#else  // no kernels for this architecture yet: no bound is known, and none is claimed

ComputeKernels compute_kernels() { return {}; }
std::vector<StreamKernel> stream_kernels() { return {}; }

#endif

}  // namespace aisp::device
