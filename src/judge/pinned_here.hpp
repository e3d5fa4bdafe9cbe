#pragma once

#include <sched.h>

#include <cstddef>

namespace aisp::judge {

// Pins the judge's thread to its own core for as long as a worker is being timed.
class PinnedHere {
 public:
  explicit PinnedHere(int cpu) {
    if (cpu < 0 || sched_getaffinity(0, sizeof before_, &before_)) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(cpu), &one);
    pinned_ = sched_setaffinity(0, sizeof one, &one) == 0;
  }
  ~PinnedHere() {
    if (pinned_) sched_setaffinity(0, sizeof before_, &before_);
  }
  PinnedHere(const PinnedHere&) = delete;
  PinnedHere& operator=(const PinnedHere&) = delete;

 private:
  cpu_set_t before_;
  bool pinned_ = false;
};

}  // namespace aisp::judge
