// async_copy.hpp, and shared_storage.hpp, which gives copies a place.
#include "../kernel_test.hpp"

#include <aisp/cuda/async_copy.hpp>
#include <aisp/cuda/shared_storage.hpp>

#include <algorithm>

namespace {

using namespace aisp::cuda;
using namespace aisp::test;

class AsyncCopy : public BuiltFor<9> {};

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
TEST_F(AsyncCopy, AsyncCopiesCompleteGroupByGroup) {
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

// A structure for tiles, behind a variable that shifts what follows.
struct Storage {
  unsigned char tile[3 * 1024];
  int last;
};
__global__ void place_storage(std::uint32_t* at) {
  __shared__ int shift;
  if (threadIdx.x == 0) shift = 7;
  auto& s = shared_storage<Storage>();
  s.tile[0] = 1, s.last = 42;
  at[0] = shared_address(&s) % 1024;
  at[1] = static_cast<std::uint32_t>(shift + s.tile[0] + s.last);
}
TEST_F(AsyncCopy, StorageBeginsAtAMultipleOf1024AndFits) {
  const auto at = on_device(std::vector<std::uint32_t>(2, 99));
  aisp::launch({.shared = shared_bytes<Storage>}, place_storage, at.get());
  EXPECT_EQ(on_host(at), (std::vector<std::uint32_t>{0, 50}));
}

}  // namespace
