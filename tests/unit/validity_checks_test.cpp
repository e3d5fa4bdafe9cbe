// Every check of src/validity that verdict_test does not cover: a case that trips it and one that narrowly does not.
#include "analysis/publishable.hpp"
#include "analysis/verdict.hpp"
#include "device/cpu/float_state.hpp"
#include "judge/observer.hpp"
#include "validity/checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/mman.h>

#include <string.h>
#include <functional>
#include <string>

using namespace aisp;
using model::Sample;
using model::TargetEvidence;
using model::VariantEvidence;

namespace {

constexpr int kRounds = 20;

VariantEvidence variant(std::string name) {
  VariantEvidence v;
  v.name = std::move(name);
  v.status = model::Status::ok;
  v.compile_flags = "-O3 sm_90a";
  v.cpus = {2};
  v.numa_nodes = {0};
  for (int round = 0; round < kRounds; ++round) {
    Sample s;
    s.restart = round / (kRounds / 2);
    s.round = round % (kRounds / 2);
    s.calls = 10;
    s.seconds = s.worker_seconds = s.cpu_seconds = 0.01 * (1 + 0.001 * (round % 5));
    s.heap_bytes = 1 << 20;
    v.samples.push_back(s);
  }
  v.timed_calls = v.verified_timed_calls = v.verification.calls = 10 * kRounds;
  v.first_call_seconds = 2e-3;
  v.peak_threads = 1;
  return v;
}

TargetEvidence evidence() {
  TargetEvidence e;
  e.target = "ch09:softmax";
  e.device = "cpu";
  e.arithmetic = "f32";
  e.tensors = {{"x", "fresh", "f32", {100000}}, {"y", "output", "f32", {100000}}};  // 196 pages
  e.restarts = 2;
  e.rounds = kRounds / 2;
  e.waiting = "spin";
  e.null_call_seconds = 1e-9;
  e.clock_resolution_seconds = 20e-9;
  e.variants = {variant("baseline"), variant("online")};
  return e;
}

// What is named, as "variant issue".
std::vector<std::string> named(const TargetEvidence& e) {
  std::vector<std::string> all;
  for (const auto& v : analysis::verdict(e).violations) {
    all.push_back(v.variant + " " + v.issue);
    EXPECT_FALSE(v.seen.empty() || v.expected.empty() || v.advice.empty()) << v.issue;
  }
  return all;
}

struct Case {
  const char* names;  // "" = nothing
  std::function<void(TargetEvidence&, VariantEvidence& baseline, VariantEvidence& online)> change;
};

void slow(VariantEvidence& v, double factor, const std::function<bool(const Sample&)>& is) {
  for (auto& s : v.samples)
    if (is(s)) s.seconds *= factor, s.worker_seconds *= factor, s.cpu_seconds *= factor;
}
bool odd(const Sample& s) { return s.round % 2 == 1; }

}  // namespace

