// mbarrier.hpp: phases end with the last arrival and the last byte, not before.
#include "../kernel_test.hpp"
#include "barrier_over.hpp"

#include <aisp/cuda/bulk_copy.hpp>

#include <gmock/gmock.h>

namespace {

using namespace aisp::cuda;
using namespace aisp::test;
using testing::Each;

class Mbarrier : public BuiltFor<9> {};

// Threads but the last arrive; then the last one. Three phases.
__global__ void phases(int* early, int* late) {
  __shared__ Barrier barrier;
  const int last = static_cast<int>(blockDim.x) - 1, me = static_cast<int>(threadIdx.x);
  if (me == 0) init(barrier, last + 1), fence_barrier_init();
  __syncthreads();
  for (int phase = 0; phase < 3; ++phase) {
    if (me != last) arrive(barrier);
    __syncthreads();
    early[phase * blockDim.x + me] = over(barrier, phase & 1);
    __syncthreads();
    if (me == last) arrive(barrier);
    wait(barrier, phase & 1);
    late[phase * blockDim.x + me] = over(barrier, phase & 1);
    __syncthreads();
  }
}
TEST_F(Mbarrier, BarrierPhaseEndsWithTheLastArrival) {
  const auto early = on_device(std::vector<int>(3 * 96, -1)), late = on_device(std::vector<int>(3 * 96, -1));
  phases<<<1, 96>>>(early.get(), late.get());
  EXPECT_THAT(on_host(early), Each(0));
  EXPECT_THAT(on_host(late), Each(1));
}

// The phase waits for the announced bytes too, wherever they come from.
__global__ void bytes_expected(const float* x, float* y, int* seen) {
  __shared__ alignas(16) float tile[256];
  __shared__ Barrier barrier;
  if (threadIdx.x == 0) init(barrier, 1), fence_barrier_init();
  __syncthreads();
  if (threadIdx.x == 0) {
    arrive_expecting(barrier, 1024);
    seen[0] = over(barrier, 0);  // nothing was asked for yet
    load_bulk(tile, x, 512, barrier);
    for (int i = 0; i < 1000; ++i) seen[1] = over(barrier, 0);  // half of it came
    load_bulk(tile + 128, x + 128, 512, barrier);
  }
  wait(barrier, 0);
  y[threadIdx.x] = tile[threadIdx.x];
}
TEST_F(Mbarrier, BarrierPhaseEndsWithTheLastByte) {
  const auto values = counting<float>(256);
  const auto x = on_device(values), y = on_device(std::vector<float>(256, -1));
  const auto seen = on_device(std::vector<int>(2, -1));
  bytes_expected<<<1, 256>>>(x.get(), y.get(), seen.get());
  EXPECT_EQ(on_host(y), values);
  EXPECT_THAT(on_host(seen), Each(0));
}

}  // namespace
