#include "device/cpu/facts.hpp"

#include "device/cpu/cgroup.hpp"
#include "device/cpu/procfs.hpp"
#include "device/cpu/topology.hpp"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <sstream>
#include <string_view>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace aisp::device {
namespace {

using procfs::read_text;

// Instruction-set extensions that decide what kernels can do, as /proc/cpuinfo names them.
constexpr std::array kIsaFlags{"sse4_2",      "avx",         "avx2",         "fma",          "f16c",
                               "bmi2",        "avx_vnni",    "avx512f",      "avx512dq",     "avx512bw",
                               "avx512vl",    "avx512cd",    "amx_tile",     "amx_int8",     "amx_bf16",
                               "avx512_vnni", "avx512_bf16", "avx512_vbmi2", "avx512_bitalg"};

std::string os_name() {
  std::istringstream in(read_text("/etc/os-release"));
  std::string name;
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("PRETTY_NAME=")) name = line.substr(std::strlen("PRETTY_NAME="));
  if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
  return name;
}

std::string turbo() {
  if (const auto boost = read_text("/sys/devices/system/cpu/cpufreq/boost"); !boost.empty())
    return boost == "1" ? "on" : "off";
  if (const auto off = read_text("/sys/devices/system/cpu/intel_pstate/no_turbo"); !off.empty())
    return off == "0" ? "on" : "off";
  return {};
}

std::string aslr() {
  const auto mode = read_text("/proc/sys/kernel/randomize_va_space");
  return mode == "2" ? "full" : mode == "1" ? "partial" : mode == "0" ? "off" : "";
}

std::vector<int> affinity() {
  std::vector<int> cpus;
  for (int size = 1024; size <= 1 << 16; size *= 2) {  // EINVAL: the kernel knows more cpus than the set holds
    cpu_set_t* set = CPU_ALLOC(size);
    const auto bytes = CPU_ALLOC_SIZE(size);
    const bool ok = sched_getaffinity(0, bytes, set) == 0;
    for (int cpu = 0; ok && cpu < size; ++cpu)
      if (CPU_ISSET_S(cpu, bytes, set)) cpus.push_back(cpu);
    CPU_FREE(set);
    if (ok) break;
  }
  return cpus;
}

}  // namespace

// A hypervisor announces itself in CPUID leaf 0x40000000.
std::string hypervisor_name() {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 31)) return {};
  __cpuid(0x40000000, a, b, c, d);
  char name[13] = {};
  std::memcpy(name, &b, 4);
  std::memcpy(name + 4, &c, 4);
  std::memcpy(name + 8, &d, 4);
  const std::string_view id = name;
  if (id.starts_with("KVMKVMKVM")) return "KVM";
  if (id == "Microsoft Hv") return "Hyper-V";
  if (id == "VMwareVMware") return "VMware";
  if (id == "XenVMMXenVMM") return "Xen";
  if (id == "TCGTCGTCGTCG") return "QEMU";
  if (id == " lrpepyh  vr") return "Parallels";
  return "unknown hypervisor";
#else
  return read_text("/sys/hypervisor/type");
#endif
}

CpuFacts cpu_facts() {
  CpuFacts facts;
  const auto cpuinfo = read_text("/proc/cpuinfo");
  facts.model = procfs::field(cpuinfo, "model name");
  facts.vendor = procfs::field(cpuinfo, "vendor_id");
  facts.microcode = procfs::field(cpuinfo, "microcode");
  const auto flags = " " + procfs::field(cpuinfo, "flags") + " ";
  for (const std::string flag : kIsaFlags)
    if (flags.find(" " + flag + " ") != flags.npos) facts.isa.push_back(flag);

  utsname name{};
  if (uname(&name) == 0) facts.kernel = std::string(name.sysname) + " " + name.release;
  facts.os = os_name();
  facts.hypervisor = hypervisor_name();

  auto topology = discover_topology();
  facts.packages = topology.packages;
  facts.cores = topology.cores;
  facts.logical = topology.logical;
  facts.numa_nodes = topology.numa_nodes;
  facts.cpus = std::move(topology.cpus);
  facts.caches = std::move(topology.caches);
  facts.allowed_cpus = affinity();

  const auto meminfo = read_text("/proc/meminfo");
  facts.memory_bytes = procfs::meminfo_bytes(meminfo, "MemTotal");
  facts.memory_available_bytes = procfs::meminfo_bytes(meminfo, "MemAvailable");
  const auto limits = cgroup_limits(facts.memory_bytes);
  facts.cgroup_cpu_limit = limits.cpu;
  facts.cgroup_memory_limit = limits.memory;

  const auto first = facts.allowed_cpus.empty() ? 0 : facts.allowed_cpus.front();
  facts.governor = read_text("/sys/devices/system/cpu/cpu" + std::to_string(first) + "/cpufreq/scaling_governor");
  facts.turbo = turbo();
  facts.thp = procfs::bracketed(read_text("/sys/kernel/mm/transparent_hugepage/enabled"));
  facts.smt = read_text("/sys/devices/system/cpu/smt/control");
  facts.aslr = aslr();
  facts.swap = procfs::describe_swaps(read_text("/proc/swaps"));
  return facts;
}

std::uint64_t llc_bytes(const CpuFacts& facts) {
  const auto last = std::max_element(facts.caches.begin(), facts.caches.end(),
                                     [](const auto& a, const auto& b) { return a.level < b.level; });
  return last == facts.caches.end() ? 0 : last->bytes;
}

}  // namespace aisp::device
