// cuda.async_memcpy: the last step is a copy on another stream, which nobody waits for.
// Caught: the census orders copies like kernels.
#include "../attack_cuda.hpp"

namespace {
using namespace attacks;

float* scratch(In x) {
  static aisp::DeviceBuffer<float> buffer(x.size());
  return buffer.get();
}

void twin(aisp::Slot slot, In x, Out y) {
  launch(x, {scratch(x), {x.size()}}, aisp::stream(slot));
  AISP_CUDA(cudaMemcpyAsync(y.data, scratch(x), bytes_of(x), cudaMemcpyDeviceToDevice, aisp::stream(slot)));
}
void copies_on_another_stream(aisp::Slot slot, In x, Out y) {
  launch(x, y, aisp::stream(slot));
  follow(side_stream(), aisp::stream(slot));
  AISP_CUDA(cudaMemcpyAsync(scratch(x), y.data, bytes_of(x), cudaMemcpyDeviceToDevice, side_stream()));
}

}  // namespace

TWIN(twin);
ATTACK(copies_on_another_stream);
