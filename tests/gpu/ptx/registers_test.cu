// ldmatrix.hpp, math.hpp, and of wgmma.hpp what is no product: barriers of warpgroups, registers that change hands,
// tiles on their way between registers and shared memory.
#include "../kernel_test.hpp"

#include <aisp/cuda/ldmatrix.hpp>
#include <aisp/cuda/math.hpp>
#include <aisp/cuda/wgmma.hpp>

#include <cmath>
#include <limits>

namespace {

using namespace aisp::cuda;
using namespace aisp::test;

class Registers : public BuiltFor<9> {};

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
TEST_F(Registers, NamedBarriersHoldTheirThreadsAlone) {
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
TEST_F(Registers, ANamedBarrierMayBeReachedWithoutWaiting) {
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
TEST_F(Registers, RegistersChangeHands) {
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
TEST_F(Registers, MatrixTilesGoToSharedMemoryAndBack) {
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

__global__ void powers(const float* x, float* y) { y[threadIdx.x] = power_of_two(x[threadIdx.x]); }
TEST_F(Registers, PowersOfTwoAreAsExactAsTheySay) {
  std::vector<float> x;
  for (int i = 0; i < 1024; ++i) x.push_back(-126 + 252 * static_cast<float>(i) / 1023);
  const auto in = on_device(x), out = on_device(std::vector<float>(x.size(), -1));
  powers<<<1, 1024>>>(in.get(), out.get());
  const auto got = on_host(out);
  for (std::size_t i = 0; i < x.size(); ++i)
    EXPECT_NEAR(got[i] / std::exp2(static_cast<double>(x[i])), 1, 0x1p-22 + 0x1p-24) << "2^" << x[i];

  constexpr float infinity = std::numeric_limits<float>::infinity();
  const auto edges = on_device(std::vector<float>{0, -127, -1000, -infinity, 128, infinity, NAN});
  powers<<<1, 7>>>(edges.get(), out.get());
  const auto at = on_host(out);
  EXPECT_EQ(std::vector<float>(at.begin(), at.begin() + 6), (std::vector<float>{1, 0, 0, 0, infinity, infinity}))
      << "subnormal results are zero";
  EXPECT_TRUE(std::isnan(at[6]));
}

}  // namespace
