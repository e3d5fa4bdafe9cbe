// cuda.persistent_kernel: a kernel that never ends, in a context for which nobody waits: it spins beside honest work,
// or computes whatever it finds in the inputs; or one beside the queue, which the calls do not wait for, computes the
// answers as the inputs come and leaves the calls nothing but to hand them over. Caught: a probe of the judge's must
// find the device idle before and after each batch, and between the queueing of its calls and the writing of its
// inputs.
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

// Waits for each slot's inputs, for at most 50 ms in all, and answers to what it sees of them.
__global__ void foresee(Slots slots, float* seen, float* answers, std::int64_t n) {
  const auto start = device_ns();
  for (int s = 1; s < slots.count; ++s) {
    const auto* x = static_cast<const volatile float*>(slots.x[s]);
    while (x[n / 2] == seen[s * n + n / 2] && device_ns() - start < 50'000'000) {
    }
    for (std::int64_t i = threadIdx.x; i < n; i += blockDim.x) {
      seen[s * n + i] = x[i];
      answers[s * n + i] = 2 * seen[s * n + i];
    }
  }
}
__global__ void hand_over(const float* x, float* y, const float* seen, const float* answers, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] == seen[i] ? answers[i] : 2 * x[i];
}
struct beside_the_queue {
  explicit beside_the_queue(const aisp::Setup& setup) : n(setup.shape("x")[0]) {
    AISP_CUDA(cudaMalloc(&seen, Slots::kMost * sizeof(float) * n));
    AISP_CUDA(cudaMalloc(&answers, Slots::kMost * sizeof(float) * n));
  }
  void bind(aisp::Slot slot, In x, Out) {
    if (slot.index >= Slots::kMost) return;
    slots.x[slot.index] = x.data;
    slots.count = std::max(slots.count, slot.index + 1);
  }
  void operator()(aisp::Slot slot, In x, Out y) {
    if (slot.index == 1) {
      for (int s = 1; s < slots.count; ++s)
        AISP_CUDA(
            cudaMemcpyAsync(seen + s * n, slots.x[s], sizeof(float) * n, cudaMemcpyDeviceToDevice, side_stream()));
      foresee<<<1, 1024, 0, side_stream()>>>(slots, seen, answers, n);
    }
    hand_over<<<aisp::blocks(n, 256), 256, 0, aisp::stream(slot)>>>(x.data, y.data, seen + slot.index * n,
                                                                    answers + slot.index * n, n);
  }
  Slots slots{};
  std::int64_t n;
  float *seen = nullptr, *answers = nullptr;
};

}  // namespace

TWIN(twin);
ATTACK(spinner);
ATTACK(server);
ATTACK(beside_the_queue);
