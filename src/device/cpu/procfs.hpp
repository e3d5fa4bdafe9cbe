// Reading /proc and /sys: small files as text, and parsers of the formats found there as pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::device::procfs {

// Whole file without trailing white space; "" when it cannot be read.
std::string read_text(const std::string& path);

// "0-3,8,10-11" → 0 1 2 3 8 10 11; malformed parts end the list.
std::vector<int> parse_cpu_list(std::string_view);

// "key : value" or "key value" lines → value of the first line with that key; "" when absent.
std::string field(std::string_view text, std::string_view key);

// The chosen word of "always [madvise] never"; "" when none is bracketed.
std::string bracketed(std::string_view);

// "MemTotal:  24000 kB" → bytes; 0 when absent.
std::uint64_t meminfo_bytes(std::string_view text, std::string_view key);

// First integer of a text; nullopt for "max", "" and the like.
std::optional<std::int64_t> integer(std::string_view);

// cgroup v2 cpu.max "200000 100000" → 2.0 cores; "max …" → 0 (no limit). v1 keeps the two numbers in two files.
double cpu_max_cores(std::string_view quota_and_period);

// This process's path per controller from /proc/self/cgroup; key "" is the v2 hierarchy.
std::map<std::string, std::string> cgroup_paths(std::string_view);

// /proc/stat: ticks of one cpu (user … steal; guest time is part of user). nullopt when the cpu has no line.
struct CpuTicks {
  std::uint64_t busy = 0, idle = 0;  // busy includes steal, idle includes iowait
};
std::optional<CpuTicks> cpu_ticks(std::string_view proc_stat, int cpu);

// "cpu MHz" of one processor of /proc/cpuinfo; 0 when absent.
double cpuinfo_mhz(std::string_view cpuinfo, int cpu);

// /proc/swaps → "none" or one entry per device with size and use.
std::string describe_swaps(std::string_view proc_swaps);

}  // namespace aisp::device::procfs
