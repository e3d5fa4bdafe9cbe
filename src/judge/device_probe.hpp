// Judge side: what the device is doing while a worker claims to be idle. The judge's own context has to share the
// device with whatever the worker left running, and that shows. Figures and reasons: docs/timing.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace aisp::judge {

// A kernel of the judge's that runs later than this has waited for another context's: an idle device takes 25 to 300 µs
// to switch to the judge, a busy one keeps it waiting for a time slice of about 2.5 ms.
inline constexpr double kBusySeconds = 1e-3;
// How long a worker may keep the device busy after it said done before it is ended.
inline constexpr double kDrainLimitSeconds = 0.25;

struct ProbeReading {
  double seconds = 0;  // from the launch of the probe until it ran, on the judge's clock
  double sm_mhz = 0;   // SM cycles against the device's global timer, over about 10 µs
};

struct Drain {
  double seconds = 0;  // until the device was seen idle, or given up on; idle: 0.1 to 0.7 ms, two probes and a pause
  double longest = 0;  // the longest that one probe was kept waiting: above kBusySeconds, other work was running
  double sm_mhz = 0;
  bool idle = true;
};

// Pieces of device memory of equal width that lie at a fixed distance: the same place of a tensor in each slot.
struct Piece {
  const std::byte* first = nullptr;
  std::size_t width = 0, pitch = 0, count = 0;  // bytes, bytes, number of slots
};

class DeviceProbe {
 public:
  virtual ~DeviceProbe() = default;
  virtual ProbeReading read() = 0;

  // Probes until two in a row ran at once, or for `limit` seconds. Two, because a probe that meets the end of the other
  // context's time slice gets through; the second comes when a new slice has just begun.
  Drain drain(double limit = kDrainLimitSeconds);

  // The pieces' bytes one after another, fetched by the copy engine. It does not wait for kernels of other contexts, so
  // a kernel that is still writing shows as bytes that differ from a second look.
  virtual std::vector<std::byte> look(const std::vector<Piece>&) = 0;
};

// On CUDA device 0; throws when this build or machine has no CUDA.
std::unique_ptr<DeviceProbe> make_cuda_probe();

}  // namespace aisp::judge
