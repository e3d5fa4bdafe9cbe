// The wrappers of tcgen05.hpp on products small enough to check on the host. Built for sm_100a, and not yet run; skips
// with a reason elsewhere.
#include "kernel_test.hpp"

#include <aisp/block_scaled.hpp>
#include <aisp/cuda/tcgen05.hpp>

#include <random>
#include <type_traits>
#include <vector>

namespace {

using namespace aisp::cuda;
using namespace aisp::test;
using bf16 = __nv_bfloat16;
using e4m3 = __nv_fp8_e4m3;

constexpr std::uint64_t kNext = 32 >> 4;  // 32 bytes along K
constexpr int kRows = 128, kRowBytes = 128;

class Tcgen05 : public BuiltFor<10> {};

__device__ TensorAddress quarter_of(TensorAddress address) { return address + (threadIdx.x / 32 << 21); }

// ----------------------------------------------------------------------------------------------------- tensor memory

__global__ void store_and_load(std::uint32_t* out) {
  __shared__ TensorAddress tmem;
  if (threadIdx.x < 32) allocate_columns<1>(tmem, 64);
  fence_before_barrier();
  __syncthreads();
  fence_after_barrier();
  std::uint32_t v[32];
  for (int half = 0; half < 2; ++half) {
    for (int i = 0; i < 32; ++i) v[i] = threadIdx.x * 64 + half * 32 + i;
    store_columns(quarter_of(tmem) + half * 32, v);
  }
  wait_column_stores();
  for (int half = 0; half < 2; ++half) {
    load_columns(v, quarter_of(tmem) + half * 32);
    wait_loads(v);
    for (int i = 0; i < 32; ++i) out[threadIdx.x * 64 + half * 32 + i] = v[i];
  }
  fence_before_barrier();
  __syncthreads();
  if (threadIdx.x < 32) free_columns<1>(tmem, 64);
}
TEST_F(Tcgen05, ColumnsKeepWhatIsStored) {
  const auto out = on_device(std::vector<std::uint32_t>(128 * 64, 0xffffffffu));
  store_and_load<<<1, 128>>>(out.get());
  const auto got = on_host(out);
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i], i);
}

// ---------------------------------------------------------------------------------------------------------- products

// What a row of 128 bytes holds, and how it is multiplied: 32 bytes along K at a time.
struct Bf16 {
  using Number = bf16;
  static constexpr int words = 0;
};
struct F8 {
  using Number = e4m3;
  static constexpr int words = 0;
};
struct Mxf8 {
  using Number = e4m3;
  static constexpr int words = 1;
};
struct Nvf4 {
  using Number = std::uint8_t;  // two a byte
  static constexpr int words = 4;
};

// d = a·bᵀ, all of them 128 rows. Scales: `words` words for each row.
template <class Kind>
__global__ void multiply(const __grid_constant__ CUtensorMap a_map, const __grid_constant__ CUtensorMap b_map,
                         const std::uint32_t* a_scales, const std::uint32_t* b_scales, float* d) {
  constexpr int words = Kind::words;
  __shared__ alignas(1024) unsigned char a[kRows * kRowBytes], b[kRows * kRowBytes];
  extern __shared__ __align__(128) std::uint32_t scales[];  // of a, then of b, in tiles of 128 words
  __shared__ Barrier loaded, done;
  __shared__ TensorAddress address;
  const int me = static_cast<int>(threadIdx.x);
  if (me == 0) init(loaded, 1), init(done, 1), fence_barrier_init();
  if (me < 32) allocate_columns<1>(address, 256);
  for (int w = 0; w < words; ++w) {
    scales[w * kRows + scale_word_offset(me) / 4] = a_scales[me * words + w];
    scales[(words + w) * kRows + scale_word_offset(me) / 4] = b_scales[me * words + w];
  }
  fence_async_proxy();
  fence_before_barrier();
  __syncthreads();
  fence_after_barrier();
  const TensorAddress tmem = address, a_at = tmem + 128, b_at = a_at + 4 * words;
  if (me == 0) {
    arrive_expecting(loaded, sizeof a + sizeof b);
    load_tile(a, a_map, 0, 0, loaded);
    load_tile(b, b_map, 0, 0, loaded);
    wait(loaded, 0);
    for (int w = 0; w < words; ++w) {
      copy_scales(a_at + 4 * w, scale_tile(shared_address(scales + w * kRows)));
      copy_scales(b_at + 4 * w, scale_tile(shared_address(scales + (words + w) * kRows)));
    }
    for (int i = 0; i < 4; ++i) {
      const auto x = swizzled_tile(shared_address(a)) + static_cast<std::uint64_t>(i) * kNext;
      const auto y = swizzled_tile(shared_address(b)) + static_cast<std::uint64_t>(i) * kNext;
      if constexpr (std::is_same_v<Kind, Bf16>) mma_bf16<1>(tmem, x, y, instruction_bf16(128, 128), i > 0);
      if constexpr (std::is_same_v<Kind, F8>)
        mma_f8f6f4<1>(tmem, x, y, instruction_f8f6f4(Narrow::e4m3, Narrow::e4m3, 128, 128), i > 0);
      if constexpr (std::is_same_v<Kind, Mxf8>)
        mma_mxf8(tmem, x, y, instruction_mxf8(Narrow::e4m3, Narrow::e4m3, 128, 128, i), a_at, b_at, i > 0);
      if constexpr (std::is_same_v<Kind, Nvf4>)
        mma_nvf4(tmem, x, y, instruction_nvf4(128, 128), a_at + 4 * i, b_at + 4 * i, i > 0);
    }
    commit(done);
  }
  __syncwarp();
  wait(done, 0);
  fence_after_barrier();
  for (int col = 0; col < 128; col += 32) {
    std::uint32_t v[32];
    load_columns(v, quarter_of(tmem) + col);
    wait_loads(v);
    for (int i = 0; i < 32; ++i) d[me * 128 + col + i] = __uint_as_float(v[i]);
  }
  fence_before_barrier();
  __syncthreads();
  if (me < 32) free_columns<1>(tmem, 256);
}

