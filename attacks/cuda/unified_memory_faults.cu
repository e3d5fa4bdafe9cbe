// cuda.unified_memory_faults: scratch memory migrates between host and device.
// Yields nothing: migrations lie within the calls that cause them, and those are timed whole.
#include "../attack_cuda.hpp"

namespace {
using namespace attacks;

void twin(aisp::Slot slot, In x, Out y) { launch(x, y, aisp::stream(slot)); }
void managed_scratch(aisp::Slot slot, In x, Out y) {
  static float* scratch = nullptr;
  if (!scratch) AISP_CUDA(cudaMallocManaged(&scratch, bytes_of(x)));
  AISP_CUDA(cudaStreamSynchronize(aisp::stream(slot)));
  scratch[0] = 1;  // its page comes to the host
  launch(x, {scratch, {x.size()}}, aisp::stream(slot));
  AISP_CUDA(cudaMemcpyAsync(y.data, scratch, bytes_of(x), cudaMemcpyDeviceToDevice, aisp::stream(slot)));
}

}  // namespace

TWIN(twin);
ATTACK(managed_scratch);
