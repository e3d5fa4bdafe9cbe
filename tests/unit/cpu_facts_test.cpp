#include "device/cpu/facts.hpp"

#include "device/cpu/cgroup.hpp"
#include "device/cpu/procfs.hpp"
#include "device/cpu/topology.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <system_error>
#include <thread>

using namespace aisp::device;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(ProcFs, CpuList) {
  EXPECT_THAT(procfs::parse_cpu_list("0-2,5,7-8\n"), ElementsAre(0, 1, 2, 5, 7, 8));
  EXPECT_THAT(procfs::parse_cpu_list("3"), ElementsAre(3));
  EXPECT_THAT(procfs::parse_cpu_list(""), IsEmpty());
  EXPECT_THAT(procfs::parse_cpu_list("1,x,2"), ElementsAre(1));
  EXPECT_THAT(procfs::parse_cpu_list("5-2"), IsEmpty());
  EXPECT_THAT(procfs::parse_cpu_list("0-99999999999"), IsEmpty());
}

TEST(ProcFs, FieldTakesTheWholeKey) {
  const auto text = "model\t\t: 2\nmodel name\t: AMD EPYC\nflags\t\t: fpu avx2\nempty :\n";
  EXPECT_EQ(procfs::field(text, "model name"), "AMD EPYC");
  EXPECT_EQ(procfs::field(text, "flags"), "fpu avx2");
  EXPECT_EQ(procfs::field(text, "empty"), "");
  EXPECT_EQ(procfs::field(text, "flag"), "");
  EXPECT_EQ(procfs::field(text, "microcode"), "");
}

TEST(ProcFs, MemoryAndBrackets) {
  const auto text = "MemTotal:       24576000 kB\nMemAvailable:     10 kB\n";
  EXPECT_EQ(procfs::meminfo_bytes(text, "MemTotal"), 24576000ull * 1024);
  EXPECT_EQ(procfs::meminfo_bytes(text, "MemFree"), 0u);
  EXPECT_EQ(procfs::bracketed("always [madvise] never"), "madvise");
  EXPECT_EQ(procfs::bracketed("always madvise"), "");
}

TEST(ProcFs, CgroupLimits) {
  EXPECT_DOUBLE_EQ(procfs::cpu_max_cores("150000 100000"), 1.5);
  EXPECT_DOUBLE_EQ(procfs::cpu_max_cores("max 100000"), 0);
  EXPECT_DOUBLE_EQ(procfs::cpu_max_cores("-1 100000"), 0);  // v1: no quota
  EXPECT_DOUBLE_EQ(procfs::cpu_max_cores(""), 0);
  const auto paths = procfs::cgroup_paths("9:name=systemd:/\n3:cpu,cpuacct:/a/b\n0::/user.slice\n");
  EXPECT_EQ(paths.at("cpu"), "/a/b");
  EXPECT_EQ(paths.at("cpuacct"), "/a/b");
  EXPECT_EQ(paths.at(""), "/user.slice");
}

constexpr const char* kHybrid =
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
    "34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

TEST(CGroup, FoldersOfAHybridSystem) {
  const auto groups = "9:name=systemd:/\n3:cpu,cpuacct:/a/b\n2:cpuset:/\n0::/user.slice\n";
  EXPECT_THAT(
      cgroup_folders(kHybrid, groups, "cpu"),
      ElementsAre("/sys/fs/cgroup/cpu,cpuacct/a/b", "/sys/fs/cgroup/cpu,cpuacct/a", "/sys/fs/cgroup/cpu,cpuacct"));
  EXPECT_THAT(cgroup_folders(kHybrid, groups, ""),
              ElementsAre("/sys/fs/cgroup/unified/user.slice", "/sys/fs/cgroup/unified"));
  EXPECT_THAT(cgroup_folders(kHybrid, groups, "cpuset"), ElementsAre("/sys/fs/cgroup/cpuset"));
  EXPECT_THAT(cgroup_folders(kHybrid, groups, "memory"), IsEmpty());
  EXPECT_THAT(cgroup_folders("", groups, "cpu"), IsEmpty());
}

TEST(CGroup, FoldersInAContainer) {
  // The container's group is what is mounted; without a namespace of its own it is still named from outside.
  const auto mount = "9 1 0:9 /docker/x /sys/fs/cgroup rw - cgroup2 cgroup rw\n";
  EXPECT_THAT(cgroup_folders(mount, "0::/docker/x\n", ""), ElementsAre("/sys/fs/cgroup"));
  EXPECT_THAT(cgroup_folders(mount, "0::/docker/x/y\n", ""), ElementsAre("/sys/fs/cgroup/y", "/sys/fs/cgroup"));
  EXPECT_THAT(cgroup_folders(mount, "0::/docker/xy\n", ""), ElementsAre("/sys/fs/cgroup"));
  EXPECT_THAT(cgroup_folders(mount, "0::/../../other\n", ""), ElementsAre("/sys/fs/cgroup"));
}

