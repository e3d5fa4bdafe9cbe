// Baseline: the blocks of a row meet in global memory. Each adds its part of the sum to the row's with an atomic
// addition; that the sum is complete is known only when the kernel has ended, so a second one reads x again and
// divides. What binds it: memory bandwidth, for three passes: x is long gone from the second cache level when it is
// read again.
#include "rows.hpp"

namespace {

using namespace ch10;

__global__ void __launch_bounds__(kRowThreads)
    add_magnitudes(const float* __restrict__ x, float* sums, std::int64_t cols) {
  const auto [first, count] = part_of(cols, blockIdx.x);
  const float* part = x + blockIdx.y * cols + first;
  float sum = 0;
#pragma unroll 8
  for (std::int64_t j = threadIdx.x; j < count; j += kRowThreads) sum += fabsf(part[j]);
  sum = sum_of_block(sum);
  if (threadIdx.x == 0) atomicAdd(sums + blockIdx.y, sum);
}

__global__ void __launch_bounds__(kRowThreads)
    divide(const float* __restrict__ x, const float* __restrict__ sums, float* __restrict__ y, std::int64_t cols) {
  const auto [first, count] = part_of(cols, blockIdx.x);
  const auto offset = blockIdx.y * cols + first;
  const float inverse = 1 / (sums[blockIdx.y] + 1e-6f);
#pragma unroll 8
  for (std::int64_t j = threadIdx.x; j < count; j += kRowThreads) y[offset + j] = x[offset + j] * inverse;
}

class Atomics {
 public:
  explicit Atomics(const aisp::Setup& setup) : sums_(setup.param("rows")) {}
  void operator()(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) const {
    const auto stream = aisp::stream(slot);
    const dim3 grid(kRowBlocks, static_cast<unsigned>(x.dim(0)));
    AISP_CUDA(cudaMemsetAsync(sums_.get(), 0, sizeof(float) * static_cast<std::size_t>(x.dim(0)), stream));
    add_magnitudes<<<grid, kRowThreads, 0, stream>>>(x.data, sums_.get(), x.dim(1));
    divide<<<grid, kRowThreads, 0, stream>>>(x.data, sums_.get(), y.data, x.dim(1));
  }

 private:
  aisp::DeviceBuffer<float> sums_;  // one for each row
};

}  // namespace

AISP_VARIANT(Atomics, .about = "atomic additions in global memory, then a second kernel");
