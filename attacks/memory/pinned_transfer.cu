// memory.pinned_transfer: the result passes through pinned memory, and the copies are not awaited.
// Caught: the census orders copies like kernels.
#include "../attack_cuda.hpp"

namespace {
using namespace attacks;

float* staging(In x) {
  static float* pinned = nullptr;
  if (!pinned) AISP_CUDA(cudaMallocHost(&pinned, bytes_of(x)));
  return pinned;
}
void through_the_host(In x, Out y, cudaStream_t stream) {
  AISP_CUDA(cudaMemcpyAsync(staging(x), y.data, bytes_of(x), cudaMemcpyDeviceToHost, stream));
  AISP_CUDA(cudaMemcpyAsync(y.data, staging(x), bytes_of(x), cudaMemcpyHostToDevice, stream));
}

void twin(aisp::Slot slot, In x, Out y) {
  launch(x, y, aisp::stream(slot));
  through_the_host(x, y, aisp::stream(slot));
}
void unawaited_staging(aisp::Slot slot, In x, Out y) {
  launch(x, y, aisp::stream(slot));
  follow(side_stream(), aisp::stream(slot));
  through_the_host(x, y, side_stream());
}

}  // namespace

TWIN(twin);
ATTACK(unawaited_staging);
