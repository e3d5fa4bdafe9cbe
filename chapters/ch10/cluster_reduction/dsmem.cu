// Distributed shared memory: the eight blocks of a row are a cluster, on the device at the same time and able to read
// each other's shared memory. Each keeps its part of the row there, reads the other seven sums when all are there, and
// divides what it kept: one kernel, x read once. Expected: 1.3 to 1.5 times the baseline. What binds it: memory
// bandwidth, for two passes.
#include <cooperative_groups.h>

#include "rows.hpp"

namespace {

using namespace ch10;

__global__ void __cluster_dims__(kRowBlocks, 1, 1) __launch_bounds__(kRowThreads)
    normalise(const float* __restrict__ x, float* __restrict__ y, std::int64_t cols) {
  extern __shared__ float kept[];
  __shared__ float own;
  const auto cluster = cooperative_groups::this_cluster();
  const auto [first, count] = part_of(cols, blockIdx.x);  // the cluster is the row of blocks: its rank is blockIdx.x
  const auto offset = blockIdx.y * cols + first;
  float sum = 0;
#pragma unroll 8
  for (std::int64_t j = threadIdx.x; j < count; j += kRowThreads) {
    kept[j] = x[offset + j];
    sum += fabsf(kept[j]);
  }
  sum = sum_of_block(sum);
  if (threadIdx.x == 0) own = sum;
  cluster.sync();  // all eight sums are there

  float total = 1e-6f;
#pragma unroll
  for (int rank = 0; rank < kRowBlocks; ++rank) total += *cluster.map_shared_rank(&own, rank);
  const float inverse = 1 / total;
#pragma unroll 8
  for (std::int64_t j = threadIdx.x; j < count; j += kRowThreads) y[offset + j] = kept[j] * inverse;
  cluster.sync();  // a block's shared memory must outlive the others' reads
}

class Clusters {
 public:
  explicit Clusters(const aisp::Setup& setup)
      : bytes_(static_cast<int>(part_length(setup.param("cols")) * std::int64_t{sizeof(float)})) {
    aisp::allow_shared(normalise, bytes_);
  }
  void operator()(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) const {
    const dim3 grid(kRowBlocks, static_cast<unsigned>(x.dim(0)));
    normalise<<<grid, kRowThreads, static_cast<std::size_t>(bytes_), aisp::stream(slot)>>>(x.data, y.data, x.dim(1));
  }

 private:
  int bytes_;
};

}  // namespace

AISP_VARIANT(Clusters, .about = "a cluster of eight blocks for each row, sums in distributed shared memory");
