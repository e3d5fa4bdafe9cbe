#include "../integration/refuse_call.hpp"
#include "device/cpu/counters.hpp"
#include "device/cpu/facts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <vector>

using namespace aisp::device;
using testing::HasSubstr;

TEST(ForeignShare, IsWhatIsNeitherIdleNorOurs) {
  const CpuUse before{.at_seconds = 10, .busy_seconds = 100, .own_seconds = 3, .cpus = 2};
  CpuUse after{.at_seconds = 14, .busy_seconds = 106, .own_seconds = 5, .cpus = 2};  // 6 s busy, 2 s ours, of 8 s
  EXPECT_DOUBLE_EQ(foreign_share(before, after), 0.5);
  after.own_seconds = 9;
  EXPECT_DOUBLE_EQ(foreign_share(before, after), 0);
  after.own_seconds = 9.5;  // ticks are coarser than our own clock: never negative
  EXPECT_DOUBLE_EQ(foreign_share(before, after), 0);
  EXPECT_DOUBLE_EQ(foreign_share(after, after), 0);
  after = {.at_seconds = 14, .busy_seconds = 200, .own_seconds = 3, .cpus = 2};
  EXPECT_DOUBLE_EQ(foreign_share(before, after), 1);
}

TEST(CpuUse, SeesThisProcessWork) {
  const auto cpus = cpu_facts().allowed_cpus;
  const auto before = cpu_use(cpus, {getpid()});
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(60);
  while (std::chrono::steady_clock::now() < until) {
  }
  const auto after = cpu_use(cpus, {getpid()});
  EXPECT_EQ(after.cpus, static_cast<int>(cpus.size()));
  EXPECT_GE(after.at_seconds - before.at_seconds, 0.06);
  EXPECT_GT(after.own_seconds - before.own_seconds, 0.001);
  EXPECT_GE(after.busy_seconds, before.busy_seconds);
}

TEST(CpuUse, UnknownCpusAndProcessesCountNothing) {
  const auto use = cpu_use({99999}, {-5});
  EXPECT_EQ(use.cpus, 0);
  EXPECT_EQ(use.busy_seconds, 0);
}

TEST(HostState, KnowsWhereItsClockComesFrom) {
  const auto facts = cpu_facts();
  const auto state = host_state({facts.allowed_cpus.back()});
  EXPECT_GE(state.load1, 0);
  EXPECT_EQ(state.mhz > 0, !state.mhz_source.empty());
#if defined(__x86_64__)
  EXPECT_GT(state.mhz, 300);
  EXPECT_LT(state.mhz, 8000);
#endif
  EXPECT_EQ(state.hypervisor, facts.hypervisor);
  EXPECT_EQ(cpu_facts().allowed_cpus, facts.allowed_cpus);  // measuring on another cpu leaves the affinity as it was
}

TEST(Counters, AFilterOfCallsIsNotTakenForASetting) {
  EXPECT_FALSE(perf::filtered());
  EXPECT_EXIT(
      {
        aisp::test::refuse_call("perf_event_open", EPERM);
        std::string why;
        Counters::attach(getpid(), why);
        _exit(perf::filtered() && why.find("seccomp") != why.npos && why.find("paranoid") == why.npos ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(Counters, ScalesSharedCounters) {
  EXPECT_DOUBLE_EQ(perf::scaled({.value = 100, .enabled = 10, .running = 5}), 200);
  EXPECT_DOUBLE_EQ(perf::scaled({.value = 100, .enabled = 10, .running = 10}), 100);
  EXPECT_DOUBLE_EQ(perf::scaled({.value = 0, .enabled = 10, .running = 0}), 0);
}

TEST(Counters, SaysWhyThereAreNone) {
  EXPECT_THAT(perf::why(ENOENT, "2"), HasSubstr("virtual machine"));
  EXPECT_THAT(perf::why(EACCES, "3"), HasSubstr("perf_event_paranoid is 3"));
  EXPECT_THAT(perf::why(EACCES, ""), HasSubstr("unknown"));
  EXPECT_THAT(perf::why(EPERM, "3", true), HasSubstr("seccomp"));
  EXPECT_THAT(perf::why(EPERM, "1"), HasSubstr("though kernel.perf_event_paranoid is 1"));
  std::string why;
  EXPECT_EQ(Counters::attach(1 << 30, why), nullptr);
  EXPECT_THAT(why, HasSubstr("page-faults"));
}

// Every counter is either read or named as absent with a reason, whatever this machine has.
TEST(Counters, OfAChildProcess) {
  int go[2], done[2];
  ASSERT_EQ(pipe(go), 0);
  ASSERT_EQ(pipe(done), 0);
  constexpr int kPages = 200;
  const pid_t child = fork();
  if (child == 0) {
    char c = 0;
    if (read(go[0], &c, 1) != 1) _exit(1);
    auto* p = static_cast<volatile char*>(
        mmap(nullptr, kPages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    for (int i = 0; i < kPages; ++i) p[i * 4096] = 1;
    if (write(done[1], &c, 1) != 1 || read(go[0], &c, 1) != 1) _exit(1);
    _exit(0);
  }
  std::string why;
  const auto counters = Counters::attach(child, why);
  if (counters) counters->enable();
  char c = 0;
  ASSERT_EQ(write(go[1], &c, 1), 1);
  ASSERT_EQ(read(done[0], &c, 1), 1);
  std::vector<aisp::model::Counter> values;
  if (counters) {
    counters->disable();
    values = counters->read();
  }
  for (const std::string name :
       {"cycles", "instructions", "cache-misses", "branch-misses", "page-faults", "context-switches"}) {
    const auto found = std::find_if(values.begin(), values.end(), [&](auto& v) { return v.name == name; });
    if (found == values.end()) {
      EXPECT_THAT(why, HasSubstr(name));
    } else if (name == "page-faults" || name == "instructions") {
      EXPECT_GE(found->value, kPages);
    }
  }
  ASSERT_EQ(write(go[1], &c, 1), 1);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}
