// Cluster: a row is read once and kept in the registers of up to eight blocks, a thread block cluster. Each block folds
// its share; then every block writes its maximum and sum into the shared memory of the others (distributed shared
// memory), so that one cluster barrier is all the blocks wait for. Exponentials are taken twice, as the elements stay
// packed: 64 KB a block, two blocks a multiprocessor. Effect: two streams, the least there is.
// Expected: close to a copy of the same bytes. What binds it: memory bandwidth.
#include <cooperative_groups.h>

#include "../softmax.hpp"

namespace {

using namespace ch09;
using T = __nv_bfloat16;
constexpr int threads = 512, vectors = 8, per = per_vector<T>, most_blocks = 8;
constexpr int capacity = threads * vectors * per;  // elements of a block

// The largest of the even elements, and of the odd ones.
__device__ __nv_bfloat162 largest(uint4 raw) {
  const auto pair = [](const std::uint32_t& word) { return reinterpret_cast<const __nv_bfloat162&>(word); };
  return __hmax2(__hmax2(pair(raw.x), pair(raw.y)), __hmax2(pair(raw.z), pair(raw.w)));
}

// Forgets what is known of the vector, so that the compiler unpacks it again where it is used again and does not keep
// twice the registers alive.
__device__ void keep_packed(uint4& raw) { asm volatile("" : "+r"(raw.x), "+r"(raw.y), "+r"(raw.z), "+r"(raw.w)); }

// A cluster for each row; its blocks hold `share` elements each, the last ones fewer or none.
template <bool whole>
__global__ void __launch_bounds__(threads, whole ? 2 : 1)
    softmax(const T* __restrict__ x, T* __restrict__ y, int cols, int share) {
  using Row = Layout<T, threads, whole>;
  __shared__ PowerSum partial[threads / 32], of_block[most_blocks];
  const auto cluster = cooperative_groups::this_cluster();
  const int blocks = static_cast<int>(cluster.num_blocks()), rank = static_cast<int>(cluster.block_rank());
  const auto start = std::int64_t{blockIdx.x / static_cast<unsigned>(blocks)} * cols + rank * share;
  const int here = max(0, min(share, cols - rank * share));
  cluster.barrier_arrive();  // others write into this block's shared memory: it must have started

  uint4 raw[vectors];
#pragma unroll
  for (int k = 0; k < vectors; ++k) raw[k] = Row::load(x + start, here, k, minus_infinity<T>);
  __nv_bfloat162 most = largest(raw[0]);
#pragma unroll
  for (int k = 1; k < vectors; ++k) most = __hmax2(most, largest(raw[k]));
  PowerSum own{shift_of(fmaxf(__low2float(most), __high2float(most))), 0};
#pragma unroll
  for (int k = 0; k < vectors; ++k) {
    float v[per];
    unpack(raw[k], v);
#pragma unroll
    for (int e = 0; e < per; ++e) own.sum += power(v[e], own.shift);
    keep_packed(raw[k]);
  }

  const PowerSum mine = merge_block(own, partial);
  cluster.barrier_wait();
  if (threadIdx.x < blocks) cluster.map_shared_rank(of_block, threadIdx.x)[rank] = mine;
  cluster.sync();  // nobody leaves before all have written
  PowerSum row = of_block[0];
  for (int b = 1; b < blocks; ++b) row = merge(row, of_block[b]);

  const float inverse = 1 / row.sum;
#pragma unroll
  for (int k = 0; k < vectors; ++k) {
    float v[per];
    unpack(raw[k], v);
#pragma unroll
    for (int e = 0; e < per; ++e) v[e] = power(v[e], row.shift) * inverse;
    Row::store(y + start, here, k, v);
  }
}

void cluster(aisp::Slot slot, aisp::Matrix<const T> x, aisp::Matrix<T> y) {
  const auto rows = x.dim(0), cols = x.dim(1);
  unsigned blocks = 1;
  while (blocks < most_blocks && std::int64_t{blocks} * capacity < cols) blocks *= 2;
  const std::int64_t share = aisp::blocks(cols, std::int64_t{blocks} * per) * per;  // whole vectors
  if (share > capacity)
    throw std::invalid_argument("a row of " + std::to_string(cols) + " elements does not fit a cluster (" +
                                std::to_string(most_blocks * capacity) + " at most)");
  cudaLaunchAttribute size{};
  size.id = cudaLaunchAttributeClusterDimension;
  size.val.clusterDim = {blocks, 1, 1};
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(static_cast<unsigned>(rows) * blocks);
  config.blockDim = dim3(threads);
  config.stream = aisp::stream(slot);
  config.attrs = &size;
  config.numAttrs = 1;
  AISP_CUDA(cudaLaunchKernelEx(&config, cols % per == 0 ? softmax<true> : softmax<false>, x.data, y.data,
                               static_cast<int>(cols), static_cast<int>(share)));
}

}  // namespace

AISP_VARIANT(cluster, .about = "one read, a row in the registers of a cluster");
