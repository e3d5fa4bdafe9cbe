// Run-time dispatch between instruction sets, so that one binary runs on any x86-64.
//
// Two ways: AISP_SIMD before a plain loop lets the compiler vectorise it once per instruction set and pick at load;
// pick() chooses between functions written by hand with AISP_TARGET_AVX2 / AISP_TARGET_AVX512 and intrinsics.
// AISP_ISA=scalar|avx2|avx512 in the environment of a process caps what isa() reports.
#pragma once

#include <cstdlib>
#include <cstring>

#if defined(__x86_64__)
#define AISP_TARGET_AVX2 __attribute__((target("avx2,fma,f16c,bmi2")))
#if defined(__clang__)  // knows no prefer-vector-width here
#define AISP_TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,bmi2")))
#else
#define AISP_TARGET_AVX512 \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,bmi2,prefer-vector-width=512")))
#endif
#else
#define AISP_TARGET_AVX2
#define AISP_TARGET_AVX512
#endif

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(AISP_NO_CLONES)
#define AISP_SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define AISP_SIMD
#endif

namespace aisp::cpu {

enum class Isa { scalar, avx2, avx512 };

inline const char* name(Isa isa) { return isa == Isa::avx512 ? "avx512" : isa == Isa::avx2 ? "avx2" : "scalar"; }

// The widest instruction set that this processor and operating system offer (AVX-512 means F, BW, DQ and VL).
inline Isa isa() {
  static const Isa widest = [] {
    Isa found = Isa::scalar;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found = Isa::avx2;
    if (found == Isa::avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
      found = Isa::avx512;
#endif
    if (const char* cap = std::getenv("AISP_ISA")) {
      if (!std::strcmp(cap, "scalar")) return Isa::scalar;
      if (!std::strcmp(cap, "avx2") && found == Isa::avx512) return Isa::avx2;
    }
    return found;
  }();
  return widest;
}

// The best of three implementations that this machine can run.
template <class Function> Function pick(Function avx512, Function avx2, Function scalar) {
  return isa() == Isa::avx512 ? avx512 : isa() == Isa::avx2 ? avx2 : scalar;
}

}  // namespace aisp::cpu