TEST(CGroup, AQuotaBoundsTheThreads) {
  CpuFacts f;
  EXPECT_EQ(usable_cpus(f), 1);
  f.allowed_cpus = {0, 1, 2, 3};
  EXPECT_EQ(usable_cpus(f), 4);
  f.cgroup_cpu_limit = 2.5;
  EXPECT_EQ(usable_cpus(f), 2);
  f.cgroup_cpu_limit = 0.5;
  EXPECT_EQ(usable_cpus(f), 1);
  f.cgroup_cpu_limit = 64;
  EXPECT_EQ(usable_cpus(f), 4);
}

TEST(ProcFs, StatTicksCountStealAsBusyAndIowaitAsIdle) {
  const auto text = "cpu  9 9 9 9\ncpu0 10 1 5 100 20 2 3 7 0 0\ncpu1 1 2 3 4\nintr 5\n";
  const auto zero = procfs::cpu_ticks(text, 0);
  ASSERT_TRUE(zero);
  EXPECT_EQ(zero->busy, 10u + 1 + 5 + 2 + 3 + 7);
  EXPECT_EQ(zero->idle, 120u);
  EXPECT_EQ(procfs::cpu_ticks(text, 1)->busy, 6u);
  EXPECT_FALSE(procfs::cpu_ticks(text, 2));
}

TEST(ProcFs, MhzOfOneProcessor) {
  const auto text = "processor : 0\ncpu MHz : 2596.1\n\nprocessor : 1\ncpu MHz : 3100.5\n\nprocessor : 2\n";
  EXPECT_DOUBLE_EQ(procfs::cpuinfo_mhz(text, 1), 3100.5);
  EXPECT_DOUBLE_EQ(procfs::cpuinfo_mhz(text, 2), 0);
}

TEST(ProcFs, Swaps) {
  EXPECT_EQ(procfs::describe_swaps("Filename Type Size Used Priority"), "none");
  EXPECT_EQ(procfs::describe_swaps("Filename Type Size Used Priority\n/dev/sda2 partition 8388608 12288 -2\n"),
            "/dev/sda2 8192 MiB, 12 MiB used");
  EXPECT_EQ(procfs::describe_swaps(""), "");  // unknown, not "none"
}

TEST(Topology, SyntheticMachineWithSmtAndNuma) {
  const auto t = discover_topology("numa:2 core:4 l2:1 pu:2");
  EXPECT_EQ(t.cores, 8);
  EXPECT_EQ(t.logical, 16);
  EXPECT_EQ(t.numa_nodes, 2);
  ASSERT_EQ(t.cpus.size(), 16u);
  EXPECT_EQ(t.cpus[0].core, t.cpus[1].core);
  EXPECT_NE(t.cpus[1].core, t.cpus[2].core);
  EXPECT_NE(t.cpus[0].numa_node, t.cpus[15].numa_node);
  ASSERT_EQ(t.caches.size(), 1u);
  EXPECT_EQ(t.caches[0].level, 2);
  EXPECT_EQ(t.caches[0].shared_by, 2);
  EXPECT_THROW(discover_topology("nonsense:"), std::runtime_error);
}

TEST(CpuFacts, OfThisMachineAreConsistent) {
  const auto f = cpu_facts();
  EXPECT_FALSE(f.kernel.empty());
  EXPECT_GE(f.cores, 1);
  EXPECT_GE(f.logical, f.cores);
  EXPECT_EQ(f.cpus.size(), static_cast<std::size_t>(f.logical));
  EXPECT_GT(f.memory_bytes, f.memory_available_bytes);
  EXPECT_FALSE(f.allowed_cpus.empty());
  for (std::size_t i = 1; i < f.caches.size(); ++i) EXPECT_LT(f.caches[i - 1].level, f.caches[i].level);
}

TEST(CpuFacts, LastLevelCacheIsTheHighestLevel) {
  CpuFacts f;
  EXPECT_EQ(llc_bytes(f), 0u);
  f.caches = {{1, 48 << 10, 2}, {2, 2 << 20, 2}, {3, 32 << 20, 16}};
  EXPECT_EQ(llc_bytes(f), 32u << 20);
}

