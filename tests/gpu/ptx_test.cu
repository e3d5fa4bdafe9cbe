// Every wrapper of include/aisp/cuda/ does what its section of the PTX ISA says, on cases small enough to check by hand
// or on the host. Built for sm_90a; skips with a reason elsewhere.
#include <aisp/cuda/bulk_multicast.hpp>
#include <aisp/cuda/bulk_reduce.hpp>
#include <aisp/cuda/cluster.hpp>
#include <aisp/cuda/dsmem.hpp>
#include <aisp/cuda/graph.hpp>
#include <aisp/cuda/ldmatrix.hpp>
#include <aisp/cuda/pdl.hpp>
#include <aisp/cuda/wgmma.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace aisp::cuda;
using bf16 = __nv_bfloat16;
using testing::Each;

class Ptx : public testing::Test {
 protected:
  void SetUp() override {
    int count = 0, major = 0, minor = 0;
    if (const auto error = cudaGetDeviceCount(&count); error != cudaSuccess || count == 0)
      GTEST_SKIP() << "no GPU: " << cudaGetErrorString(error);
    AISP_CUDA(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, 0));
    AISP_CUDA(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, 0));
    if (major != 9) GTEST_SKIP() << "built for sm_90a, the GPU is sm_" << major << minor;
  }
};

template <class T> aisp::DeviceBuffer<T> on_device(const std::vector<T>& values) {
  aisp::DeviceBuffer<T> buffer(static_cast<std::int64_t>(values.size()));
  AISP_CUDA(cudaMemcpy(buffer.get(), values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice));
  return buffer;
}
template <class T> std::vector<T> on_host(const aisp::DeviceBuffer<T>& buffer) {
  std::vector<T> values(static_cast<std::size_t>(buffer.size()));
  AISP_CUDA(cudaDeviceSynchronize());
  AISP_CUDA(cudaMemcpy(values.data(), buffer.get(), values.size() * sizeof(T), cudaMemcpyDeviceToHost));
  return values;
}
template <class T> std::vector<T> counting(std::size_t n) {
  std::vector<T> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<T>(static_cast<float>(i % 251));
  return values;
}

// Whether the phase of that parity is over, without waiting for it.
__device__ bool over(Barrier& barrier, int parity) {
  std::uint32_t done;
  asm volatile("{\n.reg .pred p;\nmbarrier.test_wait.parity.shared::cta.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}\n"
               : "=r"(done)
               : "r"(shared_address(&barrier)), "r"(parity)
               : "memory");
  return done != 0;
}

// --------------------------------------------------------------------------------------------------------- mbarrier

// Threads but the last arrive; then the last one. Three phases.
__global__ void phases(int* early, int* late) {
  __shared__ Barrier barrier;
  const int last = static_cast<int>(blockDim.x) - 1, me = static_cast<int>(threadIdx.x);
  if (me == 0) init(barrier, last + 1), fence_barrier_init();
  __syncthreads();
  for (int phase = 0; phase < 3; ++phase) {
    if (me != last) arrive(barrier);
    __syncthreads();
    early[phase * blockDim.x + me] = over(barrier, phase & 1);
    __syncthreads();
    if (me == last) arrive(barrier);
    wait(barrier, phase & 1);
    late[phase * blockDim.x + me] = over(barrier, phase & 1);
    __syncthreads();
  }
}
TEST_F(Ptx, BarrierPhaseEndsWithTheLastArrival) {
  const auto early = on_device(std::vector<int>(3 * 96, -1)), late = on_device(std::vector<int>(3 * 96, -1));
  phases<<<1, 96>>>(early.get(), late.get());
  EXPECT_THAT(on_host(early), Each(0));
  EXPECT_THAT(on_host(late), Each(1));
}

