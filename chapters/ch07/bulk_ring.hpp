// A copy by the copy engine alone, for tma_copy and hbm_peak: pieces travel from memory into a ring of stages in shared
// memory and from there to their destination. One thread of a block gives the orders; no other has anything to do.
#pragma once

#include <aisp/cuda.hpp>
#include <aisp/cuda/bulk_copy.hpp>

namespace ch07 {

// Copies n floats, both pointers aligned to 16 bytes. A block takes every gridDim.x-th piece of stage_bytes; half of
// the stages are loads under way, the other half are being stored. On an H200 small pieces and few of them won the
// sweep: 64 KB on a multiprocessor, in pieces of 4 KB, copied 256 MB in 133 µs, the same in pieces of 32 KB in 142 µs,
// probably because the machine then works on fewer pages of memory at a time. Hints that the data will not be used
// again gained nothing there.
template <int stage_bytes, int stages>
__global__ void __launch_bounds__(32) copy_bulk(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  using namespace aisp::cuda;
  static_assert(stage_bytes % 128 == 0 && stages >= 2 && stages % 2 == 0);
  constexpr int loading = stages / 2, storing = stages - loading;
  extern __shared__ __align__(128) char ring[];
  __shared__ Barrier full[stages];
  const auto bytes = n / 4 * 16;  // what the engine can move; up to three floats remain
  if (blockIdx.x == 0 && threadIdx.x < n % 4) y[bytes / 4 + threadIdx.x] = x[bytes / 4 + threadIdx.x];
  if (threadIdx.x != 0) return;

  for (auto& barrier : full) init(barrier, 1);
  fence_barrier_init();
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
    load_bulk(ring + s * stage_bytes, from + offset(i), size(i), full[s]);
  };

  for (std::int64_t i = 0; i < loading && i < count; ++i) load(i);
  for (std::int64_t i = 0; i < count; ++i) {
    const int s = static_cast<int>(i % stages);
    wait(full[s], static_cast<int>(i / stages % 2));
    store_bulk(to + offset(i), ring + s * stage_bytes, size(i));
    commit_stores();
    if (i + loading < count) {
      wait_stores_read<storing>();  // piece i - storing has left its stage, which is the next to be filled
      load(i + loading);
    }
  }
  wait_stores_read<0>();  // shared memory must outlive the stores that read it
}

// Launches it with `blocks_per_multiprocessor` blocks on each.
template <int stage_bytes, int stages, int blocks_per_multiprocessor> class BulkCopy {
 public:
  BulkCopy() { aisp::allow_shared(kernel, ring_bytes); }
  void operator()(cudaStream_t stream, const float* x, float* y, std::int64_t n) const {
    kernel<<<blocks_per_multiprocessor * aisp::multiprocessors(), 32, ring_bytes, stream>>>(x, y, n);
  }

 private:
  static constexpr int ring_bytes = stage_bytes * stages;
  static constexpr auto kernel = copy_bulk<stage_bytes, stages>;
};

}  // namespace ch07
