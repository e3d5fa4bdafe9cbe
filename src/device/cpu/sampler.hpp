// Where another process spends its time: call chains sampled by perf_event_open(2) on the CPU clock, in user space.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace aisp::device {

struct CallChain {
  std::vector<std::uint64_t> addresses;  // innermost first
};

class Sampler {
 public:
  // Follows a process and every thread that it will start, on these cpus. To be attached before it starts threads.
  // nullptr, and one line in `why_absent`, where the system does not let us.
  static std::unique_ptr<Sampler> attach(int pid, const std::vector<int>& cpus, std::string& why_absent);
  virtual ~Sampler() = default;
  virtual void enable() = 0;
  virtual void disable() = 0;
  // Samples since the last call; `lost` grows by those for which there was no room.
  virtual std::vector<CallChain> take(std::int64_t& lost) = 0;
};

}  // namespace aisp::device
