// Ctrl-C and SIGTERM end a run in an orderly way: a flag that the judge polls.
#pragma once

#include <atomic>

namespace aisp::app {

// Installs the handlers for the life of the object. A second signal ends the process at once.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  const std::atomic<bool>& flag() const;
};

}  // namespace aisp::app
