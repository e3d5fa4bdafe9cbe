// timing.unsynced_streams: the work goes to streams that nobody waits for, one or a pool of three.
// Caught: the census orders all work of a call, and the context is awaited within the judge's clock. The twin forks and
// joins.
#include "../attack_cuda.hpp"

namespace {
using namespace attacks;

void twin(aisp::Slot slot, In x, Out y) {
  follow(side_stream(), aisp::stream(slot));
  launch(x, y, side_stream());
  follow(aisp::stream(slot), side_stream());
}
void unjoined(aisp::Slot slot, In x, Out y) {
  follow(side_stream(), aisp::stream(slot));
  launch(x, y, side_stream(), kHiddenNs);
}
void three_pooled_streams(aisp::Slot slot, In x, Out y) {
  static cudaStream_t pool[3] = {};
  static unsigned next = 0;
  auto& stream = pool[next++ % 3];
  if (!stream) AISP_CUDA(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  follow(stream, aisp::stream(slot));
  launch(x, y, stream, kHiddenNs);
}

}  // namespace

TWIN(twin);
ATTACK(unjoined);
ATTACK(three_pooled_streams);
