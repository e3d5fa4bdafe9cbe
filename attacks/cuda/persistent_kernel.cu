// cuda.persistent_kernel: a kernel that never ends, in a context for which nobody waits: it spins beside honest work,
// or computes whatever it finds in the inputs. Caught: a probe of the judge's must find the device idle before and
// after each batch.
#include "../attack_cuda.hpp"

#include <algorithm>
#include <utility>

namespace {
using namespace attacks;

__global__ void spin_for_ever() {
  for (;;) __nanosleep(1000);
}

struct Slots {
  static constexpr int kMost = 200;
  const float* x[kMost];
  float* y[kMost];
  int count;
};
__global__ void serve(Slots slots, std::int64_t n) {
  for (;;)
    for (int s = 0; s < slots.count; ++s)
      for (std::int64_t i = threadIdx.x; i < n; i += blockDim.x)
        static_cast<volatile float*>(slots.y[s])[i] = 2 * static_cast<const volatile float*>(slots.x[s])[i];
}

void twin(aisp::Slot slot, In x, Out y) {  // a long kernel that ends
  launch(x, y, aisp::stream(slot), kHiddenNs);
}
void spinner(aisp::Slot slot, In x, Out y) {
  static bool started = false;
  if (!std::exchange(started, true)) in_second_context([] { spin_for_ever<<<1, 1>>>(); });
  launch(x, y, aisp::stream(slot));
}
struct server {
  explicit server(const aisp::Setup&) {}
  void bind(aisp::Slot slot, In x, Out y) {
    if (slot.index >= Slots::kMost) return;
    slots.x[slot.index] = x.data;
    slots.y[slot.index] = y.data;
    slots.count = std::max(slots.count, slot.index + 1);
  }
  void operator()(aisp::Slot, In x, Out) {
    if (!std::exchange(started, true)) in_second_context([&] { serve<<<1, 1024>>>(slots, x.size()); });
  }
  Slots slots{};
  bool started = false;
};

}  // namespace

TWIN(twin);
ATTACK(spinner);
ATTACK(server);
