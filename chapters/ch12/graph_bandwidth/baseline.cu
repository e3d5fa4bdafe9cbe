// Baseline: one copy after the other on the stream. A stream is an order: a copy starts when the one before has ended,
// although they have nothing to do with each other, and each pays for its own start and end. What binds it: the latency
// of a copy, and the rate at which the host issues them.
#include <aisp/cuda.hpp>

namespace {

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  const auto pieces = x.dim(0), length = x.dim(1);
  for (std::int64_t p = 0; p < pieces; ++p)
    AISP_CUDA(cudaMemcpyAsync(y.data + p * length, x.data + (pieces - 1 - p) * length,
                              sizeof(float) * static_cast<std::size_t>(length), cudaMemcpyDeviceToDevice,
                              aisp::stream(slot)));
}

}  // namespace

AISP_VARIANT(run, .about = "one copy after the other on a stream");
