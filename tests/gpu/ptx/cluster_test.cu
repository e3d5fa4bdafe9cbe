// cluster.hpp, bulk_multicast.hpp and dsmem.hpp: blocks that fetch for each other and reach each other.
#include "../kernel_test.hpp"
#include "barrier_over.hpp"

#include <aisp/cuda/bulk_multicast.hpp>
#include <aisp/cuda/cluster.hpp>
#include <aisp/cuda/dsmem.hpp>

#include <algorithm>

namespace {

using namespace aisp::cuda;
using namespace aisp::test;

class Cluster : public BuiltFor<9> {};

constexpr int kTileRows = 16, kTileBytes = 128;  // a row of a tile, as the swizzle wants it

constexpr int kCluster = 4;

__global__ void __cluster_dims__(kCluster) multicast(const float* x, float* y, unsigned mask) {
  __shared__ alignas(16) float piece[64];
  __shared__ Barrier barrier;
  const int rank = cluster_rank();
  piece[threadIdx.x] = -1;
  if (threadIdx.x == 0) {
    init(barrier, 1), fence_barrier_init();
    if (mask >> rank & 1) arrive_expecting(barrier, sizeof piece);
  }
  fence_async_proxy();
  cluster_sync();
  if (rank == 1 && threadIdx.x == 0)
    load_bulk_multicast(piece, x, sizeof piece, barrier, static_cast<std::uint16_t>(mask));
  if (mask >> rank & 1) wait(barrier, 0);
  cluster_sync();
  y[rank * 64 + threadIdx.x] = piece[threadIdx.x];
}
TEST_F(Cluster, MulticastReachesTheBlocksThatItNames) {
  const auto values = counting<float>(64);
  const auto x = on_device(values), y = on_device(std::vector<float>(kCluster * 64, -2));
  multicast<<<kCluster, 64>>>(x.get(), y.get(), 0b1101);
  const auto got = on_host(y);
  for (std::size_t rank = 0; rank < kCluster; ++rank)
    for (std::size_t i = 0; i < 64; ++i)
      EXPECT_EQ(got[rank * 64 + i], rank == 1 ? -1.0f : values[i]) << rank << " " << i;
}

// Each block fetches one tile for both.
__global__ void __cluster_dims__(2) multicast_tiles(const __grid_constant__ CUtensorMap map, unsigned char* raw) {
  __shared__ alignas(1024) unsigned char tile[2][kTileRows * kTileBytes];
  __shared__ Barrier barrier;
  const int rank = cluster_rank();
  if (threadIdx.x == 0) {
    init(barrier, 1), fence_barrier_init();
    arrive_expecting(barrier, sizeof tile);
  }
  cluster_sync();
  if (threadIdx.x == 0) load_tile_multicast(tile[rank], map, rank * kTileRows, 0, barrier, 0b11);
  wait(barrier, 0);
  const unsigned char* bytes = tile[0];
  for (int i = static_cast<int>(threadIdx.x); i < static_cast<int>(sizeof tile); i += static_cast<int>(blockDim.x))
    raw[rank * static_cast<int>(sizeof tile) + i] = bytes[i];
  cluster_sync();
}
TEST_F(Cluster, TilesReachBothBlocksOfACluster) {
  const auto matrix = counting<unsigned char>(2 * kTileRows * kTileBytes);
  const auto x = on_device(matrix), raw = on_device(std::vector<unsigned char>(2 * matrix.size(), 0xee));
  const auto map =
      tensor_map(static_cast<const unsigned char*>(x.get()), 2 * kTileRows, kTileBytes, kTileRows, kTileBytes);
  multicast_tiles<<<2, 64>>>(map, raw.get());
  const auto got = on_host(raw);
  EXPECT_TRUE(std::equal(matrix.begin(), matrix.end(), got.begin()));
  EXPECT_TRUE(std::equal(matrix.begin(), matrix.end(), got.begin() + static_cast<std::ptrdiff_t>(matrix.size())));
}

// A ring: each block reads from the next, writes to the one before, and stores to the second next behind its barrier.
__global__ void __cluster_dims__(kCluster) ring(float* read, float* written, float* sent) {
  __shared__ float own, from_next, parcel;
  __shared__ Barrier barrier;
  const int rank = cluster_rank(), next = (rank + 1) % kCluster, before = (rank + kCluster - 1) % kCluster;
  if (threadIdx.x == 0) {
    init(barrier, 1), fence_barrier_init();
    own = static_cast<float>(100 + rank);
  }
  cluster_sync();
  if (threadIdx.x == 0) {
    arrive_expecting(barrier, sizeof parcel);
    read[rank] = load_from(&own, next);
    store_to(&from_next, before, static_cast<float>(200 + rank));
    store_async(&parcel, (rank + 2) % kCluster, static_cast<float>(300 + rank), barrier);
    wait(barrier, 0);
    sent[rank] = parcel;
  }
  cluster_sync();
  if (threadIdx.x == 0) written[rank] = from_next;
}
TEST_F(Cluster, BlocksOfAClusterReachEachOthersMemory) {
  const auto read = on_device(std::vector<float>(kCluster)), written = on_device(std::vector<float>(kCluster)),
             sent = on_device(std::vector<float>(kCluster));
  ring<<<kCluster, 32>>>(read.get(), written.get(), sent.get());
  EXPECT_EQ(on_host(read), (std::vector<float>{101, 102, 103, 100}));
  EXPECT_EQ(on_host(written), (std::vector<float>{201, 202, 203, 200}));
  EXPECT_EQ(on_host(sent), (std::vector<float>{302, 303, 300, 301}));
}

// The barrier of block 0 takes one arrival of every block.
__global__ void __cluster_dims__(kCluster) gather(int* early, int* late) {
  __shared__ Barrier barrier;
  const int rank = cluster_rank();
  if (threadIdx.x == 0 && rank == 0) init(barrier, kCluster), fence_barrier_init();
  cluster_sync();
  if (threadIdx.x == 0 && rank != 0) arrive_at(barrier, 0);
  cluster_sync();
  if (threadIdx.x == 0 && rank == 0) {
    *early = over(barrier, 0);
    arrive_at(barrier, 0);
    wait(barrier, 0);
    *late = over(barrier, 0);
  }
  cluster_sync();
}
TEST_F(Cluster, RemoteArrivalsCount) {
  const auto early = on_device(std::vector<int>(1, -1)), late = on_device(std::vector<int>(1, -1));
  gather<<<kCluster, 32>>>(early.get(), late.get());
  EXPECT_EQ(on_host(early)[0], 0);
  EXPECT_EQ(on_host(late)[0], 1);
}

// A cluster whose size the launch decides.
__global__ void ranks(int* y) { y[blockIdx.x] = cluster_rank(); }
TEST_F(Cluster, ALaunchMayDecideTheSizeOfClusters) {
  const auto y = on_device(std::vector<int>(8, -1));
  aisp::launch({.grid = 8, .threads = 1, .cluster = 2}, ranks, y.get());
  EXPECT_EQ(on_host(y), (std::vector<int>{0, 1, 0, 1, 0, 1, 0, 1}));
  aisp::launch({.grid = 8, .threads = 1, .cluster = 8}, ranks, y.get());
  EXPECT_EQ(on_host(y), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
}

}  // namespace
