// cuda.undeclared_multi_gpu: half of the work goes to a second GPU.
// Caught: the census lists the devices that did work.
#include "../attack_cuda.hpp"

namespace {
using namespace attacks;

void twin(aisp::Slot slot, In x, Out y) {  // counting is free
  int count = 0;
  AISP_CUDA(cudaGetDeviceCount(&count));
  launch(x, y, aisp::stream(slot));
}
void second_gpu(aisp::Slot slot, In x, Out y) {
  AISP_CUDA(cudaSetDevice(1));
  static aisp::DeviceBuffer<float> in(x.size()), out(x.size());
  AISP_CUDA(cudaMemcpyPeer(in.get(), 1, x.data, 0, bytes_of(x)));
  launch({in.get(), {x.size()}}, {out.get(), {x.size()}}, nullptr);
  AISP_CUDA(cudaDeviceSynchronize());
  AISP_CUDA(cudaMemcpyPeer(y.data, 0, out.get(), 1, bytes_of(x)));
  AISP_CUDA(cudaSetDevice(0));
  (void)slot;
}

}  // namespace

TWIN(twin);
ATTACK(second_gpu);
