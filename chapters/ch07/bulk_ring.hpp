// A copy by the copy engine alone, for tma_copy and hbm_peak: pieces travel from memory into a ring of stages in shared
// memory and from there to their destination. One thread of a block gives the orders; no other has anything to do.
#pragma once

#include <aisp/cuda.hpp>
#include <aisp/cuda/bulk_copy.hpp>

namespace ch07 {

// Copies n floats, both pointers aligned to 16 bytes. A block takes every gridDim.x-th piece of stage_bytes; all stages
// but one are loads under way, the remaining one is being stored.
template <int stage_bytes, int stages>
__global__ void __launch_bounds__(32) copy_bulk(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  using namespace aisp::cuda;
  static_assert(stage_bytes % 128 == 0 && stages >= 2);
  extern __shared__ __align__(128) char ring[];
  __shared__ Barrier full[stages];
  const auto bytes = n / 4 * 16;  // what the engine can move; up to three floats remain
  if (blockIdx.x == 0 && threadIdx.x < n % 4) y[bytes / 4 + threadIdx.x] = x[bytes / 4 + threadIdx.x];
  if (threadIdx.x != 0) return;

  for (auto& barrier : full) init(barrier, 1);
  fence_barrier_init();
  const auto policy = evict_first();
  const auto* from = reinterpret_cast<const char*>(x);
  auto* to = reinterpret_cast<char*>(y);
  const auto pieces = (bytes + stage_bytes - 1) / stage_bytes;
  const auto count = blockIdx.x < pieces ? (pieces - blockIdx.x + gridDim.x - 1) / gridDim.x : 0;  // of this block
  const auto offset = [&](std::int64_t i) { return (blockIdx.x + i * gridDim.x) * stage_bytes; };
  const auto size = [&](std::int64_t i) {
    const auto rest = bytes - offset(i);
    return static_cast<std::uint32_t>(rest < stage_bytes ? rest : stage_bytes);
  };
  const auto load = [&](std::int64_t i) {
    const int s = static_cast<int>(i % stages);
    arrive_expecting(full[s], size(i));
    load_bulk(ring + s * stage_bytes, from + offset(i), size(i), full[s], policy);
  };

  for (std::int64_t i = 0; i < stages - 1 && i < count; ++i) load(i);
  for (std::int64_t i = 0; i < count; ++i) {
    const int s = static_cast<int>(i % stages);
    wait(full[s], static_cast<int>(i / stages % 2));
    store_bulk(to + offset(i), ring + s * stage_bytes, size(i), policy);
    commit_stores();
    if (i + stages - 1 < count) {
      wait_stores_read<1>();  // the stage of piece i - 1 has been read; it is the next to be filled
      load(i + stages - 1);
    }
  }
  wait_stores_read<0>();  // shared memory must outlive the stores that read it
}

// Launches it with as many blocks as fit the machine at once.
template <int stage_bytes, int stages> class BulkCopy {
 public:
  BulkCopy() {
    AISP_CUDA(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, ring_bytes));
    int resident = 0;
    AISP_CUDA(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&resident, kernel, 32, ring_bytes));
    blocks_ = resident * aisp::multiprocessors();
  }
  void operator()(cudaStream_t stream, const float* x, float* y, std::int64_t n) const {
    copy_bulk<stage_bytes, stages><<<blocks_, 32, ring_bytes, stream>>>(x, y, n);
  }

 private:
  static constexpr int ring_bytes = stage_bytes * stages;
  static constexpr auto kernel = copy_bulk<stage_bytes, stages>;
  int blocks_ = 0;
};

}  // namespace ch07