TEST(ValidityChecks, TripAndNarrowlyDoNot) {
  const Case cases[] = {
      {"", [](auto&, auto&, auto&) {}},
      // process
      {"online output.denormals", [](auto&, auto&, auto& v) { v.samples[3].float_state = "flush-to-zero"; }},
      {"online workload.backend_policy_drift", [](auto&, auto&, auto& v) { v.samples[3].float_state = "rounds up"; }},
      {"online workload.backend_policy_drift",
       [](auto&, auto&, auto& v) { v.samples[3].float_state = "flush-to-zero, rounds to zero"; }},
      {"online timing.profiler_overhead", [](auto&, auto&, auto& v) { v.samples[0].tracer = 77; }},
      {"online environment.priority_elevation", [](auto&, auto&, auto& v) { v.samples[9].nice = -5; }},
      {"",
       [](auto& e, auto&, auto&) {
         e.before.nice = 10;  // the user runs aisp under nice
         for (auto& v : e.variants)
           for (auto& s : v.samples) s.nice = 10;
       }},
      {"online environment.device_mismatch", [](auto&, auto&, auto& v) { v.samples[9].moved = true; }},
      {"online evaluation.self_modifying",
       [](auto&, auto&, auto& v) { v.code = {.bytes = 8192, .changed_pages = 1, .first = "libc.so.6+0x0", .absent = ""}; }},
      {"online location.jit_timing",
       [](auto&, auto&, auto& v) {
         for (auto& s : v.samples) s.executable_bytes = 4096;
       }},
      {"",
       [](auto&, auto&, auto& v) {
         v.bound_executable_bytes = 4096;  // made in prepare or bind
         for (auto& s : v.samples) s.executable_bytes = 4096;
       }},
      {"online compile.guard_failure",
       [](auto&, auto&, auto& v) {
         std::int64_t bytes = 0;
         for (auto& s : v.samples) s.executable_bytes = bytes += 4096;
       }},
      {"online memory.pool_reuse",
       [](auto&, auto&, auto& v) {
         std::int64_t heap[2] = {};
         for (auto& s : v.samples) s.heap_bytes = heap[s.restart] += 1 << 20;
       }},
      {"",
       [](auto&, auto&, auto& v) {  // once is no growth
         for (auto& s : v.samples) s.heap_bytes = s.round == 0 ? 0 : 64 << 20;
       }},
      {"baseline memory.page_faults",
       [](auto&, auto& b, auto&) {
         for (auto& s : b.samples) s.minor_faults = 10 * 100;
       }},
      {"",
       [](auto&, auto& b, auto&) {
         for (auto& s : b.samples) s.minor_faults = 10 * 97;
       }},
      {"",
       [](auto&, auto& b, auto& v) {  // both do
         for (auto& s : b.samples) s.minor_faults = 10 * 100;
         for (auto& s : v.samples) s.minor_faults = 10 * 11;
       }},
      // timing
      {"online statistical.cold_start", [](auto&, auto&, auto& v) { v.first_call_seconds = 0.11; }},
      {"", [](auto&, auto&, auto& v) { v.first_call_seconds = 0.099; }},
      // statistical
      {"online statistical.cherry_picking", [](auto&, auto&, auto& v) { v.samples.pop_back(); }},
      {"online statistical.cherry_picking", [](auto&, auto&, auto& v) { v.samples.push_back(v.samples.back()); }},
      {"", [](auto&, auto&, auto& v) { v.status = model::Status::crashed, v.samples.pop_back(); }},
      {"online statistical.variance_gaming", [](auto&, auto&, auto& v) { slow(v, 1.9, odd); }},
      {"", [](auto&, auto&, auto& v) { slow(v, 1.7, odd); }},
      {"baseline statistical.outlier_injection", [](auto&, auto& b, auto&) { slow(b, 1.9, odd); }},
      {"", [](auto&, auto& b, auto& v) { slow(b, 1.9, odd), slow(v, 1.9, odd); }},  // the machine's
      {"", [](auto&, auto&, auto& v) {  // too few undisturbed ones
         slow(v, 1.9, odd);
         for (auto& s : v.samples)
           if (s.round > 4) s.seconds *= 1.4, s.worker_seconds *= 1.4;
       }},
      {"", [](auto&, auto&, auto& v) {  // preempted: no CPU time of its own
         for (auto& s : v.samples)
           if (odd(s)) s.seconds *= 3, s.worker_seconds *= 3;
       }},
      {"", [](auto&, auto&, auto& v) { slow(v, 2, [](auto& s) { return s.round % 5 == 0; }); }},  // too few
      {"", [](auto&, auto&, auto& v) {  // noise, however much of it
         for (auto& s : v.samples) slow(v, 1 + 0.02 * s.round, [&](auto& x) { return odd(x) && &x == &s; });
         for (std::size_t i = 0; i < v.samples.size(); ++i) slow(v, 1 + 0.15 * static_cast<double>(i), [&](auto& x) { return &x == &v.samples[i]; });
       }},
      {"online statistical.gc_interference",
       [](auto&, auto&, auto& v) {
         slow(v, 1.9, odd);
         for (auto& s : v.samples) s.minor_faults = odd(s) ? 200 : 2;
       }},
      {"online compile.autotune_variance", [](auto&, auto&, auto& v) { slow(v, 1.9, [](auto& s) { return s.restart == 1; }); }},
      // equality
      {"online compile.backend_asymmetry", [](auto&, auto&, auto& v) { v.compile_flags = "-O3 -ffast-math"; }},
      {"online compile.backend_asymmetry", [](auto&, auto&, auto& v) { v.compile_flags = "-O2"; }},
      {"online compile.backend_asymmetry", [](auto&, auto&, auto& v) { v.compile_flags = "-O3 --use_fast_math"; }},
      {"", [](auto&, auto&, auto& v) { v.compile_flags = "-O3 sm_100a"; }},
      {"", [](auto&, auto&, auto& v) { v.compile_flags = "c++ -std=c++20 -O3 -shared -fPIC -g1 -o x.so x.cpp"; }},
      {"", [](auto&, auto&, auto& v) { v.compile_flags = "NVRTC 13.0 --gpu-architecture=sm_90a"; }},
      {"", [](auto&, auto&, auto& v) { v.compile_flags = "not known: built elsewhere"; }},
      {"", [](auto&, auto&, auto& v) { v.compile_flags = "-O2", v.peer = true; }},
      {"", [](auto&, auto&, auto& v) { v.compile_flags = "-O2 -O3 -fopenmp -pthread -ltbb -Wl,-O1 -march=native -fuse-ld=lld"; }},
      {"online compile.backend_asymmetry", [](auto&, auto&, auto& v) { v.compile_flags = "-O3 -fopenmp -Ofast"; }},
      {"online compile.backend_asymmetry", [](auto&, auto&, auto& v) { v.compile_flags = "-O3 -mllvm -inline-threshold=9"; }},
      {"online compile.backend_asymmetry", [](auto&, auto&, auto& v) { v.compile_flags = "-O3 -Xcompiler=-fPIC,-ffast-math"; }},
      {"", [](auto&, auto&, auto& v) { v.compile_flags = "-O3 -Xcompiler=-fPIC,-g1,-pthread"; }},
      {"online compile.backend_asymmetry", [](auto&, auto&, auto& v) { v.source_switches = {{"a.cpp:1", "optimize(1)", true}}; }},
      {"", [](auto&, auto&, auto& v) { v.source_switches = {{"a.cpp:1", "target(\"avx2\")", false}}; }},
      {"online environment.numa_inconsistency", [](auto&, auto&, auto& v) { v.numa_nodes = {1}; }},
      {"", [](auto&, auto&, auto& v) { v.numa_nodes = {0, 1}; }},
  };
  int number = 0;
  for (const auto& c : cases) {
    auto e = evidence();
    c.change(e, e.variants[0], e.variants[1]);
    const auto got = named(e);
    SCOPED_TRACE(testing::Message() << "case " << number++);
    if (*c.names)
      EXPECT_THAT(got, testing::ElementsAre(c.names));
    else
      EXPECT_THAT(got, testing::IsEmpty());
  }
}

