// mbarrier.hpp, bulk_copy.hpp, tensor_map.hpp and cluster.hpp on the host: copies happen at once.
#pragma once

#include <aisp/cuda.hpp>

namespace aisp::cuda {

using Barrier = std::uint64_t;

inline void init(Barrier& barrier, int arrivals) {
  const std::lock_guard lock(emulation::block->mutex);
  emulation::block->barriers[emulation::block->offset(&barrier)] = {arrivals, arrivals, 0, 0};
}
inline void fence_barrier_init() {}
inline void arrive(Barrier& barrier) { emulation::change(*emulation::block, emulation::block->offset(&barrier), 1, 0); }
inline void arrive_expecting(Barrier& barrier, std::uint32_t bytes) {
  emulation::change(*emulation::block, emulation::block->offset(&barrier), 1, bytes);
}
inline void wait(Barrier& barrier, int parity) { emulation::wait(emulation::block->offset(&barrier), parity); }

inline void commit_stores() {}
template <int> void wait_stores_read() {}
inline void fence_async_proxy() {}

inline int cluster_rank() { return emulation::block->rank; }
inline void cluster_sync() {
  const auto blocks = static_cast<int>(emulation::block->cluster->blocks.size());
  emulation::block->cluster->all.arrive(blocks * static_cast<int>(emulation::block_size.x), true, "its cluster");
}
inline void arrive_at(Barrier& barrier, int rank) {
  emulation::change(*emulation::block->cluster->blocks[static_cast<std::size_t>(rank)],
                    emulation::block->offset(&barrier), 1, 0);
}

enum class Swizzle { none, bytes_128 };

struct TensorMap {
  unsigned char* data = nullptr;
  std::int64_t batch = 0, rows = 0, cols = 0;
  int tile_rows = 0, tile_cols = 0, width = 0;  // bytes of a number
  Swizzle swizzle = Swizzle::none;
};
template <class T>
TensorMap batched_tensor_map(const T* data, std::int64_t batch, std::int64_t rows, std::int64_t cols, int tile_rows,
                             int tile_cols, Swizzle swizzle = Swizzle::none) {
  if (tile_rows > 256 || tile_cols > 256 || cols * sizeof(T) % 16 ||
      (swizzle != Swizzle::none && tile_cols * sizeof(T) != 128))
    throw std::invalid_argument("no tensor map can have such tiles");
  auto* bytes = reinterpret_cast<unsigned char*>(const_cast<T*>(data));
  return {bytes,     std::max<std::int64_t>(batch, 1), rows,   cols, tile_rows,
          tile_cols, static_cast<int>(sizeof(T)),      swizzle};
}
template <class T>
TensorMap tensor_map(const T* data, std::int64_t rows, std::int64_t cols, int tile_rows, int tile_cols,
                     Swizzle swizzle = Swizzle::none) {
  return batched_tensor_map(data, 0, rows, cols, tile_rows, tile_cols, swizzle);
}

// copy(in shared memory, in the matrix or null outside it, bytes) for every number of a tile.
template <class Copy>
void each_of_tile(unsigned char* shared, const TensorMap& map, int matrix, int row, int col, Copy copy) {
  const auto& b = *emulation::block;
  if (b.offset(shared) % (map.swizzle == Swizzle::none ? 128 : 1024)) emulation::stuck("a tile that is aligned");
  for (int r = 0; r < map.tile_rows; ++r)
    for (int c = 0; c < map.tile_cols; ++c) {
      const int at = c * map.width, piece = map.swizzle == Swizzle::none ? at / 16 : at / 16 ^ r % 8;
      unsigned char* place = shared + r * map.tile_cols * map.width + piece * 16 + at % 16;
      const bool inside = row + r < map.rows && col + c < map.cols && matrix < map.batch;
      copy(place, inside ? map.data + ((matrix * map.rows + row + r) * map.cols + col + c) * map.width : nullptr,
           map.width);
    }
}
inline void load_tile_into(emulation::Block& in, std::uint32_t shared, const TensorMap& map, int matrix, int row,
                           int col, std::uint32_t barrier) {
  const auto into = in.shared - emulation::block->shared;
  each_of_tile(emulation::block->shared + shared, map, matrix, row, col,
               [&](unsigned char* to, const unsigned char* from, int n) {
                 from ? std::memcpy(to + into, from, static_cast<std::size_t>(n))
                      : std::memset(to + into, 0, static_cast<std::size_t>(n));
               });
  emulation::change(in, barrier, 0, -static_cast<long>(map.tile_rows) * map.tile_cols * map.width);
}
inline void load_tile(void* shared, const TensorMap& map, int matrix, int row, int col, Barrier& barrier) {
  auto& b = *emulation::block;
  load_tile_into(b, b.offset(shared), map, matrix, row, col, b.offset(&barrier));
}
inline void load_tile(void* shared, const TensorMap& map, int row, int col, Barrier& barrier) {
  load_tile(shared, map, 0, row, col, barrier);
}
inline void load_tile_multicast(void* shared, const TensorMap& map, int row, int col, Barrier& barrier,
                                std::uint16_t blocks) {
  auto& b = *emulation::block;
  for (std::size_t rank = 0; rank < b.cluster->blocks.size(); ++rank)
    if (blocks >> rank & 1)
      load_tile_into(*b.cluster->blocks[rank], b.offset(shared), map, 0, row, col, b.offset(&barrier));
}
inline void store_tile(const TensorMap& map, int matrix, int row, int col, const void* shared) {
  each_of_tile(static_cast<unsigned char*>(const_cast<void*>(shared)), map, matrix, row, col,
               [&](const unsigned char* from, unsigned char* to, int n) {
                 if (to) std::memcpy(to, from, static_cast<std::size_t>(n));
               });
}
inline void store_tile(const TensorMap& map, int row, int col, const void* shared) {
  store_tile(map, 0, row, col, shared);
}

}  // namespace aisp::cuda

using CUtensorMap = aisp::cuda::TensorMap;
