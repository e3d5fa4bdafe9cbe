// Work that may crash or hang, in a process of its own: GPU faults and libraries' bugs end the child alone.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace aisp::app {

struct ChildResult {
  bool ok = false;
  std::string text;  // what the work returned, or one line that says why there is nothing
};

// Runs `work` in a forked child and waits for at most `deadline`; the child is killed after that, and with its parent.
// An exception in the child is a failure with its text. Only for a process that has no other threads.
ChildResult in_child(const std::function<std::string()>& work, std::chrono::seconds deadline);

}  // namespace aisp::app
