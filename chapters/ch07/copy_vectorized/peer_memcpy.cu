// Peer: cudaMemcpyAsync between two places of the same device.
#include <aisp/cuda.hpp>

namespace {

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
  const auto bytes = sizeof(float) * static_cast<std::size_t>(y.size());
  AISP_CUDA(cudaMemcpyAsync(y.data, x.data, bytes, cudaMemcpyDeviceToDevice, aisp::stream(slot)));
}

}  // namespace

AISP_VARIANT(run, .about = "cudaMemcpyAsync");
