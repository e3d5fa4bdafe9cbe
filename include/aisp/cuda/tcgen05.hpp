// tcgen05: one thread tells the tensor cores to multiply tiles in shared memory; the accumulator lies in tensor memory
// (TMEM: 128 lanes of 512 32-bit columns a multiprocessor), where threads read it when it is done (PTX ISA, "Tensorcore
// 5th Generation Family Instructions"; sm_100a). With `group` 2 a pair of blocks of a cluster, 2i and 2i + 1,
// multiplies together: each brings its rows of A and half of the rows of B, and keeps its own rows of the result; the
// even one gives the orders. Built, and not yet run on hardware (tests/gpu/tcgen05_test.cu).
#pragma once

#include <aisp/cuda/cluster.hpp>
#include <aisp/cuda/tcgen05_descriptors.hpp>

#include <cstdint>

namespace aisp::cuda {

// An address in tensor memory: lane in the upper half, column in the lower.
using TensorAddress = std::uint32_t;

// `columns` (a power of two from 32) of tensor memory; the address goes to shared memory. By one whole warp, with group
// 2 of each block of the pair; the same warp frees them (PTX ISA, tcgen05.alloc).
template <int group> __device__ inline void allocate_columns(TensorAddress& shared, int columns) {
  if constexpr (group == 1) {
    asm volatile("tcgen05.alloc.cta_group::1.sync.aligned.shared::cta.b32 [%0], %1;" ::"r"(shared_address(&shared)),
                 "r"(columns)
                 : "memory");
    asm volatile("tcgen05.relinquish_alloc_permit.cta_group::1.sync.aligned;");
  } else {
    asm volatile("tcgen05.alloc.cta_group::2.sync.aligned.shared::cta.b32 [%0], %1;" ::"r"(shared_address(&shared)),
                 "r"(columns)
                 : "memory");
    asm volatile("tcgen05.relinquish_alloc_permit.cta_group::2.sync.aligned;");
  }
}
template <int group> __device__ inline void free_columns(TensorAddress address, int columns) {
  if constexpr (group == 1)
    asm volatile("tcgen05.dealloc.cta_group::1.sync.aligned.b32 %0, %1;" ::"r"(address), "r"(columns));
  else
    asm volatile("tcgen05.dealloc.cta_group::2.sync.aligned.b32 %0, %1;" ::"r"(address), "r"(columns));
}

// Around a barrier by which threads hand tensor memory to each other (PTX ISA, tcgen05.fence).
__device__ inline void fence_before_barrier() { asm volatile("tcgen05.fence::before_thread_sync;" ::: "memory"); }
__device__ inline void fence_after_barrier() { asm volatile("tcgen05.fence::after_thread_sync;" ::: "memory"); }

// d = a·bᵀ, or d += a·bᵀ, of 16 bf16 along K; by one thread, of the even block with group 2 (PTX ISA, tcgen05.mma).
template <int group>
__device__ inline void mma_bf16(TensorAddress d, std::uint64_t a, std::uint64_t b, std::uint32_t instruction,
                                bool accumulate) {
  if constexpr (group == 1)
    asm volatile(
        "{\n.reg .pred p;\nsetp.ne.b32 p, %4, 0;\ntcgen05.mma.cta_group::1.kind::f16 [%0], %1, %2, %3, p;\n}\n" ::"r"(
            d),
        "l"(a), "l"(b), "r"(instruction), "r"(static_cast<int>(accumulate))
        : "memory");
  else
    asm volatile(
        "{\n.reg .pred p;\nsetp.ne.b32 p, %4, 0;\ntcgen05.mma.cta_group::2.kind::f16 [%0], %1, %2, %3, p;\n}\n" ::"r"(
            d),
        "l"(a), "l"(b), "r"(instruction), "r"(static_cast<int>(accumulate))
        : "memory");
}
// The same of 32 narrow numbers (instruction_f8f6f4).
template <int group>
__device__ inline void mma_f8f6f4(TensorAddress d, std::uint64_t a, std::uint64_t b, std::uint32_t instruction,
                                  bool accumulate) {
  if constexpr (group == 1)
    asm volatile(
        "{\n.reg .pred p;\nsetp.ne.b32 p, %4, 0;\ntcgen05.mma.cta_group::1.kind::f8f6f4 [%0], %1, %2, %3, p;\n}\n" ::
            "r"(d),
        "l"(a), "l"(b), "r"(instruction), "r"(static_cast<int>(accumulate))
        : "memory");
  else
    asm volatile(
        "{\n.reg .pred p;\nsetp.ne.b32 p, %4, 0;\ntcgen05.mma.cta_group::2.kind::f8f6f4 [%0], %1, %2, %3, p;\n}\n" ::
            "r"(d),
        "l"(a), "l"(b), "r"(instruction), "r"(static_cast<int>(accumulate))
        : "memory");
}

// The same with a scale for 32 numbers of each row (instruction_mxf8), the scales in tensor memory: d +=
// (a·scale)·(b·scale)ᵀ.
__device__ inline void mma_mxf8(TensorAddress d, std::uint64_t a, std::uint64_t b, std::uint32_t instruction,
                                TensorAddress a_scales, TensorAddress b_scales, bool accumulate) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %6, 0;\n"
      "tcgen05.mma.cta_group::1.kind::mxf8f6f4.block_scale.scale_vec::1X [%0], %1, %2, %3, [%4], [%5], p;\n}\n" ::"r"(
          d),
      "l"(a), "l"(b), "r"(instruction), "r"(a_scales), "r"(b_scales), "r"(static_cast<int>(accumulate))
      : "memory");
}
// The same of 64 E2M1 along K with a scale for 16 (instruction_nvf4).
__device__ inline void mma_nvf4(TensorAddress d, std::uint64_t a, std::uint64_t b, std::uint32_t instruction,
                                TensorAddress a_scales, TensorAddress b_scales, bool accumulate) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %6, 0;\n"
      "tcgen05.mma.cta_group::1.kind::mxf4nvf4.block_scale.scale_vec::4X [%0], %1, %2, %3, [%4], [%5], p;\n}\n" ::"r"(
          d),
      "l"(a), "l"(b), "r"(instruction), "r"(a_scales), "r"(b_scales), "r"(static_cast<int>(accumulate))
      : "memory");
}

