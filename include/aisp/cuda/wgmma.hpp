// wgmma: a warpgroup (four warps, the first a multiple of four) multiplies a 64 × K tile of A with a K × N tile of B,
// both in shared memory, and adds to an accumulator in its registers, while its threads go on (PTX ISA, "Asynchronous
// Warpgroup Level Matrix Instructions"; sm_90a).
//
// Both tiles are K-major: a row of 64 16-bit (128 8-bit) numbers along K fills 128 bytes, rows follow each other, and
// the 16-byte pieces of a row are swizzled as the copy engine leaves them with Swizzle::bytes_128 (tensor_map.hpp). A
// tile starts at a multiple of 1024 bytes.
//
// Accumulator of thread t = 32·w + l of the warpgroup: d[4j + 2h + e] is element (16·w + l / 4 + 8·h, 8j + 2·(l % 4) +
// e).
#pragma once

#include <aisp/cuda/async_copy.hpp>

#include <cstdint>

namespace aisp::cuda {

// Matrix descriptor of a tile as above (PTX ISA, "Matrix descriptor format"): its address in units of 16 bytes, 1024
// bytes from eight rows to the next eight, 128-byte swizzle.
__device__ inline std::uint64_t wgmma_tile(const void* shared) {
  return (shared_address(shared) & 0x3ffffu) >> 4 | std::uint64_t{1024 >> 4} << 32 | std::uint64_t{1} << 62;
}
// The same tile 32 bytes further along K: what the next instruction reads.
inline constexpr std::uint64_t kNextK = 32 >> 4;

// Matrix descriptor of a B tile that is stored across: rows of 64 16-bit numbers along N, one for each k, swizzled in
// the same way; 128 bytes from row to row, and `piece` bytes from 64 columns to the next 64 ("MN-major").
__device__ inline std::uint64_t wgmma_tile_across(const void* shared, std::uint32_t piece) {
  return wgmma_tile(shared) | std::uint64_t{piece >> 4} << 16;
}
// The same tile 16 rows further along K.
inline constexpr std::uint64_t kNextRows = 16 * 128 >> 4;

// Before the first multiplication, and after registers of the accumulator were touched.
__device__ inline void wgmma_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
// Closes a group of multiplications.
__device__ inline void wgmma_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
// Waits until at most `pending` groups are not done.
template <int pending> __device__ inline void wgmma_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(pending) : "memory");
}
// Keeps the compiler from moving the accumulator while multiplications are in flight.
template <int count> __device__ inline void hold(float (&d)[count]) {
#pragma unroll
  for (int i = 0; i < count; ++i) asm volatile("" : "+f"(d[i])::"memory");
}

#define AISP_D8(i)                                                                                            \
  "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3]), "+f"(d[i + 4]), "+f"(d[i + 5]), "+f"(d[i + 6]), \
      "+f"(d[i + 7])
#define AISP_D32(i) AISP_D8(i), AISP_D8(i + 8), AISP_D8(i + 16), AISP_D8(i + 24)
#define AISP_R0                                                            \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31"
#define AISP_R32                                                                     \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
  "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
#define AISP_R64                                                                     \
  "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, " \
  "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95"
#define AISP_R96                                                                                 \
  "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, " \
  "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127"

// One instruction: SHAPE and types, the accumulator's register names and operands, the numbers of the descriptors' and
// the predicate's operands, and what follows scale-d.
#define AISP_WGMMA(INSTRUCTION, REGISTERS, A, B, P, TAIL, ...)                                                         \
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %" P ", 0;\nwgmma.mma_async.sync.aligned." INSTRUCTION " {" REGISTERS \
               "}, %" A ", %" B ", p, " TAIL ";\n}\n"                                                                  \
               : __VA_ARGS__                                                                                           \
               : "l"(a), "l"(b), "r"(static_cast<int>(accumulate)))

// The same with A in registers and B stored across.
#define AISP_WGMMA_A(INSTRUCTION, REGISTERS, A0, A1, A2, A3, B, P, ...)                                                \
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %" P ", 0;\nwgmma.mma_async.sync.aligned." INSTRUCTION " {" REGISTERS \
               "}, {%" A0 ", %" A1 ", %" A2 ", %" A3 "}, %" B ", p, 1, 1, 1;\n}\n"                                     \
               : __VA_ARGS__                                                                                           \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(static_cast<int>(accumulate)))

