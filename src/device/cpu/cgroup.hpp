// The control groups that this process is in: v1, v2, and both beside each other ("hybrid"), where the cpu controller
// may belong to either.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::device {

// The folders of this process's group and of its ancestors as far as they are mounted, the group itself first.
// `controller` is "cpu", "memory", ... of v1, or "" for v2; none when it has no hierarchy here. Pure: the texts are
// /proc/self/mountinfo and /proc/self/cgroup.
std::vector<std::string> cgroup_folders(std::string_view mounts, std::string_view groups, std::string_view controller);

struct CgroupLimits {
  double cpu = 0;                // cores; 0 = none
  std::uint64_t memory = 0;      // bytes; 0 = none
  double throttled_seconds = 0;  // for which a quota stopped this group or one above it, since they were made
};
// The tightest limits of the group and its ancestors. `memory_bytes`: the machine's; a limit that is no lower is none.
CgroupLimits cgroup_limits(std::uint64_t memory_bytes);

}  // namespace aisp::device
