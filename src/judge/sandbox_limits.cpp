// Resource limits, capabilities and the process's own attributes.
#include "judge/sandbox_layers.hpp"

#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace aisp::judge::layers {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kMostProcesses = 256;  // of a compiler and all that it starts

// Lowers soft and hard limit; a limit that is lower already stays.
bool lower(__rlimit_resource resource, std::uint64_t value) {
  rlimit limit{};
  if (getrlimit(resource, &limit)) return false;
  limit.rlim_cur = limit.rlim_max = std::min<rlim_t>(value, limit.rlim_max);
  return setrlimit(resource, &limit) == 0;
}

model::Protection limit(const std::string& name, __rlimit_resource resource, std::uint64_t value,
                        const std::string& detail) {
  return lower(resource, value) ? present(name, detail) : absent_errno(name, "setrlimit");
}

model::Protection limit_memory(const SandboxSpec& spec) {
  const std::string name = "memory-limit";
  if (spec.memory_bytes == 0) return absent(name, "none was asked for");
#ifdef AISP_SANITIZED
  return absent(name, "a sanitizer reserves terabytes of addresses");
#endif
  // Pages of: total, resident, shared, text, 0, data + stack, 0.
  std::uint64_t total = 0, data = 0, skip = 0;
  std::ifstream statm("/proc/self/statm");
  if (!(statm >> total >> skip >> skip >> skip >> skip >> data)) return absent(name, "cannot read /proc/self/statm");
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::string detail = std::to_string(spec.memory_bytes / kMiB) + " MiB";
  if (!lower(RLIMIT_DATA, data * page + spec.memory_bytes)) return absent_errno(name, "setrlimit DATA");
  if (spec.allow_devices || spec.starts_programs())  // CUDA reserves terabytes of addresses, compilers gigabytes
    return present(name, detail + " of private memory");
  // A thread reserves a stack (8 MiB by default) and a malloc arena (128 MiB, most of it never touched).
  const auto reserved = static_cast<std::uint64_t>(std::max(0, spec.max_threads - 1)) * 144 * kMiB;
  if (!lower(RLIMIT_AS, total * page + spec.memory_bytes + reserved)) return absent_errno(name, "setrlimit AS");
  return present(name, detail);
}

// Threads beyond one are counted by RLIMIT_NPROC, which counts this process alone only in a user namespace of its own,
// and never binds the user root.
model::Protection limit_threads(const SandboxSpec& spec, bool own_user_namespace) {
  const std::string name = "thread-limit";
  if (spec.starts_programs()) {
    if (geteuid() == 0 || !own_user_namespace)
      return absent(name, "RLIMIT_NPROC binds neither root nor this process alone");
    return limit(name, RLIMIT_NPROC, kMostProcesses, std::to_string(kMostProcesses));
  }
  if (spec.max_threads <= 1 && !spec.allow_devices) return present(name, "1, by seccomp");
  if (spec.allow_devices) return absent(name, "a device driver starts threads of its own");
  if (geteuid() == 0) return absent(name, "RLIMIT_NPROC does not bind root; the judge counts threads");
  if (!own_user_namespace) return absent(name, "RLIMIT_NPROC needs a user namespace; the judge counts threads");
  return limit(name, RLIMIT_NPROC, static_cast<std::uint64_t>(spec.max_threads), std::to_string(spec.max_threads));
}

model::Protection drop_capabilities(bool keep_reading) {
  const std::string name = "no-capabilities";
  bool bounded = true;
  for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; ++cap)
    if (!(keep_reading && cap == CAP_DAC_READ_SEARCH))
      if (prctl(PR_CAPBSET_READ, cap) == 1 && prctl(PR_CAPBSET_DROP, cap)) bounded = false;
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct kept[2] = {};
  if (keep_reading) kept[0].effective = kept[0].permitted = 1u << CAP_DAC_READ_SEARCH;
  if (syscall(SYS_capset, &header, kept)) return absent_errno(name, "capset");
  if (keep_reading) return present(name, "but for reading granted paths that belong to another user");
  return present(name, bounded ? "" : "the bounding set could not be dropped; no_new_privs holds it");
}

}  // namespace

Protections set_limits(const SandboxSpec& spec, bool own_user_namespace) {
  Protections all;
  all.push_back(limit_memory(spec));
  signal(SIGXFSZ, SIG_IGN);  // writing too much fails with EFBIG and does not kill
  all.push_back(limit("file-size-limit", RLIMIT_FSIZE, spec.file_bytes, std::to_string(spec.file_bytes) + " bytes"));
  all.push_back(limit("open-files-limit", RLIMIT_NOFILE, static_cast<std::uint64_t>(spec.open_files),
                      std::to_string(spec.open_files)));
  all.push_back(limit("no-core-dump", RLIMIT_CORE, 0, ""));
  all.push_back(limit_threads(spec, own_user_namespace));
  return all;
}

Protections drop_privileges(bool keep_reading) {
  Protections all;
  all.push_back(setsid() >= 0 || getsid(0) == getpid() ? present("own-session")
                                                       : absent_errno("own-session", "setsid"));
  all.push_back(drop_capabilities(keep_reading));
  all.push_back(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? absent_errno("no-new-privileges", "prctl")
                                                       : present("no-new-privileges"));
  all.push_back(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ? absent_errno("not-dumpable", "prctl") : present("not-dumpable"));
  // Last: the kernel forgets it when credentials change.
  all.push_back(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) ? absent_errno("dies-with-judge", "prctl")
                                                          : present("dies-with-judge"));
  return all;
}

}  // namespace aisp::judge::layers
