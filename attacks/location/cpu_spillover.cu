// location.cpu_spillover: the inputs are copied to the host, computed there and copied back; or nothing is done at all.
// Caught: the census counts what ran on the device.
#include "../attack_cuda.hpp"

#include <vector>

namespace {
using namespace attacks;

void twin(aisp::Slot slot, In x, Out y) { launch(x, y, aisp::stream(slot)); }
void computes_on_the_host(aisp::Slot slot, In x, Out y) {
  static std::vector<float> in, out;
  in.resize(static_cast<std::size_t>(x.size()));
  out.resize(in.size());
  AISP_CUDA(cudaMemcpyAsync(in.data(), x.data, bytes_of(x), cudaMemcpyDeviceToHost, aisp::stream(slot)));
  AISP_CUDA(cudaStreamSynchronize(aisp::stream(slot)));
  twice({in.data(), {x.size()}}, {out.data(), {x.size()}});
  AISP_CUDA(cudaMemcpyAsync(y.data, out.data(), bytes_of(x), cudaMemcpyHostToDevice, aisp::stream(slot)));
}
void does_nothing(aisp::Slot, In, Out) {}

}  // namespace

TWIN(twin);
ATTACK(computes_on_the_host);
ATTACK(does_nothing);
