#include "judge/sandbox.hpp"

#include "judge/sandbox_layers.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace aisp::judge {
namespace layers {

std::vector<Grant> grants(const SandboxSpec& spec) {
  // The dynamic linker, the C library's and OpenMP's view of the CPUs, and malloc's of the memory. Of /proc only this
  // process, and there not fd/, through which a read-only descriptor could be reopened for writing.
  static const char* const kSystem[] = {"/lib",
                                        "/lib64",
                                        "/usr/lib",
                                        "/usr/lib64",
                                        "/usr/local/lib",
                                        "/etc/alternatives",
                                        "/etc/ld.so.cache",
                                        "/dev/random",
                                        "/dev/urandom",
                                        "/dev/zero",
                                        "/proc/cpuinfo",
                                        "/proc/meminfo",
                                        "/proc/stat",
                                        "/proc/sys/vm/overcommit_memory",
                                        "/proc/self/cmdline",
                                        "/proc/self/maps",
                                        "/proc/self/stat",
                                        "/proc/self/statm",
                                        "/proc/self/status",
                                        "/sys/devices/system/cpu",
                                        "/sys/devices/system/node",
                                        "/sys/kernel/mm/transparent_hugepage"};
  std::vector<Grant> all;
  for (const char* path : kSystem) all.push_back({path});
  all.push_back({"/dev/null", Grant::Use::write});
  for (const auto& path : spec.readable) all.push_back({path});
  for (const auto& path : spec.writable) all.push_back({path, Grant::Use::output});
  for (const auto& path : spec.executable) all.push_back({path, Grant::Use::execute});
  if (!spec.scratch.empty()) all.push_back({spec.scratch, Grant::Use::scratch});
  if (spec.shared_memory) all.push_back({kSharedMemory, Grant::Use::scratch});
  if (spec.allow_devices) {
    all.push_back({"/proc/driver/nvidia"});
    all.push_back({"/proc/devices"});
    all.push_back({"/proc/modules"});
    all.push_back({"/proc/sys/vm/mmap_min_addr"});
    all.push_back({"/proc/self/task", Grant::Use::write});  // the driver names its threads
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/dev", ignored))
      if (entry.path().filename().string().starts_with("nvidia")) all.push_back({entry.path(), Grant::Use::device});
  }
  for (auto& grant : all) {
    if (!grant.path.starts_with('/')) throw std::invalid_argument("sandbox path '" + grant.path + "' must be absolute");
    grant.path = std::filesystem::path(grant.path).lexically_normal();
    if (grant.path.size() > 1 && grant.path.ends_with('/')) grant.path.pop_back();
  }
  // A link within a granted folder is no place to mount on: what it leads to is granted instead.
  const auto within = [](const std::string& path, const Grant& folder) { return path.starts_with(folder.path + "/"); };
  for (auto& grant : all) {
    if (std::none_of(all.begin(), all.end(), [&](const Grant& other) { return within(grant.path, other); })) continue;
    std::error_code error;
    if (auto real = std::filesystem::canonical(grant.path, error); !error) grant.path = std::move(real);
  }
  std::stable_sort(all.begin(), all.end(), [](const Grant& a, const Grant& b) { return a.path < b.path; });
  return all;
}

}  // namespace layers

namespace {

bool open_to_others(const char* path, bool through) {
  struct stat status {};
  if (stat(path, &status) || status.st_uid == geteuid()) return true;  // what is not there, or its own, needs no help
  return status.st_mode & (S_ISDIR(status.st_mode) && through ? S_IXOTH : S_IROTH);
}

// Whether root needs a capability to read what it was granted. Folders above count where the paths are the host's.
bool needs_reading(const SandboxSpec& spec, bool private_root) {
  if (geteuid() != 0) return false;
  for (const auto* paths : {&spec.readable, &spec.executable})
    for (std::filesystem::path path : *paths) {
      if (!open_to_others(path.c_str(), false)) return true;
      while (!private_root && path.has_relative_path())
        if (path = path.parent_path(); !open_to_others(path.c_str(), true)) return true;
    }
  return false;
}

}  // namespace

SandboxResult enter_sandbox(const SandboxSpec& wanted) {
  SandboxSpec spec = wanted;
  layers::grants(spec);  // throws before anything is changed
  SandboxResult result;
  auto& all = result.protections;
  const auto add = [&](layers::Protections some) { all.insert(all.end(), some.begin(), some.end()); };
  const auto have = [&](const char* name) {
    return std::any_of(all.begin(), all.end(), [&](const auto& p) { return p.present && p.name == name; });
  };

  // Asked before the host's paths are gone.
  const bool reach = needs_reading(spec, false), inside = needs_reading(spec, true);
  add(layers::enter_namespaces(spec));
  if (!have("private-root")) spec.shared_memory = false;  // the host's is not for a worker
  const bool keep_reading = have("private-root") ? inside : reach;
  add(layers::set_limits(spec, have("user-namespace")));
  add(layers::drop_privileges(keep_reading));  // Landlock and seccomp need no_new_privs
  all.push_back(layers::restrict_paths(spec));
  const bool unguarded = !have("private-root") && !have("landlock");
  all.push_back(layers::filter_syscalls(spec, unguarded, result.refusal_fd));
  return result;
}

}  // namespace aisp::judge
