// Baseline: cudaMalloc and cudaFree in every call. Both go to the driver, which maps and unmaps pages, and cudaFree
// waits until the device has finished, so the host cannot run ahead. What binds it: the driver, and the wait.
#include "normalise.hpp"

namespace {

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
  const aisp::DeviceBuffer<float> squares(y.size());
  ch11::launch_normalise(aisp::stream(slot), x, squares.get(), y);
}

}  // namespace

AISP_VARIANT(run, .about = "cudaMalloc and cudaFree in every call");