TEST(ValidityChecks, TheEnvironmentIsNamed) {
  const auto issues = [](const std::function<void(TargetEvidence&)>& change) {
    auto e = evidence();
    e.before = e.after = {.mhz = 3000, .mhz_source = "cpufreq", .governor = "performance", .hypervisor = ""};
    for (auto& v : e.variants) v.sandbox = {{"seccomp", true, ""}, {"landlock", true, ""}};
    change(e);
    std::vector<std::string> all;
    for (const auto& c : analysis::conditions(e)) all.push_back(c.issue);
    return all;
  };
  using testing::ElementsAre;
  EXPECT_THAT(issues([](auto&) {}), testing::IsEmpty());
  EXPECT_THAT(issues([](auto& e) { e.after.throttled_seconds = 0.011; }), ElementsAre("environment.container_limits"));
  EXPECT_THAT(issues([](auto& e) { e.after.throttled_seconds = 0.009; }), testing::IsEmpty());
  EXPECT_THAT(issues([](auto& e) { e.clock_drift = -1.1e-3; }), ElementsAre("timing.clock_drift"));
  EXPECT_THAT(issues([](auto& e) { e.clock_drift = 0.9e-3; }), testing::IsEmpty());
  EXPECT_THAT(issues([](auto& e) { e.clock_resolution_seconds = 10.1e-6; }),
              ElementsAre("timing.timer_granularity", "timing.timer_granularity"));
  EXPECT_THAT(issues([](auto& e) { e.clock_resolution_seconds = 9.9e-6; }), testing::IsEmpty());
}