std::mt19937& generator() {
  static std::mt19937 random(11);
  return random;
}
int between(int lo, int hi) { return lo + static_cast<int>(generator()() % static_cast<unsigned>(hi - lo + 1)); }

// Numbers, their scales, and both as one real matrix; every product and sum is exact in FP32.
template <class Kind> struct Operand {
  static constexpr int depth = std::is_same_v<Kind, Nvf4> ? 256 : 128 / static_cast<int>(sizeof(typename Kind::Number));
  std::vector<typename Kind::Number> numbers;
  std::vector<std::uint8_t> scales;
  std::vector<float> values;

  explicit Operand(int rows)
      : numbers(static_cast<std::size_t>(rows) * kRowBytes / sizeof(typename Kind::Number)),
        scales(static_cast<std::size_t>(rows) * Kind::words * 4),
        values(static_cast<std::size_t>(rows) * depth) {
    constexpr bool nvf4 = std::is_same_v<Kind, Nvf4>;
    for (auto& n : numbers)
      if constexpr (nvf4)
        n = static_cast<std::uint8_t>(between(0, 255));
      else
        n = static_cast<typename Kind::Number>(static_cast<float>(between(-4, 4)));
    for (auto& s : scales) s = static_cast<std::uint8_t>(nvf4 ? 0x30 + 8 * between(0, 2) : between(126, 128));
    for (std::size_t i = 0; i < values.size(); ++i) {
      if constexpr (nvf4)
        values[i] = aisp::e2m1_at(numbers[i / 2], static_cast<int>(i % 2)) *
                    aisp::ue4m3_to_float(scales[i / aisp::kNvfp4Block]);
      else
        values[i] =
            static_cast<float>(numbers[i]) * (Kind::words ? aisp::ue8m0_to_float(scales[i / aisp::kMxBlock]) : 1.0f);
    }
  }
  float at(int row, int k) const { return values[static_cast<std::size_t>(row * depth + k)]; }
};

template <class Kind>
void expect_equal(const std::vector<float>& got, const Operand<Kind>& a, const Operand<Kind>& b, int rows, int cols) {
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < cols; ++j) {
      float want = 0;
      for (int k = 0; k < Operand<Kind>::depth; ++k) want += a.at(i, k) * b.at(j, k);
      ASSERT_EQ(got[static_cast<std::size_t>(i * cols + j)], want) << i << ", " << j;
    }
}

template <class T> CUtensorMap map_of(const aisp::DeviceBuffer<T>& matrix, int rows, int tile_rows) {
  constexpr int cols = kRowBytes / sizeof(T);
  return tensor_map(static_cast<const T*>(matrix.get()), rows, cols, tile_rows, cols, Swizzle::bytes_128);
}