// The phase waits for the announced bytes too, wherever they come from.
__global__ void bytes_expected(const float* x, float* y, int* seen) {
  __shared__ alignas(16) float tile[256];
  __shared__ Barrier barrier;
  if (threadIdx.x == 0) init(barrier, 1), fence_barrier_init();
  __syncthreads();
  if (threadIdx.x == 0) {
    arrive_expecting(barrier, 1024);
    seen[0] = over(barrier, 0);  // nothing was asked for yet
    load_bulk(tile, x, 512, barrier);
    for (int i = 0; i < 1000; ++i) seen[1] = over(barrier, 0);  // half of it came
    load_bulk(tile + 128, x + 128, 512, barrier);
  }
  wait(barrier, 0);
  y[threadIdx.x] = tile[threadIdx.x];
}
TEST_F(Ptx, BarrierPhaseEndsWithTheLastByte) {
  const auto values = counting<float>(256);
  const auto x = on_device(values), y = on_device(std::vector<float>(256, -1));
  const auto seen = on_device(std::vector<int>(2, -1));
  bytes_expected<<<1, 256>>>(x.get(), y.get(), seen.get());
  EXPECT_EQ(on_host(y), values);
  EXPECT_THAT(on_host(seen), Each(0));
}

// --------------------------------------------------------------------------------------------------------- cp.async

__global__ void three_groups(const float4* x, float4* y, const float* narrow, float* narrow_out) {
  __shared__ float4 tile[3][32];
  __shared__ float words[32];
  for (int g = 0; g < 3; ++g) {
    copy_async_16(&tile[g][threadIdx.x], &x[g * 32 + threadIdx.x]);
    if (g == 1) copy_async_4(&words[threadIdx.x], &narrow[threadIdx.x]);
    commit_copies();
  }
  wait_copies<1>();  // the first two
  y[threadIdx.x] = tile[0][threadIdx.x], y[32 + threadIdx.x] = tile[1][threadIdx.x];
  narrow_out[threadIdx.x] = words[threadIdx.x];
  wait_copies<0>();
  __syncthreads();
  y[64 + threadIdx.x] = tile[2][31 - threadIdx.x];  // of another thread
}
TEST_F(Ptx, AsyncCopiesCompleteGroupByGroup) {
  const auto values = counting<float>(3 * 32 * 4), narrow = counting<float>(32);
  const auto x = on_device(values), y = on_device(std::vector<float>(values.size(), -1));
  const auto in = on_device(narrow), out = on_device(std::vector<float>(32, -1));
  three_groups<<<1, 32>>>(reinterpret_cast<const float4*>(x.get()), reinterpret_cast<float4*>(y.get()), in.get(),
                          out.get());
  auto expected = values;
  for (std::size_t i = 0; i < 32; ++i)
    std::copy_n(values.data() + 4 * (64 + 31 - i), 4, expected.data() + 4 * (64 + i));
  EXPECT_EQ(on_host(y), expected);
  EXPECT_EQ(on_host(out), narrow);
}

// -------------------------------------------------------------------------------------------------------- bulk copy

__global__ void there_and_back(const unsigned char* x, unsigned char* y, std::uint32_t bytes) {
  extern __shared__ __align__(16) unsigned char piece[];
  __shared__ Barrier barrier;
  if (threadIdx.x != 0) return;
  init(barrier, 1), fence_barrier_init();
  arrive_expecting(barrier, bytes);
  load_bulk(piece, x, bytes, barrier);
  wait(barrier, 0);
  store_bulk(y, piece, bytes);
  commit_stores();
  wait_stores_read<0>();
  for (std::uint32_t i = 0; i < bytes; ++i) piece[i] = 0xff;  // the engine has read it
}
TEST_F(Ptx, BulkCopiesMoveEveryByteAndNoMore) {
  AISP_CUDA(cudaFuncSetAttribute(there_and_back, cudaFuncAttributeMaxDynamicSharedMemorySize, 65536));
  for (const std::uint32_t bytes : {16u, 48u, 4096u, 65536u}) {
    std::vector<unsigned char> values(bytes + 32);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<unsigned char>(i * 37 + i / 251);
    const auto x = on_device(values), y = on_device(std::vector<unsigned char>(bytes + 32, 0xee));
    there_and_back<<<1, 32, 65536>>>(x.get(), y.get(), bytes);
    auto expected = values;
    std::fill(expected.begin() + bytes, expected.end(), 0xee);
    EXPECT_EQ(on_host(y), expected) << bytes;
  }
}

