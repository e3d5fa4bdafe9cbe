// Tensor maps: the copy engine's description of a matrix in global memory, from which it fetches tiles by coordinates
// and fills what lies outside with zeros (CUDA driver API, cuTensorMapEncodeTiled; PTX ISA, cp.async.bulk.tensor; sm_90
// and later). A kernel takes its map by value as `const __grid_constant__ CUtensorMap`.
#pragma once

#include <aisp/cuda.hpp>
#include <aisp/cuda/bulk_copy.hpp>

#include <cudaTypedefs.h>

namespace aisp::cuda {

// Map of a row-major matrix of floats in tiles of tile_rows × tile_cols (each at most 256). `data` must be aligned to
// 16 bytes, and a row of the matrix and of a tile must be a multiple of 16 bytes. Tiles land in shared memory row by
// row, without gaps, and need an address aligned to 128 bytes.
inline CUtensorMap tensor_map(const float* data, std::int64_t rows, std::int64_t cols, int tile_rows, int tile_cols) {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult found{};
  AISP_CUDA(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &function, 12000, cudaEnableDefault, &found));
  if (found != cudaDriverEntryPointSuccess) throw std::runtime_error("the CUDA driver has no cuTensorMapEncodeTiled");
  const cuuint64_t sizes[] = {static_cast<cuuint64_t>(cols), static_cast<cuuint64_t>(rows)};  // innermost first
  const cuuint64_t pitch[] = {static_cast<cuuint64_t>(cols) * sizeof(float)};
  const cuuint32_t tile[] = {static_cast<cuuint32_t>(tile_cols), static_cast<cuuint32_t>(tile_rows)};
  const cuuint32_t every_element[] = {1, 1};
  CUtensorMap map;
  const CUresult result = reinterpret_cast<PFN_cuTensorMapEncodeTiled_v12000>(function)(
      &map, CU_TENSOR_MAP_DATA_TYPE_FLOAT32, 2, const_cast<float*>(data), sizes, pitch, tile, every_element,
      CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_NONE, CU_TENSOR_MAP_L2_PROMOTION_L2_256B,
      CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (result != CUDA_SUCCESS)
    throw std::runtime_error("cuTensorMapEncodeTiled refused a matrix of " + std::to_string(rows) + " x " +
                             std::to_string(cols) + " floats: CUresult " + std::to_string(result));
  return map;
}

// Fetches the tile whose first element is (row, col), which may lie outside the matrix; by one thread. `col` must be a
// multiple of 4, 16 bytes: on an H200 any other ends in an illegal instruction. The barrier's phase must expect the
// whole tile's bytes.
__device__ inline void load_tile(void* shared, const CUtensorMap& map, int row, int col, Barrier& barrier) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], [%4];" ::
          "r"(shared_address(shared)),
      "l"(&map), "r"(col), "r"(row), "r"(shared_address(&barrier))
      : "memory");
}

}  // namespace aisp::cuda
