// Thread block clusters: blocks that run side by side and reach each other's shared memory (PTX ISA, "Cluster of
// Cooperative Thread Arrays"; sm_90 and later). A kernel is given its cluster's size with __cluster_dims__.
#pragma once

#include <aisp/cuda/tensor_map.hpp>

namespace aisp::cuda {

// Rank of this block in its cluster (PTX ISA, special register %cluster_ctarank).
__device__ inline int cluster_rank() {
  std::uint32_t rank;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return static_cast<int>(rank);
}

// All threads of the cluster; what was written to shared memory before is visible after. Also the last thing that a
// block does that others still write to (PTX ISA, barrier.cluster).
__device__ inline void cluster_sync() {
  asm volatile("barrier.cluster.arrive.release.aligned;\nbarrier.cluster.wait.acquire.aligned;" ::: "memory");
}

// One arrival at the barrier at the same place in block `rank` (PTX ISA, mapa, mbarrier.arrive). It orders nothing
// beyond this block: .release.cluster makes it a fence of the whole GPU, which cost a product a quarter of its speed.
__device__ inline void arrive_at(Barrier& barrier, int rank) {
  asm volatile(
      "{\n"
      ".reg .b32 remote;\n"
      "mapa.shared::cluster.u32 remote, %0, %1;\n"
      "mbarrier.arrive.shared::cluster.b64 _, [remote];\n"
      "}\n" ::"r"(shared_address(&barrier)),
      "r"(rank)
      : "memory");
}

// load_tile() into the same place of every block whose bit is set in `blocks`; each block's own barrier, at the same
// place, counts its bytes (PTX ISA, cp.async.bulk.tensor with .multicast::cluster).
__device__ inline void load_tile_multicast(void* shared, const CUtensorMap& map, int row, int col, Barrier& barrier,
                                           std::uint16_t blocks) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1, "
      "{%2, %3}], [%4], %5;" ::"r"(shared_address(shared)),
      "l"(&map), "r"(col), "r"(row), "r"(shared_address(&barrier)), "h"(blocks)
      : "memory");
}

}  // namespace aisp::cuda
