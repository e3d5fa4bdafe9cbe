// Reads the monotonic clock until the duration has passed. The overshoot is at most one reading of the clock.
#include <aisp/variant.hpp>

#include <chrono>

namespace {

void spin(aisp::Vector<const std::int64_t> duration, aisp::Vector<std::int64_t> proof) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(duration[0]);
  proof[0] = (duration[0] * 48271) % 2147483647;
  while (std::chrono::steady_clock::now() < end) {
  }
}

}  // namespace

AISP_VARIANT(spin, .about = "reads the clock until the time has passed");