// d = a·b, or d += a·b, with 16 bf16 along K: d has N / 2 registers a thread. N: 64, 128, 192 or 256.
template <int N>
__device__ inline void wgmma_bf16(float (&d)[N / 2], std::uint64_t a, std::uint64_t b, bool accumulate) {
  static_assert(N == 64 || N == 128 || N == 192 || N == 256);
  if constexpr (N == 64) AISP_WGMMA("m64n64k16.f32.bf16.bf16", AISP_R0, "32", "33", "34", "1, 1, 0, 0", AISP_D32(0));
  if constexpr (N == 128)
    AISP_WGMMA("m64n128k16.f32.bf16.bf16", AISP_R0 ", " AISP_R32, "64", "65", "66", "1, 1, 0, 0", AISP_D32(0),
               AISP_D32(32));
  if constexpr (N == 192)
    AISP_WGMMA("m64n192k16.f32.bf16.bf16", AISP_R0 ", " AISP_R32 ", " AISP_R64, "96", "97", "98", "1, 1, 0, 0",
               AISP_D32(0), AISP_D32(32), AISP_D32(64));
  if constexpr (N == 256)
    AISP_WGMMA("m64n256k16.f32.bf16.bf16", AISP_R0 ", " AISP_R32 ", " AISP_R64 ", " AISP_R96, "128", "129", "130",
               "1, 1, 0, 0", AISP_D32(0), AISP_D32(32), AISP_D32(64), AISP_D32(96));
}

// d = a·b, or d += a·b, with 16 bf16 along K, A's in registers and B stored across. Registers of A: a[0] holds (l / 4,
// 2·(l % 4)) of the warp's 16 × 16 numbers and the next one, a[1] those 8 rows below, a[2] and a[3] those 8 columns
// further. An accumulator has them in that order: a[i] is d[8j + 2i] and d[8j + 2i + 1] for columns 16j to 16j + 15.
template <int N>
__device__ inline void wgmma_bf16_across(float (&d)[N / 2], const std::uint32_t (&a)[4], std::uint64_t b,
                                         bool accumulate) {
  static_assert(N == 64 || N == 128);
  if constexpr (N == 64)
    AISP_WGMMA_A("m64n64k16.f32.bf16.bf16", AISP_R0, "32", "33", "34", "35", "36", "37", AISP_D32(0));
  if constexpr (N == 128)
    AISP_WGMMA_A("m64n128k16.f32.bf16.bf16", AISP_R0 ", " AISP_R32, "64", "65", "66", "67", "68", "69", AISP_D32(0),
                 AISP_D32(32));
}

// wgmma_bf16 with 32 f8e4m3 along K.
template <int N>
__device__ inline void wgmma_f8e4m3(float (&d)[N / 2], std::uint64_t a, std::uint64_t b, bool accumulate) {
  static_assert(N == 64 || N == 128 || N == 192 || N == 256);
  if constexpr (N == 64) AISP_WGMMA("m64n64k32.f32.e4m3.e4m3", AISP_R0, "32", "33", "34", "1, 1", AISP_D32(0));
  if constexpr (N == 128)
    AISP_WGMMA("m64n128k32.f32.e4m3.e4m3", AISP_R0 ", " AISP_R32, "64", "65", "66", "1, 1", AISP_D32(0), AISP_D32(32));
  if constexpr (N == 192)
    AISP_WGMMA("m64n192k32.f32.e4m3.e4m3", AISP_R0 ", " AISP_R32 ", " AISP_R64, "96", "97", "98", "1, 1", AISP_D32(0),
               AISP_D32(32), AISP_D32(64));
  if constexpr (N == 256)
    AISP_WGMMA("m64n256k32.f32.e4m3.e4m3", AISP_R0 ", " AISP_R32 ", " AISP_R64 ", " AISP_R96, "128", "129", "130",
               "1, 1", AISP_D32(0), AISP_D32(32), AISP_D32(64), AISP_D32(96));
}

#undef AISP_WGMMA
#undef AISP_WGMMA_A
#undef AISP_R0
#undef AISP_R32
#undef AISP_R64
#undef AISP_R96
#undef AISP_D32
#undef AISP_D8

// Four 8 × 8 tiles of 16-bit numbers from the registers of a warp to shared memory: lane 8i + r gives the address of
// row r of tile i, 16 bytes; register i of lane l holds elements (l / 4, 2·(l % 4)) and the next one of tile i (PTX
// ISA, stmatrix).
__device__ inline void store_tiles(void* row, std::uint32_t r0, std::uint32_t r1, std::uint32_t r2, std::uint32_t r3) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(shared_address(row)), "r"(r0),
               "r"(r1), "r"(r2), "r"(r3)
               : "memory");
}

// Registers a thread of this warpgroup has from now on, a multiple of 8; the kernel has a __launch_bounds__(…, 1) (PTX
// ISA, setmaxnreg).
template <int count> __device__ inline void give_up_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(count));
}
template <int count> __device__ inline void take_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(count));
}

// A barrier of `threads` threads of the block, one of 15 beside __syncthreads() (PTX ISA, barrier); or being one of
// them without waiting.
__device__ inline void named_barrier(int id, int threads) {
  asm volatile("barrier.sync %0, %1;" ::"r"(id), "r"(threads) : "memory");
}
__device__ inline void arrive_at_named_barrier(int id, int threads) {
  asm volatile("barrier.arrive %0, %1;" ::"r"(id), "r"(threads) : "memory");
}

}  // namespace aisp::cuda
