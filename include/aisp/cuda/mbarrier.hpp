// mbarrier: a barrier in shared memory that counts arrivals of threads and bytes of bulk copies (PTX ISA, "Parallel
// Synchronization and Communication Instructions: mbarrier"; the byte count needs sm_90). Its phase flips each time
// both counts are complete; a waiter names the parity of the phase it waits for, 0 for the first, then 1, 0, …
#pragma once

#include <aisp/cuda/async_copy.hpp>

#include <cstdint>

namespace aisp::cuda {

using Barrier = std::uint64_t;  // lies in shared memory

// By one thread; then fence_barrier_init() by the same, and a block barrier before anyone else uses it.
__device__ inline void init(Barrier& barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(&barrier)), "r"(arrivals) : "memory");
}

// Makes initialised barriers visible to the copy engine and to other blocks of a cluster (PTX ISA, fence).
__device__ inline void fence_barrier_init() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }

// One arrival.
__device__ inline void arrive(Barrier& barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(&barrier)) : "memory");
}

// One arrival, and the phase now also waits for `bytes` of bulk copies.
__device__ inline void arrive_expecting(Barrier& barrier, std::uint32_t bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(&barrier)), "r"(bytes)
               : "memory");
}

// Waits for the end of the phase of that parity; what was copied is then visible.
__device__ inline void wait(Barrier& barrier, int parity) {
  std::uint32_t done = 0;
  while (!done)
    asm volatile(
        "{\n"
        ".reg .pred p;\n"
        "mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\n"
        "selp.u32 %0, 1, 0, p;\n"
        "}\n"
        : "=r"(done)
        : "r"(shared_address(&barrier)), "r"(parity)
        : "memory");
}

}  // namespace aisp::cuda