// What the thread wrote is what the copy engine reads, and what the engine wrote is visible after wait_stores().
__global__ void fenced(float* y, int* read_back) {
  __shared__ alignas(16) float tile[128];
  tile[threadIdx.x] = static_cast<float>(threadIdx.x) + 0.5f;
  fence_async_proxy();
  __syncthreads();
  if (threadIdx.x != 0) return;
  store_bulk(y, tile, sizeof tile);
  commit_stores();
  wait_stores<0>();
  asm volatile("fence.proxy.async;" ::: "memory");
  read_back[0] = *(volatile float*)&y[77] == 77.5f;
}
TEST_F(Ptx, AFenceOrdersThreadsBeforeTheCopyEngine) {
  const auto y = on_device(std::vector<float>(128, -1));
  const auto read_back = on_device(std::vector<int>(1, -1));
  fenced<<<1, 128>>>(y.get(), read_back.get());
  const auto got = on_host(y);
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], static_cast<float>(i) + 0.5f);
  EXPECT_EQ(on_host(read_back)[0], 1);
}

template <class T> __global__ void add_all(T* y, T value) {
  __shared__ alignas(16) T tile[64];
  tile[threadIdx.x] = value;
  fence_async_proxy();
  __syncthreads();
  if (threadIdx.x != 0) return;
  add_bulk(y, tile, sizeof tile);
  commit_stores();
  wait_stores<0>();
}
template <class T> void expect_sums(float start, float value, int blocks) {
  const auto y = on_device(std::vector<T>(64, static_cast<T>(start)));
  add_all<T><<<blocks, 64>>>(y.get(), static_cast<T>(value));
  for (const auto v : on_host(y)) EXPECT_EQ(static_cast<float>(v), start + value * static_cast<float>(blocks));
}
TEST_F(Ptx, BulkReductionsAddAtomically) {
  expect_sums<float>(1, 0.5f, 100);
  expect_sums<std::uint32_t>(7, 3, 100);
  expect_sums<bf16>(1, 1, 100);
}

__global__ void make_policy(std::uint64_t* policy) { *policy = evict_first(); }
TEST_F(Ptx, PolicyIsNoZero) {
  const auto policy = on_device(std::vector<std::uint64_t>(1, 0));
  make_policy<<<1, 1>>>(policy.get());
  EXPECT_NE(on_host(policy)[0], 0u);
}

// ------------------------------------------------------------------------------------------------------ tensor maps

constexpr int kTileRows = 16, kTileBytes = 128;  // a row of a tile, as the swizzle wants it

// Fetches a tile, gives back what lies in shared memory, and stores the tile through another map, unless it begins
// outside.
__global__ void move_tile(const __grid_constant__ CUtensorMap from, const __grid_constant__ CUtensorMap to, int row,
                          int col, unsigned char* raw) {
  __shared__ alignas(1024) unsigned char tile[kTileRows * kTileBytes];
  __shared__ Barrier barrier;
  if (threadIdx.x == 0) {
    init(barrier, 1), fence_barrier_init();
    arrive_expecting(barrier, sizeof tile);
    load_tile(tile, from, row, col, barrier);
  }
  __syncthreads();
  wait(barrier, 0);
  for (int i = static_cast<int>(threadIdx.x); i < kTileRows * kTileBytes; i += static_cast<int>(blockDim.x))
    raw[i] = tile[i];
  __syncthreads();
  if (threadIdx.x == 0 && row >= 0 && col >= 0) {
    store_tile(to, row, col, tile);
    commit_stores();
    wait_stores<0>();
  }
}

