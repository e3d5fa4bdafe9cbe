// Bulk copies that land in every block of a cluster (PTX ISA, "Bulk copy: cp.async.bulk" with .multicast::cluster;
// sm_90 and later). cluster.hpp has the same for tiles, and what blocks of a cluster need to wait for each other.
#pragma once

#include <aisp/cuda/bulk_copy.hpp>

namespace aisp::cuda {

// load_bulk() into the same place of every block whose bit is set in `blocks`; each block's own barrier, at the same
// place, counts the bytes it gets.
__device__ inline void load_bulk_multicast(void* shared, const void* global, std::uint32_t bytes, Barrier& barrier,
                                           std::uint16_t blocks) {
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1], %2, [%3], "
      "%4;" ::"r"(shared_address(shared)),
      "l"(global), "r"(bytes), "r"(shared_address(&barrier)), "h"(blocks)
      : "memory");
}

}  // namespace aisp::cuda