namespace {

CpuFacts machine(const char* synthetic, std::vector<int> allowed = {}) {
  CpuFacts f;
  f.cpus = discover_topology(synthetic).cpus;
  f.allowed_cpus = allowed;
  if (allowed.empty())
    for (const auto& c : f.cpus) f.allowed_cpus.push_back(c.cpu);
  return f;
}

}  // namespace

TEST(Place, TwoCoresJudgeOnTheFirst) {
  const auto p = place(machine("core:2 pu:1"), 1);
  EXPECT_EQ(p.judge_cpu, 0);
  EXPECT_THAT(p.worker_cpus, ElementsAre(1));
  EXPECT_TRUE(p.spin);
}

TEST(Place, TooFewCoresShareAndDoNotSpin) {
  const auto p = place(machine("core:2 pu:1"), 2);
  EXPECT_EQ(p.judge_cpu, -1);
  EXPECT_THAT(p.worker_cpus, ElementsAre(0, 1));
  EXPECT_FALSE(p.spin);
  EXPECT_EQ(place(machine("core:2 pu:1"), 5).worker_cpus.size(), 2u);  // more threads than cpus: all there are
}

TEST(Place, SiblingsAreLeftAloneWhileCoresLast) {
  const auto p = place(machine("core:4 pu:2"), 3);  // cores {0,1} {2,3} {4,5} {6,7}
  EXPECT_EQ(p.judge_cpu, 0);
  EXPECT_THAT(p.worker_cpus, ElementsAre(2, 4, 6));
  EXPECT_TRUE(p.spin);
}

TEST(Place, OneCoreWithTwoSiblingsIsTooFewToSpin) {
  const auto p = place(machine("core:1 pu:2"), 1);
  EXPECT_EQ(p.judge_cpu, -1);
  EXPECT_THAT(p.worker_cpus, ElementsAre(0));
  EXPECT_FALSE(p.spin);
}

TEST(Place, SiblingsAreUsedWhenCoresRunOut) {
  const auto p = place(machine("core:2 pu:2"), 3);
  EXPECT_EQ(p.judge_cpu, -1);
  EXPECT_THAT(p.worker_cpus, ElementsAre(0, 2, 1));
}

TEST(Place, StaysWithinAffinity) {
  const auto p = place(machine("core:8 pu:1", {3, 5, 6}), 2);
  EXPECT_EQ(p.judge_cpu, 3);
  EXPECT_THAT(p.worker_cpus, ElementsAre(5, 6));
}

TEST(Place, CgroupLimitForbidsSpinningButKeepsCoresApart) {
  auto f = machine("core:4 pu:1");
  f.cgroup_cpu_limit = 1.5;
  const auto p = place(f, 1);
  EXPECT_FALSE(p.spin);
  EXPECT_EQ(p.judge_cpu, 0);
  EXPECT_THAT(p.worker_cpus, ElementsAre(1));
  f.cgroup_cpu_limit = 2;
  EXPECT_TRUE(place(f, 1).spin);
}

TEST(Place, WorkersShareOneNumaNode) {
  const auto p = place(machine("numa:2 core:4 pu:1"), 4);  // the judge's node has three cores left, the other four
  EXPECT_EQ(p.judge_cpu, 0);
  EXPECT_THAT(p.worker_cpus, ElementsAre(4, 5, 6, 7));
  EXPECT_THAT(place(machine("numa:2 core:4 pu:1"), 3).worker_cpus, ElementsAre(1, 2, 3));
}

TEST(Place, WorkersPreferFastCores) {
  auto f = machine("core:4 pu:1");
  f.cpus[2].efficiency = f.cpus[3].efficiency = 1;
  EXPECT_THAT(place(f, 2).worker_cpus, ElementsAre(2, 3));
}

TEST(Place, WithoutAnAllowedCpuThrows) { EXPECT_THROW(place(CpuFacts{}, 1), std::invalid_argument); }

TEST(Pin, MovesThisThreadOnly) {
  const auto all = cpu_facts().allowed_cpus;
  std::thread([&] {
    pin_this_thread({all.back()});
    EXPECT_EQ(sched_getcpu(), all.back());
    EXPECT_THAT(cpu_facts().allowed_cpus, ElementsAre(all.back()));
  }).join();
  EXPECT_EQ(cpu_facts().allowed_cpus, all);
  EXPECT_THROW(pin_this_thread({}), std::system_error);
  EXPECT_THROW(pin_this_thread({9999}), std::system_error);
}
