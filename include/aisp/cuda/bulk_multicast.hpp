// Bulk copies that land in every block of a cluster, and arrivals at the barriers of its other blocks (PTX ISA, "Bulk
// copy: cp.async.bulk" with .multicast::cluster, and "mapa"; sm_90 and later). Addresses are this block's: the same
// place is meant in each of the others.
#pragma once

#include <aisp/cuda/bulk_copy.hpp>

namespace aisp::cuda {

// load_bulk() into every block whose bit is set in `blocks`; each block's own barrier counts the bytes it gets.
__device__ inline void load_bulk_multicast(void* shared, const void* global, std::uint32_t bytes, Barrier& barrier,
                                           std::uint16_t blocks) {
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1], %2, [%3], "
      "%4;" ::"r"(shared_address(shared)),
      "l"(global), "r"(bytes), "r"(shared_address(&barrier)), "h"(blocks)
      : "memory");
}

// One arrival at the barrier of the block with that rank.
__device__ inline void arrive_in_block(Barrier& barrier, int rank) {
  asm volatile(
      "{\n"
      ".reg .b32 remote;\n"
      "mapa.shared::cluster.u32 remote, %0, %1;\n"
      "mbarrier.arrive.release.cluster.shared::cluster.b64 _, [remote];\n"
      "}\n" ::"r"(shared_address(&barrier)),
      "r"(rank)
      : "memory");
}

}  // namespace aisp::cuda
