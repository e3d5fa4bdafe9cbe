// cuda.context_switch: work in a context of its own, awaited, so that every call switches contexts.
// Caught: contexts that a variant creates are counted.
#include "../attack_cuda.hpp"

namespace {
using namespace attacks;

void twin(aisp::Slot slot, In x, Out y) { launch(x, y, aisp::stream(slot)); }
void own_context(aisp::Slot slot, In x, Out y) {
  launch(x, y, aisp::stream(slot));
  in_second_context([] {
    static const auto wait = driver<decltype(&cuCtxSynchronize)>("cuCtxSynchronize");
    wait();
  });
}

}  // namespace

TWIN(twin);
ATTACK(own_context);