template <class T> void expect_tiles(Swizzle swizzle) {
  constexpr int cols_a_tile = kTileBytes / sizeof(T), rows = 40,
                cols = 3 * cols_a_tile - 16 / static_cast<int>(sizeof(T));
  std::vector<T> matrix(rows * cols);
  for (std::size_t i = 0; i < matrix.size(); ++i) {  // bytes that tell where they are from
    const auto word = static_cast<std::uint32_t>(i + 1);
    std::memcpy(static_cast<void*>(&matrix[i]), &word, sizeof(T));
  }
  const std::vector<T> blank(matrix.size());
  const auto x = on_device(matrix);
  const auto from = tensor_map(static_cast<const T*>(x.get()), rows, cols, kTileRows, cols_a_tile, swizzle);
  for (const auto& [row, col] :
       {std::pair(0, 0), {16, cols_a_tile}, {32, 2 * cols_a_tile}, {-8, 0}, {0, -cols_a_tile / 2}}) {
    SCOPED_TRACE("tile at " + std::to_string(row) + ", " + std::to_string(col));
    const auto y = on_device(blank);
    const auto to = tensor_map(static_cast<const T*>(y.get()), rows, cols, kTileRows, cols_a_tile, swizzle);
    const auto raw = on_device(std::vector<unsigned char>(kTileRows * kTileBytes, 0xee));
    move_tile<<<1, 128>>>(from, to, row, col, raw.get());
    const auto tile = on_host(raw);
    auto stored = blank;
    for (int r = 0; r < kTileRows; ++r)
      for (int c = 0; c < cols_a_tile; ++c) {
        const int byte = c * static_cast<int>(sizeof(T)), piece = byte / 16;
        const int lies = swizzle == Swizzle::bytes_128 ? piece ^ r % 8 : piece;
        T got;
        std::memcpy(static_cast<void*>(&got), &tile[static_cast<std::size_t>(r * kTileBytes + lies * 16 + byte % 16)],
                    sizeof(T));
        T want{};
        if (row + r >= 0 && row + r < rows && col + c >= 0 && col + c < cols) {
          const auto at = static_cast<std::size_t>((row + r) * cols + col + c);
          want = matrix[at];
          if (row >= 0 && col >= 0) stored[at] = want;
        }
        ASSERT_EQ(std::memcmp(&got, &want, sizeof(T)), 0) << r << ", " << c;
      }
    const auto got = on_host(y);
    EXPECT_EQ(std::memcmp(got.data(), stored.data(), stored.size() * sizeof(T)), 0) << "stored inside, and only there";
  }
}
TEST_F(Ptx, TilesAreSwizzledAndEndWhereTheMatrixDoes) {
  for (const auto swizzle : {Swizzle::none, Swizzle::bytes_128}) {
    SCOPED_TRACE(swizzle == Swizzle::none ? "plain" : "128-byte swizzle");
    expect_tiles<float>(swizzle);
    expect_tiles<bf16>(swizzle);
    expect_tiles<__half>(swizzle);
    expect_tiles<unsigned char>(swizzle);
  }
}
// The last tile of the middle one of three matrices: nothing of the next one is read or written.
__global__ void move_in_batch(const __grid_constant__ CUtensorMap from, const __grid_constant__ CUtensorMap to) {
  __shared__ alignas(1024) unsigned char tile[kTileRows * kTileBytes];
  __shared__ Barrier barrier;
  if (threadIdx.x != 0) return;
  init(barrier, 1), fence_barrier_init();
  arrive_expecting(barrier, sizeof tile);
  load_tile(tile, from, 1, 16, 0, barrier);
  wait(barrier, 0);
  store_tile(to, 1, 16, 0, tile);
  commit_stores();
  wait_stores<0>();
}
TEST_F(Ptx, TilesOfABatchEndWithTheirMatrix) {
  constexpr int rows = 20, matrix = rows * kTileBytes;
  const auto values = counting<unsigned char>(3 * matrix);
  const auto x = on_device(values), y = on_device(std::vector<unsigned char>(values.size(), 0xee));
  const auto map = [](const aisp::DeviceBuffer<unsigned char>& of) {
    return batched_tensor_map(static_cast<const unsigned char*>(of.get()), 3, rows, kTileBytes, kTileRows, kTileBytes);
  };
  move_in_batch<<<1, 32>>>(map(x), map(y));
  std::vector<unsigned char> want(values.size(), 0xee);
  const auto first = static_cast<std::ptrdiff_t>(matrix + 16 * kTileBytes), last = std::ptrdiff_t{2 * matrix};
  std::copy(values.begin() + first, values.begin() + last, want.begin() + first);
  EXPECT_EQ(on_host(y), want);
}
TEST_F(Ptx, AMatrixThatNoMapCanDescribeIsRefused) {
  const auto x = on_device(std::vector<float>(64));
  EXPECT_THROW(tensor_map(static_cast<const float*>(x.get()) + 1, 4, 4, 4, 4), std::runtime_error) << "address";
  EXPECT_THROW(tensor_map(static_cast<const float*>(x.get()), 4, 3, 4, 4), std::runtime_error) << "pitch";
  EXPECT_THROW(tensor_map(static_cast<const float*>(x.get()), 4, 4, 257, 4), std::runtime_error) << "tile";
}