TEST(FloatState, InWords) {
  using device::describe_float_state;
  EXPECT_EQ(describe_float_state(0x037f1f80), "");
  EXPECT_EQ(describe_float_state(0), "");  // not x86
  EXPECT_EQ(describe_float_state(0x037f9fc0), "flush-to-zero, denormals-are-zero");
  EXPECT_EQ(describe_float_state(0x037f5f80), "rounds up");
  EXPECT_EQ(describe_float_state(0x007f1f80), "x87 precision below 64 bits");
  EXPECT_EQ(describe_float_state(device::float_state()), "");
}

TEST(Observer, ParsesMaps) {
  const auto all = judge::parse_maps(
      "55d0c0000000-55d0c0001000 r-xp 00000000 08:01 123                        /usr/bin/a b\n"
      "nonsense\n"
      "7f00-6f00 r-xp 0 0:0 0 \n"
      "7f0000000000-7f0000002000 rw-p 00000000 00:00 0 \n"
      "7ffd00000000-7ffd00001000 r-xp 00000000 00:00 0                          [vdso]");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].file, "/usr/bin/a b");
  EXPECT_TRUE(all[0].executable && all[0].readable && !all[0].writable);
  EXPECT_EQ(all[1].file, "");
  EXPECT_TRUE(all[1].writable);
  EXPECT_EQ(all[2].file, "[vdso]");
}

TEST(Observer, SeesChangedCodeAndNewExecutableMemory) {
  const auto observe = [] {
    return judge::Observer(judge::Fd(open("/proc/self/maps", O_RDONLY)), judge::Fd(open("/proc/self/mem", O_RDONLY)));
  };
  const auto observer = observe();
  const auto before = observer.executable_bytes();
  const auto same = observer.compare();
  EXPECT_EQ(same.absent, "");
  EXPECT_GT(same.bytes, 1 << 20);
  EXPECT_EQ(same.changed_pages, 0) << same.first;

  void* page = mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(page, MAP_FAILED);
  EXPECT_EQ(observer.executable_bytes(), before + 4096);
  munmap(page, 4096);

  const auto at = reinterpret_cast<std::uintptr_t>(&::strfry) & ~std::uintptr_t{4095};  // nobody calls it
  ASSERT_EQ(mprotect(reinterpret_cast<void*>(at), 4096, PROT_READ | PROT_WRITE | PROT_EXEC), 0);
  auto* byte = reinterpret_cast<volatile char*>(&::strfry);
  const char old = *byte;
  *byte = static_cast<char>(old ^ 1);
  const auto changed = observer.compare();
  *byte = old;
  mprotect(reinterpret_cast<void*>(at), 4096, PROT_READ | PROT_EXEC);
  EXPECT_EQ(changed.changed_pages, 1);
  EXPECT_THAT(changed.first, testing::HasSubstr("libc"));
  EXPECT_EQ(judge::Observer().compare().absent, "the worker's memory cannot be read");
}