// Copies a tile of scales (scale_tile, 512 bytes: 128 rows of a word) to four columns, the same in each quarter of the
// lanes, where block-scaled products look for them. In order with this thread's products (PTX ISA, tcgen05.cp).
__device__ inline void copy_scales(TensorAddress to, std::uint64_t tile) {
  asm volatile("tcgen05.cp.cta_group::1.32x128b.warpx4 [%0], %1;" ::"r"(to), "l"(tile) : "memory");
}

// One arrival at the barrier once all that this thread ordered so far is done (PTX ISA, tcgen05.commit).
__device__ inline void commit(Barrier& barrier) {
  asm volatile(
      "tcgen05.commit.cta_group::1.mbarrier::arrive::one.shared::cluster.b64 [%0];" ::"r"(shared_address(&barrier))
      : "memory");
}
// The same for products of a pair, at the barriers at this place in every block whose bit is set in `blocks`.
__device__ inline void commit_pair(Barrier& barrier, std::uint16_t blocks) {
  asm volatile(
      "tcgen05.commit.cta_group::2.mbarrier::arrive::one.shared::cluster.multicast::cluster.b64 [%0], %1;" ::"r"(
          shared_address(&barrier)),
      "h"(blocks)
      : "memory");
}

// load_tile() that counts at the barrier at this place in block `rank` of the pair (PTX ISA, cp.async.bulk.tensor).
__device__ inline void load_tile_pair(void* shared, const CUtensorMap& map, int row, int col, Barrier& barrier,
                                      int rank) {
  asm volatile(
      "{\n"
      ".reg .b32 remote;\n"
      "mapa.shared::cluster.u32 remote, %4, %5;\n"
      "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes.cta_group::2 [%0], [%1, {%2, "
      "%3}], [remote];\n"
      "}\n" ::"r"(shared_address(shared)),
      "l"(&map), "r"(col), "r"(row), "r"(shared_address(&barrier)), "r"(rank)
      : "memory");
}

#define AISP_OUT8(i)                                                                                          \
  "=r"(v[i]), "=r"(v[i + 1]), "=r"(v[i + 2]), "=r"(v[i + 3]), "=r"(v[i + 4]), "=r"(v[i + 5]), "=r"(v[i + 6]), \
      "=r"(v[i + 7])
#define AISP_INOUT8(i)                                                                                        \
  "+r"(v[i]), "+r"(v[i + 1]), "+r"(v[i + 2]), "+r"(v[i + 3]), "+r"(v[i + 4]), "+r"(v[i + 5]), "+r"(v[i + 6]), \
      "+r"(v[i + 7])
#define AISP_IN8(i) \
  "r"(v[i]), "r"(v[i + 1]), "r"(v[i + 2]), "r"(v[i + 3]), "r"(v[i + 4]), "r"(v[i + 5]), "r"(v[i + 6]), "r"(v[i + 7])

// 32 columns from `address` on: lane l of the warp gets those of the lane l of its quarter, quarter w % 4 for warp w,
// whose first lane the address names. The values are there after wait_loads() (PTX ISA, tcgen05.ld).
__device__ inline void load_columns(std::uint32_t (&v)[32], TensorAddress address) {
  asm volatile(
      "tcgen05.ld.sync.aligned.32x32b.x32.b32 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, "
      "%17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, [%32];"
      : AISP_OUT8(0), AISP_OUT8(8), AISP_OUT8(16), AISP_OUT8(24)
      : "r"(address));
}
// Takes the registers, so that the compiler uses them after it only (PTX ISA, tcgen05.wait).
__device__ inline void wait_loads(std::uint32_t (&v)[32]) {
  asm volatile("tcgen05.wait::ld.sync.aligned;"
               : AISP_INOUT8(0), AISP_INOUT8(8), AISP_INOUT8(16), AISP_INOUT8(24)::"memory");
}

// The way back; the values are there for others after wait_column_stores() and a barrier (PTX ISA, tcgen05.st).
__device__ inline void store_columns(TensorAddress address, const std::uint32_t (&v)[32]) {
  asm volatile(
      "tcgen05.st.sync.aligned.32x32b.x32.b32 [%32], {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, "
      "%15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31};" ::AISP_IN8(0),
      AISP_IN8(8), AISP_IN8(16), AISP_IN8(24), "r"(address)
      : "memory");
}
__device__ inline void wait_column_stores() { asm volatile("tcgen05.wait::st.sync.aligned;" ::: "memory"); }

#undef AISP_OUT8
#undef AISP_INOUT8
#undef AISP_IN8

}  // namespace aisp::cuda
