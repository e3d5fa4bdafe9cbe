// timing.incomplete_async on CUDA: the work runs in a context for which the worker does not wait.
// Caught: a probe of the judge's must find the device idle, and outputs must stay as they are.
#include "../attack_cuda.hpp"

namespace {
using namespace attacks;

void twin(aisp::Slot slot, In x, Out y) { launch(x, y, aisp::stream(slot)); }
void second_context(aisp::Slot, In x, Out y) {
  in_second_context([&] { launch(x, y, nullptr, 3 * kHiddenNs); });
}

}  // namespace

TWIN(twin);
ATTACK(second_context);
