#include "judge/device_probe.hpp"

#include "judge/protocol.hpp"

#include <algorithm>

namespace aisp::judge {
namespace {

constexpr double kPauseSeconds = 200e-6;  // after it an idle judge has given the device back

}  // namespace

Drain DeviceProbe::drain(double limit) {
  Drain drain;
  const auto start = now_ns();
  const auto elapsed = [&] { return static_cast<double>(now_ns() - start) * 1e-9; };
  for (int at_once = 0; at_once < 2;) {
    if (at_once == 1) {
      const auto end = elapsed() + kPauseSeconds;
      while (elapsed() < end) cpu_relax();
    }
    const auto reading = read();
    drain.longest = std::max(drain.longest, reading.seconds);
    drain.sm_mhz = reading.sm_mhz;
    at_once = reading.seconds < kBusySeconds ? at_once + 1 : 0;
    drain.idle = at_once > 0;
    if (!drain.idle && elapsed() > limit) break;
  }
  drain.seconds = elapsed();
  return drain;
}

}  // namespace aisp::judge
