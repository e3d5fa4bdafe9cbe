// cp.async.bulk: one thread asks the copy engine to move a contiguous piece between global and shared memory (PTX ISA,
// "Data Movement and Conversion Instructions: Bulk copy"; sm_90 and later). Addresses are aligned to 16 bytes and sizes
// are multiples of 16. Loads complete on an mbarrier; stores form groups of the thread that issued them.
#pragma once

#include <aisp/cuda/mbarrier.hpp>

namespace aisp::cuda {

// A hint for the second cache level: data that is used once should leave first (PTX ISA, createpolicy).
__device__ inline std::uint64_t evict_first() {
  std::uint64_t policy;
  asm("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(policy));
  return policy;
}

// Global to shared; `bytes` must be part of what the barrier's phase expects.
__device__ inline void load_bulk(void* shared, const void* global, std::uint32_t bytes, Barrier& barrier) {
  asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(
                   shared_address(shared)),
               "l"(global), "r"(bytes), "r"(shared_address(&barrier))
               : "memory");
}

// Shared to global, in the current group of this thread.
__device__ inline void store_bulk(void* global, const void* shared, std::uint32_t bytes) {
  asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(global), "r"(shared_address(shared)),
               "r"(bytes)
               : "memory");
}

__device__ inline void commit_stores() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }

// Waits until at most `pending` of this thread's groups still read from shared memory, which may then be overwritten.
template <int pending> __device__ inline void wait_stores_read() {
  asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(pending) : "memory");
}

// Orders this thread's ordinary accesses to shared memory so far before the copy engine's (PTX ISA, fence.proxy).
__device__ inline void fence_async_proxy() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

}  // namespace aisp::cuda
