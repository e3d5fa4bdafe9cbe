// A program in the sandbox of the workers: a compiler, whose input nobody vouches for.
#pragma once

#include "judge/sandbox.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace aisp::app {

struct ConfinedJob {
  std::vector<std::string> command;      // the program's path first
  std::vector<std::string> environment;  // all of it
  std::filesystem::path folder;          // where it runs; "/" when it is not among the granted paths
  judge::SandboxSpec sandbox;
  std::chrono::seconds timeout{300};
  const std::atomic<bool>* interrupted = nullptr;
};

struct ConfinedResult {
  int status = 0;      // of waitpid(2)
  std::string output;  // stdout and stderr together, at most 1 MiB
  bool timed_out = false;
  std::string not_started;           // why the program could not be started
  std::vector<std::string> missing;  // what the kernel did not give: "network (net-namespace: unshare: …)"
};

// Ends the program and all that it started when the time is over, and with this process. Throws judge::Interrupted when
// the user asked to stop. Only for a process that has no other threads.
ConfinedResult run_confined(const ConfinedJob&);

}  // namespace aisp::app
