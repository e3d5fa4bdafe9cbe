// Locks the calling process in before it meets untrusted code. A worker calls it before it loads a plugin, and the
// process that becomes a compiler before it starts one.
//
// Layers, so that what one kernel refuses another layer still holds:
//   namespaces   user, mount, net, ipc, uts, cgroup; a private root holds nothing but the readable paths (read-only)
//   landlock     the same paths again, enforced without any privilege
//   seccomp      an allow-list of system calls; all others are refused with EPERM and reported to the judge. A process
//                that may start programs gets a list of refused calls instead, and nothing is reported.
//   limits       memory, file size, descriptors, core dumps; no capabilities, no new privileges, no ptrace
//
// Root keeps one capability, CAP_DAC_READ_SEARCH in its own user namespace, where a granted path belongs to another
// user and is closed to others: without it, everything below that user's private folder would be out of reach. A
// refusal never kills: an honest library that probes for a feature goes on without it.
#pragma once

#include "model/evidence.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace aisp::judge {

struct SandboxSpec {
  std::string scratch;  // absolute path of the only writable directory; "" = none. May become an empty, bounded tmpfs.
  // Directories or files that stay readable besides the system's libraries and CPU facts: the plugin. Absolute; those
  // that do not exist are skipped, those that this user may not reach say so (EACCES) when they are opened.
  std::vector<std::string> readable;
  std::vector<std::string> writable;    // directories of the host in which files may be made: a compiler's output
  std::vector<std::string> executable;  // directories or files whose programs may be started; empty: none, no processes
  int max_threads = 1;                  // 1: creating threads is refused; counts for nothing where programs may start
  std::uint64_t memory_bytes = 0;       // how far the memory of each process may grow from here; 0 = no limit
  std::uint64_t file_bytes = 1 << 20;   // largest file written; scratch holds at most 64 of this size
  int open_files = 64;
  bool shared_memory =
      false;  // an empty tmpfs as /dev/shm, where there is a private root: LLVM's OpenMP ends without one
  bool allow_devices = false;  // CUDA workers: /dev/nvidia*, its ioctls, the driver's threads, no address-space limit

  bool starts_programs() const { return !executable.empty(); }
};

struct SandboxResult {
  std::vector<model::Protection> protections;  // every one that was tried, present or not, and why not
  int refusal_fd = -1;                         // seccomp user-notification descriptor to hand to the judge; −1 = none
};

// Confines this process for good. It must have one thread; descriptors and mappings it holds stay usable, so hand over
// and close what the untrusted code must not have. In particular `refusal_fd` must be closed here once the judge has
// it, and the judge must keep answering it: a refused call waits for collect_refusals().
//
// Throws std::invalid_argument for a relative path. What the kernel refuses is a protection that is not present; when
// no layer guards the file system, seccomp refuses all writing by path instead.
SandboxResult enter_sandbox(const SandboxSpec&);

// Judge side: answers pending notifications on `refusal_fd` with EPERM, without blocking, and adds them to `into`.
// Bounded work per call and bounded growth of `into`, whatever the worker does; a dead worker is no error. Untrusted
// input: system calls unknown to this build are reported by number.
void collect_refusals(int refusal_fd, std::vector<model::Refusal>& into);

}  // namespace aisp::judge
