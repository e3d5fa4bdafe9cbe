// Tensor maps: the copy engine's description of a matrix in global memory, from which it fetches tiles by coordinates
// and fills what lies outside with zeros (CUDA driver API, cuTensorMapEncodeTiled; PTX ISA, cp.async.bulk.tensor; sm_90
// and later). A kernel takes its map by value as `const __grid_constant__ CUtensorMap`.
#pragma once

#include <aisp/cuda.hpp>
#include <aisp/cuda/bulk_copy.hpp>

#include <cudaTypedefs.h>

#include <type_traits>

namespace aisp::cuda {

// How the 16-byte pieces of a tile's rows are permuted in shared memory: with bytes_128, piece p of row r lies where
// piece p ^ (r % 8) would, so that eight rows of one column of pieces meet all banks. A row of the tile is 128 bytes
// then.
enum class Swizzle { none = CU_TENSOR_MAP_SWIZZLE_NONE, bytes_128 = CU_TENSOR_MAP_SWIZZLE_128B };

template <class T> constexpr CUtensorMapDataType tensor_map_type() {
  if constexpr (std::is_same_v<T, float>) return CU_TENSOR_MAP_DATA_TYPE_FLOAT32;
  if constexpr (std::is_same_v<T, __nv_bfloat16>) return CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
  if constexpr (std::is_same_v<T, __half>) return CU_TENSOR_MAP_DATA_TYPE_FLOAT16;
  return CU_TENSOR_MAP_DATA_TYPE_UINT8;
}

// Map of `batch` row-major matrices, one behind the other (0: of a single one without a batch index), in tiles of
// tile_rows × tile_cols (each at most 256) that end where their matrix ends. `data` must be aligned to 16 bytes, and a
// row of a matrix and of a tile must be a multiple of 16 bytes. Tiles land in shared memory row by row, without gaps,
// and need an address aligned to 128 bytes, to 1024 with a swizzle.
template <class T>
CUtensorMap batched_tensor_map(const T* data, std::int64_t batch, std::int64_t rows, std::int64_t cols, int tile_rows,
                               int tile_cols, Swizzle swizzle = Swizzle::none) {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult found{};
  AISP_CUDA(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &function, 12000, cudaEnableDefault, &found));
  if (found != cudaDriverEntryPointSuccess) throw std::runtime_error("the CUDA driver has no cuTensorMapEncodeTiled");
  const auto unsigned64 = [](std::int64_t n) { return static_cast<cuuint64_t>(n); };
  const cuuint64_t sizes[] = {unsigned64(cols), unsigned64(rows), unsigned64(batch)};  // innermost first
  const cuuint64_t pitch[] = {sizes[0] * sizeof(T), sizes[0] * sizes[1] * sizeof(T)};
  const cuuint32_t tile[] = {static_cast<cuuint32_t>(tile_cols), static_cast<cuuint32_t>(tile_rows), 1};
  const cuuint32_t every_element[] = {1, 1, 1};
  CUtensorMap map;
  const CUresult result = reinterpret_cast<PFN_cuTensorMapEncodeTiled_v12000>(function)(
      &map, tensor_map_type<T>(), batch ? 3 : 2, const_cast<T*>(data), sizes, pitch, tile, every_element,
      CU_TENSOR_MAP_INTERLEAVE_NONE, static_cast<CUtensorMapSwizzle>(swizzle), CU_TENSOR_MAP_L2_PROMOTION_L2_256B,
      CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (result != CUDA_SUCCESS)
    throw std::runtime_error("cuTensorMapEncodeTiled refused a matrix of " + std::to_string(rows) + " x " +
                             std::to_string(cols) + " of " + std::to_string(sizeof(T)) + " bytes: CUresult " +
                             std::to_string(result));
  return map;
}

// The same of one matrix, whose tiles are named by two coordinates.
template <class T>
CUtensorMap tensor_map(const T* data, std::int64_t rows, std::int64_t cols, int tile_rows, int tile_cols,
                       Swizzle swizzle = Swizzle::none) {
  return batched_tensor_map(data, 0, rows, cols, tile_rows, tile_cols, swizzle);
}

// Fetches the tile whose first element is (row, col), which may lie outside the matrix; by one thread. `col` must be a
// multiple of 16 bytes: on an H200 any other ends in an illegal instruction. The barrier's phase must expect the
// whole tile's bytes.
__device__ inline void load_tile(void* shared, const CUtensorMap& map, int row, int col, Barrier& barrier) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], [%4];" ::
          "r"(shared_address(shared)),
      "l"(&map), "r"(col), "r"(row), "r"(shared_address(&barrier))
      : "memory");
}

// The same of one matrix of a batch.
__device__ inline void load_tile(void* shared, const CUtensorMap& map, int matrix, int row, int col, Barrier& barrier) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3, %4}], "
      "[%5];" ::"r"(shared_address(shared)),
      "l"(&map), "r"(col), "r"(row), "r"(matrix), "r"(shared_address(&barrier))
      : "memory");
}

// Writes a tile from shared memory, but for what lies beyond the matrix; in the current group of this thread, see
// store_bulk(). Neither coordinate may be negative: on an H200 that ends in an illegal instruction.
__device__ inline void store_tile(const CUtensorMap& map, int row, int col, const void* shared) {
  asm volatile("cp.async.bulk.tensor.2d.global.shared::cta.tile.bulk_group [%0, {%1, %2}], [%3];" ::"l"(&map), "r"(col),
               "r"(row), "r"(shared_address(shared))
               : "memory");
}

__device__ inline void store_tile(const CUtensorMap& map, int matrix, int row, int col, const void* shared) {
  asm volatile("cp.async.bulk.tensor.3d.global.shared::cta.tile.bulk_group [%0, {%1, %2, %3}], [%4];" ::"l"(&map),
               "r"(col), "r"(row), "r"(matrix), "r"(shared_address(shared))
               : "memory");
}

}  // namespace aisp::cuda
