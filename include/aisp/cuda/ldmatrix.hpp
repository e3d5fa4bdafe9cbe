// ldmatrix: tiles of 8 × 8 16-bit numbers from shared memory to the registers of a warp, spread as mma takes its
// operands (PTX ISA, "Warp-level matrix load instruction: ldmatrix"; sm_75 and later). store_tiles() of wgmma.hpp is
// the way back.
#pragma once

#include <aisp/cuda/async_copy.hpp>

#include <cstdint>

namespace aisp::cuda {

// Four tiles: lane 8i + r gives the address of row r of tile i, 16 bytes; lane l gets elements (l / 4, 2·(l % 4)) and
// the next one of tile i in r[i].
__device__ inline void load_tiles(std::uint32_t (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared_address(row))
               : "memory");
}
// The same of each tile transposed: lane l gets elements (2·(l % 4), l / 4) and the one below.
__device__ inline void load_tiles_transposed(std::uint32_t (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared_address(row))
               : "memory");
}

}  // namespace aisp::cuda
