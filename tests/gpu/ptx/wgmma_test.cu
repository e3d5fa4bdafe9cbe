// wgmma.hpp: products of tiles, from shared memory and from registers, small enough to check on the host.
#include "../kernel_test.hpp"

#include <aisp/cuda/tensor_map.hpp>
#include <aisp/cuda/wgmma.hpp>

#include <random>
#include <type_traits>

namespace {

using namespace aisp::cuda;
using namespace aisp::test;
using bf16 = __nv_bfloat16;

class Wgmma : public BuiltFor<9> {};

// Where the accumulator's registers belong.
template <int N> __device__ void write(const float (&d)[N / 2], float* d_out) {
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  for (int j = 0; j < N / 8; ++j)
    for (int h = 0; h < 2; ++h)
      for (int e = 0; e < 2; ++e)
        d_out[(16 * warp + lane / 4 + 8 * h) * N + 8 * j + 2 * (lane % 4) + e] = d[4 * j + 2 * h + e];
}

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
  write<N>(d, d_out);
}

// Whole numbers from −4 to 4: products and sums are exact in FP32 however they are ordered.
template <class T> std::vector<T> whole_numbers(std::size_t n) {
  static std::mt19937 random(11);
  std::vector<T> values(n);
  for (auto& v : values) v = static_cast<T>(static_cast<float>(static_cast<int>(random() % 9) - 4));
  return values;
}

template <class T, int N> void expect_product(float start) {
  constexpr int K = 128 / sizeof(T), bytes = (64 + N) * 128 + 1024;
  const auto a = whole_numbers<T>(64 * K), b = whole_numbers<T>(N * K);
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
    expect_product<T, 192>(start);
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
  write<N>(d, d_out);
}
template <int N> void expect_product_across() {
  const auto a = whole_numbers<bf16>(64 * 64), b = whole_numbers<bf16>(64 * N);
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
TEST_F(Wgmma, MultipliesRegistersWithRowsAcross) {
  expect_product_across<64>();
  expect_product_across<128>();
}

// Two products in groups of their own, of all 64 numbers along K and of the first 16. The first is taken while the
// second may still be under way.
__global__ void two_groups(const __grid_constant__ CUtensorMap a_map, const __grid_constant__ CUtensorMap b_map,
                           float* whole, float* part) {
  __shared__ alignas(1024) unsigned char a[64 * 128], b[64 * 128];
  __shared__ Barrier barrier;
  if (threadIdx.x == 0) {
    init(barrier, 1), fence_barrier_init();
    arrive_expecting(barrier, sizeof a + sizeof b);
    load_tile(a, a_map, 0, 0, barrier);
    load_tile(b, b_map, 0, 0, barrier);
  }
  __syncthreads();
  wait(barrier, 0);
  float first[32], second[32];
  wgmma_fence();
#pragma unroll
  for (int step = 0; step < 4; ++step)
    wgmma_bf16<64>(first, wgmma_tile(a) + static_cast<std::uint64_t>(step) * kNextK,
                   wgmma_tile(b) + static_cast<std::uint64_t>(step) * kNextK, step > 0);
  wgmma_commit();
  wgmma_bf16<64>(second, wgmma_tile(a), wgmma_tile(b), false);
  wgmma_commit();
  wgmma_wait<1>();
  hold(first);
  write<64>(first, whole);
  wgmma_wait<0>();
  hold(second);
  write<64>(second, part);
}
TEST_F(Wgmma, GroupsAreDoneInTheirOrder) {
  const auto a = whole_numbers<bf16>(64 * 64), b = whole_numbers<bf16>(64 * 64);
  const auto a_device = on_device(a), b_device = on_device(b);
  const auto whole = on_device(std::vector<float>(64 * 64, 1e9f)), part = on_device(std::vector<float>(64 * 64, 1e9f));
  const auto map = [](const aisp::DeviceBuffer<bf16>& x) {
    return tensor_map(static_cast<const bf16*>(x.get()), 64, 64, 64, 64, Swizzle::bytes_128);
  };
  two_groups<<<1, 128>>>(map(a_device), map(b_device), whole.get(), part.get());
  const auto of_64 = on_host(whole), of_16 = on_host(part);
  for (std::size_t i = 0; i < 64; ++i)
    for (std::size_t j = 0; j < 64; ++j) {
      float want[2] = {};
      for (std::size_t k = 0; k < 64; ++k) {
        const float term = static_cast<float>(a[i * 64 + k]) * static_cast<float>(b[j * 64 + k]);
        want[0] += term;
        if (k < 16) want[1] += term;
      }
      ASSERT_EQ(of_64[i * 64 + j], want[0]) << i << ", " << j;
      ASSERT_EQ(of_16[i * 64 + j], want[1]) << i << ", " << j;
    }
}

TEST_F(Wgmma, MultipliesBf16) { expect_products<bf16>(); }
TEST_F(Wgmma, MultipliesF8e4m3) { expect_products<__nv_fp8_e4m3>(); }

}  // namespace
