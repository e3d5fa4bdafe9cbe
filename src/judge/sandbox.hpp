// Locks the calling process in before untrusted code is loaded. Called by the worker on itself.
#pragma once

#include "model/evidence.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace aisp::judge {

struct SandboxSpec {
  std::string scratch;  // the only writable directory
  std::vector<std::string>
      readable;         // directories or files that stay readable (plugin, system libraries, /proc/self, /sys)
  int max_threads = 1;  // 1: creating threads is refused
  std::uint64_t memory_bytes = 0;      // address-space growth limit; 0 = none
  std::uint64_t file_bytes = 1 << 20;  // largest file written
  int open_files = 64;
  bool allow_devices = false;  // CUDA workers: ioctl on /dev/nvidia*, threads of the driver
};

struct SandboxResult {
  std::vector<model::Protection> protections;  // every one that was tried, present or not, and why not
  int refusal_fd = -1;                         // seccomp user-notification descriptor to hand to the judge; −1 = none
};

// Namespaces (user, net, ipc, uts, mount, pid where allowed) must be entered before threads exist and before
// descriptors are handed over; see worker_main.cpp for the order.
SandboxResult enter_sandbox(const SandboxSpec&);

// Judge side: answers all pending notifications on `refusal_fd` with EPERM, without blocking, and adds them to `into`.
// Untrusted input: syscall numbers outside the table are reported by number.
void collect_refusals(int refusal_fd, std::vector<model::Refusal>& into);

}  // namespace aisp::judge
