// cuda.dynamic_parallelism: the work is done by a kernel that another one launches, which no census follows.
// Yields nothing: the stream goes on when a kernel and all that it launched have ended, so the time counts. The note
// that the module can launch kernels stands in the result.
#include "../attack_cuda.hpp"

namespace {
using namespace attacks;

__global__ void launch_from_here(const float* x, float* y, std::int64_t n) {
  twice_for<<<static_cast<unsigned>((n + 255) / 256), 256, 0, cudaStreamFireAndForget>>>(x, y, n, kHiddenNs);
}

void twin(aisp::Slot slot, In x, Out y) { launch(x, y, aisp::stream(slot)); }
void launches_from_the_device(aisp::Slot slot, In x, Out y) {
  launch_from_here<<<1, 1, 0, aisp::stream(slot)>>>(x.data, y.data, x.size());
}

}  // namespace

TWIN(twin);
ATTACK(launches_from_the_device);
