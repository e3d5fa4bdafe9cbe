// Distributed shared memory: loads and stores into the shared memory of another block of the cluster (PTX ISA, "State
// Spaces: shared::cluster", mapa, ld.shared::cluster, st.async; sm_90 and later). Both blocks must be alive:
// cluster_sync() (cluster.hpp) before the first access and after the last.
#pragma once

#include <aisp/cuda/mbarrier.hpp>

namespace aisp::cuda {

// Where a variable of this block's shared memory lies in block `rank` of the cluster, as an address of the whole
// cluster's shared memory.
__device__ inline std::uint32_t address_in(const void* shared, int rank) {
  std::uint32_t address;
  asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(address) : "r"(shared_address(shared)), "r"(rank));
  return address;
}

__device__ inline float load_from(const float* shared, int rank) {
  float value;
  asm volatile("ld.shared::cluster.f32 %0, [%1];" : "=f"(value) : "r"(address_in(shared, rank)) : "memory");
  return value;
}
__device__ inline void store_to(float* shared, int rank, float value) {
  asm volatile("st.shared::cluster.f32 [%0], %1;" ::"r"(address_in(shared, rank)), "f"(value) : "memory");
}

// A store that completes on the barrier at the same place in block `rank`, whose phase must expect its 4 bytes; who
// waits there sees the value, and no other barrier is needed.
__device__ inline void store_async(float* shared, int rank, float value, Barrier& barrier) {
  asm volatile(
      "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.f32 [%0], %1, [%2];" ::"r"(address_in(shared, rank)),
      "f"(value), "r"(address_in(&barrier, rank))
      : "memory");
}

}  // namespace aisp::cuda
