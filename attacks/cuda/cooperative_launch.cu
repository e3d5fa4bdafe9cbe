// cuda.cooperative_launch: a grid that waits for itself, on a stream that nobody waits for.
// Caught: cooperative launches are counted, and one outside the call is named. The twin launches it on the given
// stream.
#include "../attack_cuda.hpp"

#include <cooperative_groups.h>

namespace {
using namespace attacks;

__global__ void twice_together(const float* x, float* y, std::int64_t n) {
  const auto step = std::int64_t{gridDim.x} * blockDim.x;
  const auto first = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (auto i = first; i < n; i += step) y[i] = x[i];
  cooperative_groups::this_grid().sync();
  for (auto i = first; i < n; i += step) y[i] *= 2;
}

void launch_together(In x, Out y, cudaStream_t stream) {
  std::int64_t n = x.size();
  void* arguments[] = {&x.data, &y.data, &n};
  AISP_CUDA(
      cudaLaunchCooperativeKernel(reinterpret_cast<void*>(&twice_together), dim3(32), dim3(256), arguments, 0, stream));
}

void twin(aisp::Slot slot, In x, Out y) { launch_together(x, y, aisp::stream(slot)); }
void undeclared_grid_sync(aisp::Slot slot, In x, Out y) {
  follow(side_stream(), aisp::stream(slot));
  launch_together(x, y, side_stream());
}

}  // namespace

TWIN(twin);
ATTACK(undeclared_grid_sync);