// --------------------------------------------------------------------------------------------------------- clusters

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
TEST_F(Ptx, MulticastReachesTheBlocksThatItNames) {
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
TEST_F(Ptx, TilesReachBothBlocksOfACluster) {
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
TEST_F(Ptx, BlocksOfAClusterReachEachOthersMemory) {
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
TEST_F(Ptx, RemoteArrivalsCount) {
  const auto early = on_device(std::vector<int>(1, -1)), late = on_device(std::vector<int>(1, -1));
  gather<<<kCluster, 32>>>(early.get(), late.get());
  EXPECT_EQ(on_host(early)[0], 0);
  EXPECT_EQ(on_host(late)[0], 1);
}

// ------------------------------------------------------------------------------------------- warps and warpgroups

// Two halves of a block meet each other half a time: a barrier of its own for each.
__global__ void halves(int* y) {
  __shared__ int values[256];
  const int me = static_cast<int>(threadIdx.x), half = me / 128;
  for (int round = 0; round < 1 + 3 * half; ++round) {  // as often as they like
    values[me] = me + round;
    named_barrier(1 + half, 128);
    y[me] = values[half * 128 + 127 - me % 128];
    named_barrier(1 + half, 128);
  }
}
TEST_F(Ptx, NamedBarriersHoldTheirThreadsAlone) {
  const auto y = on_device(std::vector<int>(256, -1));
  halves<<<1, 256>>>(y.get());
  const auto got = on_host(y);
  for (int i = 0; i < 256; ++i)
    EXPECT_EQ(got[static_cast<std::size_t>(i)], i / 128 * 128 + 127 - i % 128 + (i < 128 ? 0 : 3));
}

// One half says that it is there and goes on; the other waits for it.
__global__ void told(int* y) {
  __shared__ int value;
  if (threadIdx.x < 128) {
    if (threadIdx.x == 0) value = 42;
    arrive_at_named_barrier(3, 256);
    y[threadIdx.x] = 1;
  } else {
    named_barrier(3, 256);
    y[threadIdx.x] = value;
  }
}
TEST_F(Ptx, ANamedBarrierMayBeReachedWithoutWaiting) {
  const auto y = on_device(std::vector<int>(256, -1));
  told<<<1, 256>>>(y.get());
  const auto got = on_host(y);
  for (std::size_t i = 0; i < 256; ++i) EXPECT_EQ(got[i], i < 128 ? 1 : 42);
}

// One warpgroup gives registers to another, which then computes with more values than it was launched with.
constexpr int kValues = 200;
__global__ void __launch_bounds__(384, 1) exchange_registers(const float* x, float* y) {
  if (threadIdx.x < 128) {
    give_up_registers<24>();
    y[threadIdx.x] = x[threadIdx.x];
    return;
  }
  take_registers<240>();
  float v[kValues];
#pragma unroll
  for (int i = 0; i < kValues; ++i) v[i] = x[threadIdx.x + i];
  for (int round = 0; round < 3; ++round)
#pragma unroll
    for (int i = 0; i < kValues; ++i) v[i] += v[(i * 7 + 1) % kValues];
  float sum = 0;
#pragma unroll
  for (int i = 0; i < kValues; ++i) sum += v[i] * static_cast<float>(i % 5);
  y[threadIdx.x] = sum;
}
TEST_F(Ptx, RegistersChangeHands) {
  const std::vector<float> ones(384 + kValues, 1);
  const auto x = on_device(ones), y = on_device(std::vector<float>(384, -1));
  exchange_registers<<<1, 384>>>(x.get(), y.get());
  const auto got = on_host(y);
  std::vector<float> v(kValues, 1);
  for (int round = 0; round < 3; ++round)
    for (std::size_t i = 0; i < kValues; ++i) v[i] += v[(i * 7 + 1) % kValues];
  float sum = 0;
  for (std::size_t i = 0; i < kValues; ++i) sum += v[i] * static_cast<float>(i % 5);
  for (std::size_t i = 0; i < 384; ++i) EXPECT_EQ(got[i], i < 128 ? 1 : sum) << i;
}

__device__ std::uint32_t pair_of(int row, int col) {
  return static_cast<std::uint32_t>(row * 16 + col) | static_cast<std::uint32_t>(row * 16 + col + 1) << 16;
}
// Registers that say where their elements belong; to shared memory, and back in both ways.
__global__ void matrix_tiles(std::uint16_t* stored, std::uint32_t* plain, std::uint32_t* transposed) {
  __shared__ alignas(16) std::uint16_t tile[16][16];  // tiles 0 1 above 2 3
  const int lane = static_cast<int>(threadIdx.x), r = lane / 4, c = lane % 4 * 2;
  const int row = lane % 8 + lane / 16 * 8, col = lane / 8 % 2 * 8;  // whose address this lane gives
  store_tiles(&tile[row][col], pair_of(r, c), pair_of(r, c + 8), pair_of(r + 8, c), pair_of(r + 8, c + 8));
  __syncwarp();
  for (int i = lane; i < 256; i += 32) stored[i] = tile[i / 16][i % 16];
  std::uint32_t v[4];
  load_tiles(v, &tile[row][col]);
  for (int i = 0; i < 4; ++i) plain[lane * 4 + i] = v[i];
  load_tiles_transposed(v, &tile[row][col]);
  for (int i = 0; i < 4; ++i) transposed[lane * 4 + i] = v[i];
}
TEST_F(Ptx, MatrixTilesGoToSharedMemoryAndBack) {
  const auto stored = on_device(std::vector<std::uint16_t>(256));
  const auto plain = on_device(std::vector<std::uint32_t>(128)),
             transposed = on_device(std::vector<std::uint32_t>(128));
  matrix_tiles<<<1, 32>>>(stored.get(), plain.get(), transposed.get());
  const auto tile = on_host(stored);
  for (std::size_t i = 0; i < 256; ++i) EXPECT_EQ(tile[i], i);
  const auto a = on_host(plain), b = on_host(transposed);
  for (std::uint32_t lane = 0; lane < 32; ++lane)
    for (std::uint32_t i = 0; i < 4; ++i) {
      const auto row = i / 2 * 8, col = i % 2 * 8, r = lane / 4, c = lane % 4 * 2;
      const auto element = [&](std::uint32_t x, std::uint32_t y) { return (row + x) * 16 + col + y; };
      EXPECT_EQ(a[lane * 4 + i], element(r, c) | element(r, c + 1) << 16);
      EXPECT_EQ(b[lane * 4 + i], element(c, r) | element(c + 1, r) << 16);
    }
}

// ------------------------------------------------------------------------------------------------------------ wgmma

// d = start·[accumulate] + a·bᵀ, a 64 × K and b N × K, both 128 bytes a row and swizzled by the copy engine.
template <class T, int N>
__global__ void multiply(const __grid_constant__ CUtensorMap a_map, const __grid_constant__ CUtensorMap b_map,
                         float* d_out, float start) {
  extern __shared__ unsigned char raw[];
  auto* a = reinterpret_cast<unsigned char*>((reinterpret_cast<std::uintptr_t>(raw) + 1023) & ~std::uintptr_t{1023});
  auto* b = a + 64 * 128;
  __shared__ Barrier barrier;
  if (threadIdx.x == 0) {
    init(barrier, 1), fence_barrier_init();
    arrive_expecting(barrier, (64 + N) * 128);
    load_tile(a, a_map, 0, 0, barrier);
    load_tile(b, b_map, 0, 0, barrier);
  }
  __syncthreads();
  wait(barrier, 0);
  float d[N / 2];
  for (auto& v : d) v = start != 0 ? start : 7;  // what a product that does not accumulate overwrites
  hold(d);
  wgmma_fence();
  for (int step = 0; step < 4; ++step) {  // 32 bytes along K each
    const bool accumulate = step > 0 || start != 0;
    if constexpr (std::is_same_v<T, bf16>)
      wgmma_bf16<N>(d, wgmma_tile(a) + static_cast<std::uint64_t>(step) * kNextK,
                    wgmma_tile(b) + static_cast<std::uint64_t>(step) * kNextK, accumulate);
    else
      wgmma_f8e4m3<N>(d, wgmma_tile(a) + static_cast<std::uint64_t>(step) * kNextK,
                      wgmma_tile(b) + static_cast<std::uint64_t>(step) * kNextK, accumulate);
  }
  wgmma_commit();
  wgmma_wait<0>();
  hold(d);
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  for (int j = 0; j < N / 8; ++j)
    for (int h = 0; h < 2; ++h)
      for (int e = 0; e < 2; ++e)
        d_out[(16 * warp + lane / 4 + 8 * h) * N + 8 * j + 2 * (lane % 4) + e] = d[4 * j + 2 * h + e];
}

// Whole numbers from −4 to 4: products and sums are exact in FP32 however they are ordered.
template <class T, int N> void expect_product(float start) {
  constexpr int K = 128 / sizeof(T), bytes = (64 + N) * 128 + 1024;
  std::mt19937 random(N + static_cast<unsigned>(sizeof(T)));
  const auto draw = [&](std::size_t n) {
    std::vector<T> values(n);
    for (auto& v : values) v = static_cast<T>(static_cast<float>(static_cast<int>(random() % 9) - 4));
    return values;
  };
  const auto a = draw(64 * K), b = draw(N * K);
  const auto a_device = on_device(a), b_device = on_device(b);
  const auto d = on_device(std::vector<float>(64 * N, 1e9f));
  AISP_CUDA(cudaFuncSetAttribute(multiply<T, N>, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes));
  multiply<T, N><<<1, 128, bytes>>>(tensor_map(static_cast<const T*>(a_device.get()), 64, K, 64, K, Swizzle::bytes_128),
                                    tensor_map(static_cast<const T*>(b_device.get()), N, K, N, K, Swizzle::bytes_128),
                                    d.get(), start);
  const auto got = on_host(d);
  for (int i = 0; i < 64; ++i)
    for (int j = 0; j < N; ++j) {
      float want = start;
      for (int k = 0; k < K; ++k)
        want += static_cast<float>(a[static_cast<std::size_t>(i * K + k)]) *
                static_cast<float>(b[static_cast<std::size_t>(j * K + k)]);
      ASSERT_EQ(got[static_cast<std::size_t>(i * N + j)], want) << "N " << N << " at " << i << ", " << j;
    }
}
template <class T> void expect_products() {
  for (const float start : {0.0f, 5.0f}) {
    SCOPED_TRACE(start == 0 ? "d = a·bᵀ" : "d += a·bᵀ");
    expect_product<T, 64>(start);
    expect_product<T, 128>(start);
    expect_product<T, 256>(start);
  }
}
// d = a·b, a 64 × 64 from registers, b 64 × N with its rows along N, in pieces of 64 columns.
template <int N>
__global__ void multiply_across(const __grid_constant__ CUtensorMap b_map, const bf16* a, float* d_out) {
  constexpr int piece = 64 * 128;
  __shared__ alignas(1024) unsigned char b[N / 64 * piece];
  __shared__ Barrier barrier;
  if (threadIdx.x == 0) {
    init(barrier, 1), fence_barrier_init();
    arrive_expecting(barrier, sizeof b);
    for (int i = 0; i < N / 64; ++i) load_tile(b + i * piece, b_map, 0, 64 * i, barrier);
  }
  __syncthreads();
  wait(barrier, 0);
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  float d[N / 2];
  for (auto& v : d) v = 7;  // overwritten by the first step
  hold(d);
  wgmma_fence();
#pragma unroll
  for (int step = 0; step < 4; ++step) {
    std::uint32_t x[4];
    for (int i = 0; i < 4; ++i) {
      const int row = 16 * warp + lane / 4 + i % 2 * 8, col = 16 * step + 2 * (lane % 4) + i / 2 * 8;
      x[i] = *reinterpret_cast<const std::uint32_t*>(a + row * 64 + col);
    }
    wgmma_bf16_across<N>(d, x, wgmma_tile_across(b, piece) + static_cast<std::uint64_t>(step) * kNextRows, step > 0);
  }
  wgmma_commit();
  wgmma_wait<0>();
  hold(d);
  for (int j = 0; j < N / 8; ++j)
    for (int h = 0; h < 2; ++h)
      for (int e = 0; e < 2; ++e)
        d_out[(16 * warp + lane / 4 + 8 * h) * N + 8 * j + 2 * (lane % 4) + e] = d[4 * j + 2 * h + e];
}
template <int N> void expect_product_across() {
  std::mt19937 random(N);
  const auto draw = [&](std::size_t n) {
    std::vector<bf16> values(n);
    for (auto& v : values) v = static_cast<bf16>(static_cast<float>(static_cast<int>(random() % 9) - 4));
    return values;
  };
  const auto a = draw(64 * 64), b = draw(64 * N);
  const auto a_device = on_device(a), b_device = on_device(b);
  const auto d = on_device(std::vector<float>(64 * N, 1e9f));
  multiply_across<N><<<1, 128>>>(
      tensor_map(static_cast<const bf16*>(b_device.get()), 64, N, 64, 64, Swizzle::bytes_128), a_device.get(), d.get());
  const auto got = on_host(d);
  for (std::size_t i = 0; i < 64; ++i)
    for (std::size_t j = 0; j < N; ++j) {
      float want = 0;
      for (std::size_t k = 0; k < 64; ++k) want += static_cast<float>(a[i * 64 + k]) * static_cast<float>(b[k * N + j]);
      ASSERT_EQ(got[i * N + j], want) << "N " << N << " at " << i << ", " << j;
    }
}
TEST_F(Ptx, WgmmaMultipliesRegistersWithRowsAcross) {
  expect_product_across<64>();
  expect_product_across<128>();
}

TEST_F(Ptx, WgmmaMultipliesBf16) { expect_products<bf16>(); }
TEST_F(Ptx, WgmmaMultipliesF8e4m3) { expect_products<__nv_fp8_e4m3>(); }

// ----------------------------------------------------------------------------------- launches, streams and graphs

__global__ void slow_step(int* value, int factor) {
  allow_successor();
  wait_for_predecessor();
  const int before = *value;
  for (int i = 0; i < 2000; ++i) asm volatile("" ::: "memory");
  *value = before * factor + 1;
}
__global__ void plain_step(int* value, int factor) { *value = *value * factor + 1; }

int chained(int start, int factor, int steps) {
  for (int i = 0; i < steps; ++i) start = start * factor + 1;
  return start;
}
TEST_F(Ptx, EarlyLaunchesWaitForTheirPredecessor) {
  const auto value = on_device(std::vector<int>{1});
  const Stream stream;
  for (int i = 0; i < 12; ++i) launch_early(stream.get(), 1, 1, slow_step, value.get(), 3);
  EXPECT_EQ(on_host(value)[0], chained(1, 3, 12));
  slow_step<<<1, 1, 0, stream.get()>>>(value.get(), 2);  // in the ordinary way the wait returns at once
  EXPECT_EQ(on_host(value)[0], chained(chained(1, 3, 12), 2, 1));
}

TEST_F(Ptx, EventsOrderStreams) {
  const auto value = on_device(std::vector<int>{1});
  const Stream a, b;
  const Event event;
  for (int i = 0; i < 10; ++i) {
    slow_step<<<1, 1, 0, a.get()>>>(value.get(), 2);
    event.order(a.get(), b.get());
    slow_step<<<1, 1, 0, b.get()>>>(value.get(), 3);
    event.order(b.get(), a.get());
  }
  int want = 1;
  for (int i = 0; i < 10; ++i) want = chained(chained(want, 2, 1), 3, 1);
  EXPECT_EQ(on_host(value)[0], want);
}

TEST_F(Ptx, GraphsAreRecordedBuiltAndChanged) {
  const auto value = on_device(std::vector<int>{1});
  const Graph recorded([&](cudaStream_t stream) {
    plain_step<<<1, 1, 0, stream>>>(value.get(), 2);
    plain_step<<<1, 1, 0, stream>>>(value.get(), 3);
  });
  EXPECT_EQ(on_host(value)[0], 1) << "recording runs nothing";
  const Stream stream;
  const GraphExec exec(recorded);
  exec.upload(stream.get());
  exec.launch(stream.get());
  EXPECT_EQ(on_host(value)[0], 10);

  const Graph built;
  const auto first = add_kernel(built.get(), {}, 1, 1, plain_step, value.get(), 2);
  add_kernel(built.get(), std::span(&first, 1), 1, 1, plain_step, value.get(), 3);
  GraphExec other(built);
  other.launch(stream.get());
  EXPECT_EQ(on_host(value)[0], chained(chained(10, 2, 1), 3, 1));
  set_kernel(other, first, 1, 1, plain_step, value.get(), 0);
  other.launch(stream.get());
  EXPECT_EQ(on_host(value)[0], 4) << "0 · value + 1, times 3, plus 1";
}

}  // namespace
