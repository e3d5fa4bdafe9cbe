// bulk_copy.hpp and bulk_reduce.hpp: what the copy engine moves and adds, and who may look at it when.
#include "../kernel_test.hpp"

#include <aisp/cuda/bulk_reduce.hpp>

#include <algorithm>

namespace {

using namespace aisp::cuda;
using namespace aisp::test;
using bf16 = __nv_bfloat16;

class BulkCopy : public BuiltFor<9> {};

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
TEST_F(BulkCopy, BulkCopiesMoveEveryByteAndNoMore) {
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
TEST_F(BulkCopy, AFenceOrdersThreadsBeforeTheCopyEngine) {
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
TEST_F(BulkCopy, BulkReductionsAddAtomically) {
  expect_sums<float>(1, 0.5f, 100);
  expect_sums<std::uint32_t>(7, 3, 100);
  expect_sums<bf16>(1, 1, 100);
}

__global__ void make_policy(std::uint64_t* policy) { *policy = evict_first(); }
TEST_F(BulkCopy, PolicyIsNoZero) {
  const auto policy = on_device(std::vector<std::uint64_t>(1, 0));
  make_policy<<<1, 1>>>(policy.get());
  EXPECT_NE(on_host(policy)[0], 0u);
}

}  // namespace
