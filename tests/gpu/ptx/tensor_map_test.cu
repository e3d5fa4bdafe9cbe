// tensor_map.hpp: tiles of matrices, how they lie in shared memory, and where they end.
#include "../kernel_test.hpp"

#include <aisp/cuda/bulk_reduce.hpp>
#include <aisp/cuda/tensor_map.hpp>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace {

using namespace aisp::cuda;
using namespace aisp::test;
using bf16 = __nv_bfloat16;

class TensorMap : public BuiltFor<9> {};

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
TEST_F(TensorMap, TilesAreSwizzledAndEndWhereTheMatrixDoes) {
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
TEST_F(TensorMap, TilesOfABatchEndWithTheirMatrix) {
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
TEST_F(TensorMap, AMatrixThatNoMapCanDescribeIsRefused) {
  const auto x = on_device(std::vector<float>(64));
  EXPECT_THROW(tensor_map(static_cast<const float*>(x.get()) + 1, 4, 4, 4, 4), std::runtime_error) << "address";
  EXPECT_THROW(tensor_map(static_cast<const float*>(x.get()), 4, 3, 4, 4), std::runtime_error) << "pitch";
  EXPECT_THROW(tensor_map(static_cast<const float*>(x.get()), 4, 4, 257, 4), std::runtime_error) << "tile";
}

}  // namespace