template <class Kind> void expect_product() {
  const Operand<Kind> a(kRows), b(kRows);
  const auto a_device = on_device(a.numbers), b_device = on_device(b.numbers);
  const auto words = [](const Operand<Kind>& x) {
    std::vector<std::uint32_t> w(x.scales.size() / 4 + 1);
    std::copy(x.scales.begin(), x.scales.end(), reinterpret_cast<std::uint8_t*>(w.data()));
    return on_device(w);
  };
  const auto a_scales = words(a), b_scales = words(b);
  const auto d = on_device(std::vector<float>(kRows * kRows, 1e9f));
  multiply<Kind><<<1, 128, 2 * Kind::words * kRows * 4>>>(
      map_of(a_device, kRows, kRows), map_of(b_device, kRows, kRows), a_scales.get(), b_scales.get(), d.get());
  expect_equal(on_host(d), a, b, kRows, kRows);
}
TEST_F(Tcgen05, MultipliesBf16) { expect_product<Bf16>(); }
TEST_F(Tcgen05, MultipliesF8) { expect_product<F8>(); }
TEST_F(Tcgen05, MultipliesMxf8WithScalesFor32) { expect_product<Mxf8>(); }
TEST_F(Tcgen05, MultipliesNvf4WithScalesFor16) { expect_product<Nvf4>(); }

// Two blocks multiply 256 rows of A with 128 rows of B, of which each brings 64.
template <class Kind>
__global__ void __cluster_dims__(2)
    multiply_pair(const __grid_constant__ CUtensorMap a_map, const __grid_constant__ CUtensorMap b_map, float* d) {
  __shared__ alignas(1024) unsigned char a[kRows * kRowBytes], b[64 * kRowBytes];
  __shared__ Barrier loaded, done;
  __shared__ TensorAddress address;
  const int me = static_cast<int>(threadIdx.x), rank = cluster_rank();
  if (me == 0) init(loaded, 1), init(done, 1), fence_barrier_init();
  if (me < 32) allocate_columns<2>(address, 128);
  fence_before_barrier();
  cluster_sync();
  fence_after_barrier();
  const TensorAddress tmem = address;
  if (me == 0) {
    if (rank == 0) arrive_expecting(loaded, 2 * (sizeof a + sizeof b));
    load_tile_pair(a, a_map, rank * kRows, 0, loaded, 0);
    load_tile_pair(b, b_map, rank * 64, 0, loaded, 0);
    if (rank == 0) {
      wait(loaded, 0);
      for (int i = 0; i < 4; ++i) {
        const auto x = swizzled_tile(shared_address(a)) + static_cast<std::uint64_t>(i) * kNext;
        const auto y = swizzled_tile(shared_address(b)) + static_cast<std::uint64_t>(i) * kNext;
        if constexpr (std::is_same_v<Kind, Bf16>) mma_bf16<2>(tmem, x, y, instruction_bf16(256, 128), i > 0);
        if constexpr (std::is_same_v<Kind, F8>)
          mma_f8f6f4<2>(tmem, x, y, instruction_f8f6f4(Narrow::e4m3, Narrow::e4m3, 256, 128), i > 0);
      }
      commit_pair(done, 0b11);
    }
  }
  __syncwarp();
  wait(done, 0);
  fence_after_barrier();
  for (int col = 0; col < 128; col += 32) {
    std::uint32_t v[32];
    load_columns(v, quarter_of(tmem) + col);
    wait_loads(v);
    for (int i = 0; i < 32; ++i) d[(rank * kRows + me) * 128 + col + i] = __uint_as_float(v[i]);
  }
  fence_before_barrier();
  cluster_sync();
  if (me < 32) free_columns<2>(tmem, 128);
}
template <class Kind> void expect_product_of_pair() {
  const Operand<Kind> a(256), b(128);
  const auto a_device = on_device(a.numbers), b_device = on_device(b.numbers);
  const auto d = on_device(std::vector<float>(256 * 128, 1e9f));
  multiply_pair<Kind><<<2, 128>>>(map_of(a_device, 256, kRows), map_of(b_device, 128, 64), d.get());
  expect_equal(on_host(d), a, b, 256, 128);
}
TEST_F(Tcgen05, APairOfBlocksMultipliesBf16) { expect_product_of_pair<Bf16>(); }
TEST_F(Tcgen05, APairOfBlocksMultipliesF8) { expect_product_of_pair<F8>(); }

}  // namespace
