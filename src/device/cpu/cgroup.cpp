#include "device/cpu/cgroup.hpp"

#include "device/cpu/procfs.hpp"

#include <algorithm>
#include <cstddef>
#include <sstream>

namespace aisp::device {
namespace {

using procfs::integer;
using procfs::read_text;

struct Mount {
  std::string root, folder;  // what is mounted of the hierarchy, and where
};

bool lists(std::string_view options, std::string_view wanted) {
  while (!options.empty()) {
    const auto option = options.substr(0, options.find(','));
    if (option == wanted) return true;
    options.remove_prefix(std::min(options.size(), option.size() + 1));
  }
  return false;
}

// "24 1 0:21 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct"
std::vector<Mount> mounts_of(std::string_view mounts, std::string_view controller) {
  std::vector<Mount> found;
  std::istringstream lines{std::string(mounts)};
  for (std::string line; std::getline(lines, line);) {
    const auto dash = line.find(" - ");
    if (dash == line.npos) continue;
    std::string skip, type, source, options;
    Mount mount;
    std::istringstream(line.substr(0, dash)) >> skip >> skip >> skip >> mount.root >> mount.folder;
    std::istringstream(line.substr(dash + 3)) >> type >> source >> options;
    if (controller.empty() ? type == "cgroup2" : type == "cgroup" && lists(options, controller)) found.push_back(mount);
  }
  return found;
}

// Where the group lies below the mount; "" for the mount itself. A group outside what is mounted, as in a container
// without a cgroup namespace of its own, counts as the mount: there it sees its own files.
std::string below(const Mount& mount, const std::string& group) {
  if (group.find("..") != group.npos) return "";
  const auto root = mount.root == "/" ? std::string() : mount.root;
  if (!group.starts_with(root) || (group.size() > root.size() && group[root.size()] != '/')) return "";
  const auto path = group.substr(root.size());
  return path == "/" ? "" : path;
}

template <class Take> void for_each_file(const std::vector<std::string>& folders, const char* name, Take take) {
  for (const auto& folder : folders)
    if (const auto text = read_text(folder + "/" + name); !text.empty()) take(text);
}

}  // namespace

std::vector<std::string> cgroup_folders(std::string_view mounts, std::string_view groups, std::string_view controller) {
  const auto paths = procfs::cgroup_paths(groups);
  const auto path = paths.find(std::string(controller));
  std::vector<std::string> folders;
  if (path == paths.end()) return folders;
  for (const auto& mount : mounts_of(mounts, controller)) {
    auto part = below(mount, path->second);
    for (; !part.empty(); part.resize(part.rfind('/'))) folders.push_back(mount.folder + part);
    folders.push_back(mount.folder);
    break;  // a hierarchy that is mounted twice is the same
  }
  return folders;
}

CgroupLimits cgroup_limits(std::uint64_t memory_bytes) {
  CgroupLimits limits;
  const auto limit_cpu = [&](const std::string& quota_and_period) {
    const double cores = procfs::cpu_max_cores(quota_and_period);
    if (cores > 0 && (limits.cpu == 0 || cores < limits.cpu)) limits.cpu = cores;
  };
  const auto limit_memory = [&](const std::string& text) {
    const auto bytes = integer(text);
    if (!bytes || *bytes <= 0 || static_cast<std::uint64_t>(*bytes) >= memory_bytes) return;  // v1's "no limit"
    const auto limit = static_cast<std::uint64_t>(*bytes);
    if (!limits.memory || limit < limits.memory) limits.memory = limit;
  };
  const auto throttled = [&](const char* key, double unit) {  // each group counts what its own quota stopped
    return [&limits, key, unit](const std::string& stat) {
      limits.throttled_seconds += unit * static_cast<double>(integer(procfs::field(stat, key)).value_or(0));
    };
  };
  const auto mounts = read_text("/proc/self/mountinfo"), groups = read_text("/proc/self/cgroup");
  const auto v2 = cgroup_folders(mounts, groups, ""), cpu = cgroup_folders(mounts, groups, "cpu");
  for_each_file(v2, "cpu.max", limit_cpu);
  for_each_file(v2, "memory.max", limit_memory);
  for_each_file(v2, "cpu.stat", throttled("throttled_usec", 1e-6));
  for (const auto& folder : cpu)
    limit_cpu(read_text(folder + "/cpu.cfs_quota_us") + " " + read_text(folder + "/cpu.cfs_period_us"));
  for_each_file(cpu, "cpu.stat", throttled("throttled_time", 1e-9));
  for_each_file(cgroup_folders(mounts, groups, "memory"), "memory.limit_in_bytes", limit_memory);
  return limits;
}

}  // namespace aisp::device
