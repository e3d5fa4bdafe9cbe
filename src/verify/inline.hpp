// Functions of single elements: inlined into the loops of the CPU, and into kernels where nvcc compiles them, so that
// both compute the same bits.
#pragma once

#if defined(__CUDACC__)
#define AISP_INLINE __host__ __device__ __forceinline__
#else
#define AISP_INLINE [[gnu::always_inline]] inline
#endif

// Before a short loop: unrolled, so that it stays in the registers of a SIMD loop around it.
#if defined(__CUDA_ARCH__)
#define AISP_UNROLL _Pragma("unroll")
#elif defined(__CUDACC__)
#define AISP_UNROLL
#else
#define AISP_UNROLL _Pragma("GCC unroll 16")
#endif
