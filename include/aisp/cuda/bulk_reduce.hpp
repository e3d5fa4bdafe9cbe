// cp.reduce.async.bulk: the copy engine adds a contiguous piece of shared memory to global memory, element by element,
// each addition atomic (PTX ISA, "Data Movement and Conversion Instructions: Bulk copy", cp.reduce.async.bulk; sm_90
// and later). Alignment, sizes and groups as in bulk_copy.hpp.
#pragma once

#include <aisp/cuda/bulk_copy.hpp>

#include <cuda_bf16.h>

namespace aisp::cuda {

__device__ inline void add_bulk(float* global, const float* shared, std::uint32_t bytes) {
  asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.f32 [%0], [%1], %2;" ::"l"(global),
               "r"(shared_address(shared)), "r"(bytes)
               : "memory");
}
__device__ inline void add_bulk(std::uint32_t* global, const std::uint32_t* shared, std::uint32_t bytes) {
  asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.u32 [%0], [%1], %2;" ::"l"(global),
               "r"(shared_address(shared)), "r"(bytes)
               : "memory");
}
// Sums are rounded to bf16 after each addition; subnormal numbers are kept.
__device__ inline void add_bulk(__nv_bfloat16* global, const __nv_bfloat16* shared, std::uint32_t bytes) {
  asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.noftz.bf16 [%0], [%1], %2;" ::"l"(global),
               "r"(shared_address(shared)), "r"(bytes)
               : "memory");
}

// Waits until at most `pending` of this thread's groups are not complete: what they wrote is then visible to it.
template <int pending> __device__ inline void wait_stores() {
  asm volatile("cp.async.bulk.wait_group %0;" ::"n"(pending) : "memory");
}

}  // namespace aisp::cuda
