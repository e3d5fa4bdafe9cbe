// Hand-made evidence: every rule has a case that trips it and one that narrowly does not.
#include "analysis/verdict.hpp"

#include "analysis/publishable.hpp"

#include "validity/checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

using namespace aisp;
using namespace aisp::analysis;
using model::Status;
using model::TargetEvidence;
using model::VariantEvidence;
using model::Word;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr int kRounds = 20;

// A clean variant that takes `ms` a call, with a tenth of a per cent of spread.
VariantEvidence variant(std::string name, double ms) {
  VariantEvidence v;
  v.name = std::move(name);
  v.status = Status::ok;
  for (int r = 0; r < kRounds; ++r) {
    model::Sample s;
    s.round = r;
    s.calls = 10;
    s.seconds = 10e-3 * ms * (1 + 0.001 * (r % 5));
    s.worker_seconds = s.seconds;
    s.cpu_seconds = 1.1 * s.seconds;
    v.samples.push_back(s);
  }
  v.timed_calls = v.verified_timed_calls = v.verification.calls = 10 * kRounds;
  v.sandbox = {{"seccomp", true, ""}, {"landlock", true, ""}};
  v.peak_threads = 1;
  return v;
}

TargetEvidence evidence(double baseline_ms = 1.0, double variant_ms = 0.5) {
  TargetEvidence e;
  e.target = "ch09:softmax";
  e.arithmetic = "f32";
  e.tensors = {{"x", "fresh", "f32", {1000}}, {"y", "output", "f32", {1000}}};
  e.flops = 1e6;
  e.bytes = 1e6;
  e.ceilings = {1e11, 1e10, "test"};  // floor: memory, 0.1 ms
  e.restarts = 2;
  e.rounds = 0;  // not said how many were planned: some rules take samples away
  e.waiting = "spin";
  e.aa_floor = 0.01;
  e.before =
      e.after = {.load1 = 0.1, .mhz = 3000, .mhz_source = "cpufreq", .governor = "performance", .hypervisor = ""};
  e.variants = {variant("baseline", baseline_ms), variant("online", variant_ms)};
  return e;
}

struct Rule {
  const char* name;
  std::function<void(TargetEvidence&, VariantEvidence&)> change;  // the optimized variant
  const char* issue;                                              // "" = no violation
  int exit_code;
};
void PrintTo(const Rule& r, std::ostream* out) { *out << r.name; }

void fail(VariantEvidence& v, std::int64_t untouched, std::int64_t nonfinite, double got) {
  v.verification.wrong_calls = 1;
  v.verification.failed_case = "round 3 call 2";
  v.verification.first_failure = model::Comparison{.tensor = "y",
                                                   .elements = 1000,
                                                   .max_error = 7,
                                                   .wrong = 1,
                                                   .untouched = untouched,
                                                   .nonfinite = nonfinite,
                                                   .first_wrong = 5,
                                                   .got = got};
}
void refuse(VariantEvidence& v, const char* call, const char* detail = "") { v.refusals.push_back({call, detail, 1}); }
// As evidence is since schema 7: the worker stands between its turns.
void hold(VariantEvidence& v) {
  for (auto& s : v.samples) s.handover_seconds = 30e-6, s.cpu_seconds = s.seconds;
}
void scale_times(VariantEvidence& v, double factor) {
  for (auto& s : v.samples) s.seconds *= factor, s.worker_seconds *= factor, s.cpu_seconds *= factor;
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kInf = std::numeric_limits<double>::infinity();
constexpr auto kThread = "location.background_thread";
constexpr auto kWarmup = "location.warmup_computation", kSetup = "location.setup_precomputation";
constexpr auto kExploit = "evaluation.eval_code_exploitation";

}  // namespace

class VerdictRules : public testing::TestWithParam<Rule> {};

TEST_P(VerdictRules, TripOrNot) {
  const auto& rule = GetParam();
  auto e = evidence();
  rule.change(e, e.variants[1]);
  const auto v = verdict(e);
  EXPECT_EQ(v.exit_code, rule.exit_code);
  if (*rule.issue) {
    ASSERT_EQ(v.violations.size(), 1u);
    EXPECT_EQ(v.violations[0].issue, rule.issue);
    EXPECT_EQ(v.violations[0].variant, "online");
    EXPECT_FALSE(v.violations[0].seen.empty());
    EXPECT_FALSE(v.violations[0].expected.empty());
    EXPECT_FALSE(v.violations[0].advice.empty());
  } else {
    EXPECT_THAT(v.violations, IsEmpty());
  }
  if (rule.exit_code == 0 && !e.variants[1].peer) {
    EXPECT_EQ(v.variants[1].word, Word::fast);
    EXPECT_NEAR(v.variants[1].speedup, 2, 0.01);
  } else if (rule.exit_code) {
    EXPECT_EQ(v.variants[1].speedup, rule.exit_code == 1 ? v.variants[1].speedup : 0);  // withheld, and why
    EXPECT_FALSE(v.variants[1].why.empty() && v.variants[1].word != Word::same && v.variants[1].word != Word::slow);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, VerdictRules,
    testing::Values(
        Rule{"clean", [](auto&, auto&) {}, "", 0},
        // outputs
        Rule{"wrong output", [](auto&, auto& v) { fail(v, 0, 0, 1.5); }, "", 3},
        Rule{"untouched", [](auto&, auto& v) { fail(v, 1, 0, 1.5); }, "output.uninitialized_memory", 4},
        Rule{"nan", [](auto&, auto& v) { fail(v, 0, 1, kNan); }, "output.nan", 4},
        Rule{"inf", [](auto&, auto& v) { fail(v, 0, 1, kInf); }, "output.inf", 4},
        Rule{"guard", [](auto&, auto& v) { v.verification.guard_violations = 1; }, "output.shape_mismatch", 4},
        Rule{"input", [](auto&, auto& v) { v.verification.input_violations = 1; }, "memory.input_output_alias", 4},
        Rule{"unverified timed call", [](auto&, auto& v) { --v.verified_timed_calls; }, "", 6},
        Rule{"nothing verified", [](auto&, auto& v) { v.verification.calls = 0; }, "", 6},
        // floor: 0.1 ms, of ceilings that nobody measured: limit 0.08 ms; measured ones leave 5 %
        Rule{"below the floor", [](auto&, auto& v) { scale_times(v, 0.079 / 0.5); }, "timing.incomplete_async", 4},
        Rule{"below a measured floor",
             [](auto& e, auto& v) { e.ceilings.source = "calibration T", scale_times(v, 0.094 / 0.5); },
             "timing.incomplete_async", 4},
        Rule{"idle work", [](auto&, auto& v) { v.samples[3].idle_cpu_seconds = 0.023; }, kThread, 4},
        Rule{"idle wake-ups", [](auto&, auto& v) { v.samples[3].idle_cpu_seconds = 0.0215; }, "", 0},
        Rule{"twice the CPU", [](auto&, auto& v) { for (auto& s : v.samples) s.cpu_seconds = 2.1 * s.seconds + 0.002; },
             kThread, 4},
        Rule{"slow first call", [](auto&, auto& v) { for (auto& s : v.samples) s.cpu_seconds = 1.6 * s.seconds; }, "", 0},
        Rule{"work while it stands", [](auto&, auto& v) { hold(v); for (auto& s : v.samples) s.idle_cpu_seconds = 12e-6; },
             kThread, 4},
        Rule{"work in one stop", [](auto&, auto& v) { hold(v); v.samples[3].idle_cpu_seconds = 1.1e-3; }, kThread, 4},
        Rule{"the kernel's late account",
             [](auto&, auto& v) { hold(v); for (auto& s : v.samples) s.idle_cpu_seconds = 8e-6; }, "", 0},
        Rule{"a late account now and then",
             [](auto&, auto& v) { hold(v); v.samples[3].idle_cpu_seconds = v.samples[9].idle_cpu_seconds = 125e-6; }, "", 0},
        Rule{"a second thread's CPU",
             [](auto&, auto& v) { hold(v); for (auto& s : v.samples) s.cpu_seconds = 1.2 * s.seconds + 250e-6; }, kThread, 4},
        // untimed work: a timed call takes 0.5 ms
        Rule{"works in discarded calls",
             [](auto&, auto& v) { for (auto& s : v.samples) s.discarded_cpu_seconds = 4.3e-3; }, kWarmup, 4},
        Rule{"sleeps in discarded calls",
             [](auto&, auto& v) { for (auto& s : v.samples) s.discarded_seconds = 0.12; }, kWarmup, 4},
        Rule{"works in one discarded call of five",
             [](auto&, auto& v) { for (std::size_t i = 0; i < v.samples.size(); i += 5) v.samples[i].discarded_cpu_seconds = 0.06; },
             kWarmup, 4},
        Rule{"discarded calls with a cold start",
             [](auto&, auto& v) { for (auto& s : v.samples) s.discarded_cpu_seconds = s.discarded_seconds = 3.8e-3; }, "", 0},
        Rule{"a first call that loads", [](auto&, auto& v) { v.samples[0].discarded_cpu_seconds = 0.09; }, "", 0},
        Rule{"searches in bind", [](auto&, auto& v) { v.untimed = {.processes = 2, .slots = 20, .bind_cpu_seconds = 2.6}; },
             kSetup, 4},
        Rule{"packs in bind", [](auto&, auto& v) { v.untimed = {.processes = 2, .slots = 20, .bind_seconds = 2.4}; }, "", 0},
        Rule{"does not stand", [](auto&, auto& v) { v.status = Status::protocol, v.unstopped_seconds = 2; }, kThread, 6},
        Rule{"prepares for ever", [](auto&, auto& v) { v.untimed = {.processes = 1, .slots = 10, .prepare_seconds = 10.5}; },
             kSetup, 4},
        Rule{"second thread", [](auto&, auto& v) { v.peak_threads = 2; }, kThread, 4},
        Rule{"declared threads", [](auto&, auto& v) { v.threads = 2, v.peak_threads = 3; }, "", 0},
        Rule{"one thread too many", [](auto&, auto& v) { v.threads = 2, v.peak_threads = 4; }, kThread, 4},
        // the worker's clock: batches of 5 ms; slack 0.5 ms + 50 µs, on a device 0.25 ms + 50 µs
        Rule{"claim beyond what passed", [](auto&, auto& v) { for (auto& s : v.samples) s.worker_seconds *= 1.12; },
             "timing.event_gaps", 4},
        Rule{"claim a little longer", [](auto&, auto& v) { for (auto& s : v.samples) s.worker_seconds *= 1.10; }, "", 0},
        Rule{"judge preempted", [](auto&, auto& v) { for (auto& s : v.samples) s.worker_seconds *= 0.5; }, "", 0},
        Rule{"halved device times",
             [](auto&, auto& v) { for (auto& s : v.samples) s.device_seconds = s.seconds / 2; }, "timing.event_gaps", 4},
        Rule{"device times that fill the batch",
             [](auto&, auto& v) { for (auto& s : v.samples) s.device_seconds = s.seconds; }, "", 0},
        Rule{"a third of the device batches interrupted",
             [](auto&, auto& v) {
               for (auto& s : v.samples) s.device_seconds = s.seconds;
               for (std::size_t i = 0; i < v.samples.size(); i += 3) v.samples[i].seconds *= 5;
             },
             "", 0},
        Rule{"futex wake-ups",
             [](auto& e, auto& v) {
               e.waiting = "futex";
               for (auto& s : v.samples) s.worker_seconds -= 0.0009;
             },
             "", 0},
        // the device outside the timed calls: busy is more than 1 ms, in more than a quarter of the batches
        Rule{"busy after done", [](auto&, auto& v) { for (auto& s : v.samples) s.drain_seconds = 0.0011; },
             "timing.incomplete_async", 4},
        Rule{"busy before the gate", [](auto&, auto& v) { for (auto& s : v.samples) s.idle_drain_seconds = 0.0011; },
             "cuda.persistent_kernel", 4},
        Rule{"slow switches of context",
             [](auto&, auto& v) { for (auto& s : v.samples) s.drain_seconds = s.idle_drain_seconds = 0.0009; }, "", 0},
        Rule{"two probes disturbed",
             [](auto&, auto& v) { v.samples[1].drain_seconds = v.samples[4].idle_drain_seconds = 0.01; }, "", 0},
        Rule{"output changed after done", [](auto&, auto& v) { v.verification.late_batches = 1; },
             "timing.incomplete_async", 4},
        Rule{"never idle again", [](auto&, auto& v) { v.status = Status::failed, v.undrained_seconds = 0.26; },
             "cuda.persistent_kernel", 6},
        Rule{"a device worker spins and has its driver's threads",
             [](auto& e, auto& v) {
               e.device = "cuda";
               v.peak_threads = 6;
               for (auto& s : v.samples) s.cpu_seconds = 10 * s.seconds;
             },
             "", 0},
        // refusals
        Rule{"fork", [](auto&, auto& v) { refuse(v, "fork"); }, kThread, 4},
        Rule{"thread", [](auto&, auto& v) { refuse(v, "clone", "flags 0x3d0f00"); }, kThread, 4},
        Rule{"exec", [](auto&, auto& v) { refuse(v, "execve"); }, kThread, 4},
        Rule{"internet socket", [](auto&, auto& v) { refuse(v, "socket", "domain 2"); }, kExploit, 4},
        Rule{"name service", [](auto&, auto& v) { refuse(v, "socket", "domain 1"); }, "", 0},
        Rule{"interface list", [](auto&, auto& v) { refuse(v, "socket", "domain 16"); }, "", 0},
        Rule{"ptrace", [](auto&, auto& v) { refuse(v, "ptrace", "request 16"); }, kExploit, 4},
        Rule{"kill another", [](auto&, auto& v) { refuse(v, "kill", "signal 9"); }, kExploit, 4},
        Rule{"everything", [](auto&, auto& v) { refuse(v, "other"); }, kExploit, 4},
        Rule{"userfaultfd", [](auto&, auto& v) { refuse(v, "userfaultfd"); }, "location.lazy_evaluation", 4},
        Rule{"higher priority", [](auto&, auto& v) { refuse(v, "setpriority", "priority -20"); },
             "environment.priority_elevation", 4},
        Rule{"lower priority", [](auto&, auto& v) { refuse(v, "setpriority", "priority 10"); }, "", 0},
        Rule{"own filter", [](auto&, auto& v) { refuse(v, "prctl", "option 22"); }, kExploit, 4},
        Rule{"timer slack", [](auto&, auto& v) { refuse(v, "prctl", "option 29"); }, "", 0},
        Rule{"clock", [](auto&, auto& v) { refuse(v, "clock_settime"); }, "timing.clock_drift", 4},
        Rule{"affinity", [](auto&, auto& v) { refuse(v, "sched_setaffinity"); }, "", 0},
        Rule{"memory policy", [](auto&, auto& v) { refuse(v, "get_mempolicy"); }, "", 0},
        Rule{"new system call", [](auto&, auto& v) { refuse(v, "syscall 467"); }, "", 0},
        // how it ended
        Rule{"crashed", [](auto&, auto& v) { v.status = Status::crashed; }, "", 6},
        Rule{"timed out", [](auto&, auto& v) { v.status = Status::timed_out; }, "", 6},
        Rule{"protocol", [](auto&, auto& v) { v.status = Status::protocol; }, "", 6},
        Rule{"refused", [](auto&, auto& v) { v.status = Status::refused; }, "", 6},
        Rule{"failed", [](auto&, auto& v) { v.status = Status::failed; }, "", 6},
        Rule{"a peer that fails", [](auto&, auto& v) { v.status = Status::failed, v.peer = true; }, "", 6},
        Rule{"a peer that cannot begin",
             [](auto&, auto& v) { v.status = Status::failed, v.peer = true, v.samples.clear(), v.verification = {}; }, "",
             0},
        Rule{"one that cannot begin and is no peer",
             [](auto&, auto& v) { v.status = Status::failed, v.samples.clear(), v.verification = {}; }, "", 6},
        Rule{"out of memory", [](auto&, auto& v) { v.status = Status::out_of_memory; }, "", 6},
        Rule{"not run", [](auto&, auto& v) { v.status = Status::not_run; }, "", 6},
        // claims
        Rule{"same", [](auto&, auto& v) { scale_times(v, 2); }, "", 1},
        Rule{"slow", [](auto&, auto& v) { scale_times(v, 3); }, "", 1},
        Rule{"five pairs", [](auto&, auto& v) { v.samples.resize(5); }, "", 1},
        Rule{"six pairs", [](auto&, auto& v) { v.samples.resize(6); }, "", 0},
        Rule{"never in one round", [](auto&, auto& v) { for (auto& s : v.samples) s.round += kRounds; }, "", 1},
        Rule{"noise floor of 150 %", [](auto& e, auto&) { e.aa_floor = 1.5; }, "", 1},
        Rule{"noise floor of 90 %", [](auto& e, auto&) { e.aa_floor = 0.9; }, "", 0},
        Rule{"a slow peer", [](auto&, auto& v) { scale_times(v, 2); v.peer = true; }, "", 0}),
    [](const auto& test) {
      std::string name = test.param.name;
      for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
      return name;
    });

TEST(Verdict, AboveTheFloorLimitIsNoViolation) {
  auto e = evidence(1.0, 0.081);
  const auto v = verdict(e);
  EXPECT_THAT(v.violations, IsEmpty());
  EXPECT_GT(v.variants[1].sol, 1);  // a better ceiling is known now; not an offence yet
}

TEST(Verdict, PairsByRestartAndRound) {
  auto e = evidence();
  for (auto& v : e.variants)
    for (auto& s : v.samples) s.restart = s.round % 2;
  e.variants[1].samples.erase(e.variants[1].samples.begin() + 4);
  e.variants[0].samples.erase(e.variants[0].samples.begin() + 7);
  const auto v = verdict(e);
  EXPECT_EQ(v.variants[1].pairs, kRounds - 2);
  EXPECT_EQ(v.variants[1].word, Word::fast);
}

TEST(Verdict, ADoubledSampleIsPairedOnce) {
  auto e = evidence();
  for (int i = 0; i < 30; ++i) e.variants[1].samples.push_back(e.variants[1].samples.front());
  EXPECT_EQ(verdict(e).variants[1].pairs, kRounds);
}

TEST(Verdict, UnusableTimesAreLeftOutAndSaid) {
  auto e = evidence();
  e.variants[1].samples[0].seconds = 0;
  e.variants[1].samples[1].seconds = kNan;
  e.variants[1].samples[2].calls = 0;
  const auto v = verdict(e).variants[1];
  EXPECT_EQ(v.pairs, kRounds - 3);
  EXPECT_THAT(v.notes, testing::Contains(HasSubstr("3 samples without a usable time")));
}

TEST(Verdict, ABadBaselineWithholdsEverySpeedup) {
  auto e = evidence();
  fail(e.variants[0], 0, 0, 1);
  auto v = verdict(e);
  EXPECT_EQ(v.variants[1].speedup, 0);
  EXPECT_THAT(v.variants[1].why, HasSubstr("baseline"));
  EXPECT_TRUE(v.variants[1].correct);
  EXPECT_EQ(v.exit_code, 3);

  e = evidence();
  refuse(e.variants[0], "fork");
  v = verdict(e);
  EXPECT_EQ(v.variants[1].speedup, 0);
  EXPECT_EQ(v.exit_code, 4);
}

TEST(Verdict, OneBadVariantDoesNotTouchTheOthers) {
  auto e = evidence();
  e.variants.push_back(variant("cheat", 0.2));
  refuse(e.variants[2], "ptrace");
  const auto v = verdict(e);
  EXPECT_EQ(v.variants[1].word, Word::fast);
  EXPECT_EQ(v.variants[2].speedup, 0);
  EXPECT_EQ(v.exit_code, 4);
}

TEST(Verdict, OfVerificationAloneExpectsNoSpeedup) {
  auto e = evidence();
  for (auto& v : e.variants) v.samples.clear(), v.timed_calls = v.verified_timed_calls = 0;
  const auto v = verdict(e);
  EXPECT_EQ(v.exit_code, 0);
  EXPECT_TRUE(v.variants[1].correct);
  EXPECT_THAT(v.variants[1].why, HasSubstr("not timed"));
}

TEST(Verdict, ErrorsAndInterruptionsAreInternal) {
  auto e = evidence();
  e.error = "no such plugin";
  EXPECT_EQ(verdict(e).exit_code, 6);
  e = evidence();
  e.interrupted = true;
  EXPECT_EQ(verdict(e).exit_code, 6);
  EXPECT_EQ(verdict(TargetEvidence{}).exit_code, 6);
}

TEST(Verdict, NotesSwapAndCallOverhead) {
  auto e = evidence();
  EXPECT_THAT(verdict(e).variants[1].notes, IsEmpty());
  e.variants[1].samples[0].major_faults = 1;
  e.null_call_seconds = 0.000101;
  auto notes = verdict(e).variants[1].notes;
  EXPECT_THAT(notes, testing::Contains(HasSubstr("memory.swap")));
  EXPECT_THAT(notes, testing::Contains(HasSubstr("empty call")));
}

TEST(Verdict, IsPure) {
  const auto e = evidence();
  const auto a = verdict(e), b = verdict(e);
  EXPECT_EQ(a.variants[1].speedup, b.variants[1].speedup);
  EXPECT_EQ(a.exit_code, b.exit_code);
}

TEST(Floor, IsTheLargerTerm) {
  auto e = evidence();
  EXPECT_EQ(floor_of(e, 1).bound, "memory");
  EXPECT_DOUBLE_EQ(floor_of(e, 1).seconds, 1e-4);
  EXPECT_DOUBLE_EQ(floor_of(e, 4).seconds, 0.25e-4);
  e.flops = 1e9;
  EXPECT_EQ(floor_of(e, 1).bound, "compute");
  EXPECT_DOUBLE_EQ(floor_of(e, 1).seconds, 1e-2);
  e.tensors[0].dtype = "bf16";  // dot-product units: the f32 ceiling is no bound
  EXPECT_EQ(floor_of(e, 1).bound, "memory");
  e.tensors[0].dtype = "f64";
  EXPECT_EQ(floor_of(e, 1).bound, "compute");
  e.ceilings = {};
  EXPECT_EQ(floor_of(e, 1).seconds, 0);
  EXPECT_EQ(floor_of(e, 1).bound, "");
}

TEST(Floor, WhatACeilingMayBeOffBy) {
  auto e = evidence();
  const auto error = [&](const char* source) { return e.ceilings.source = source, floor_of(e, 1).error; };
  EXPECT_EQ(error("test"), kUnsureError);
  EXPECT_EQ(error("calibration T"), kCeilingError);
  EXPECT_EQ(error("quick probe T"), kQuickError);
  e.flops = 1e9;  // multiply-adds: adds can go beside them
  EXPECT_EQ(error("calibration T"), kUnsureError);
  e.device = "cuda";
  EXPECT_EQ(error("bench peak T, rates of H200"), kCeilingError);
  EXPECT_EQ(error("rates of H200"), kUnsureError);
  e.flops = 1;
  EXPECT_EQ(error("bench peak T"), kUnsureError) << "fits the L2, or half of it does";
  e.bytes = 10 * kLargestGpuCache;
  EXPECT_DOUBLE_EQ(error("bench peak T"), 0.1);
  e.bytes = 1e12;
  EXPECT_EQ(error("bench peak T"), kCeilingError);
  e.bytes = 1e6, e.cache = "cold";
  EXPECT_EQ(error("bench peak T"), kCeilingError);
}

// Faster than the speed of light is said; beyond the error of the ceiling it is a violation.
TEST(Floor, FasterThanTheSpeedOfLight) {
  const auto judged = [](const char* source, double milliseconds) {
    auto e = evidence(1.0, milliseconds);  // the floor is 0.1 ms
    e.ceilings.source = source;
    return verdict(e);
  };
  EXPECT_THAT(judged("calibration T", 0.11).variants[1].notes, testing::Not(testing::Contains(HasSubstr("light"))));
  const auto above = judged("calibration T", 0.097);
  EXPECT_THAT(above.variants[1].notes, testing::Contains(HasSubstr("103 % of the speed of light")));
  EXPECT_TRUE(above.violations.empty());
  ASSERT_EQ(judged("calibration T", 0.094).violations.size(), 1u);
  EXPECT_EQ(judged("calibration T", 0.094).violations[0].issue, "timing.incomplete_async");
  EXPECT_TRUE(judged("quick probe T", 0.094).violations.empty());
  EXPECT_EQ(judged("quick probe T", 0.089).violations.size(), 1u);
  EXPECT_TRUE(judged("test", 0.082).violations.empty());
  EXPECT_EQ(judged("test", 0.079).violations.size(), 1u);
}

TEST(WorstExitCode, FollowsTheOrder) {
  const int order[] = {6, 4, 3, 5, 1, 0};
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 6; ++j) EXPECT_EQ(worst_exit_code(order[i], order[j]), order[std::min(i, j)]);
}

void on_gpu(TargetEvidence& e) {
  e.device = "cuda";
  e.gpu_before.emplace().sm_mhz = 1980;
  e.gpu_before->ecc_uncorrected = 0;
  e.gpu_after = e.gpu_before;
}

TEST(Floor, OfAGpuIsThatOfTheWholeDevice) {
  auto e = evidence();
  e.device = "cpu";
  const double one = floor_of(e, 1).seconds;
  EXPECT_DOUBLE_EQ(floor_of(e, 4).seconds, one / 4);
  e.device = "cuda";
  EXPECT_DOUBLE_EQ(floor_of(e, 4).seconds, one);
}

TEST(Publishable, AnAcceptedVirtualMachineIsNoReasonNorIsWhatItHides) {
  auto e = evidence();
  e.before.hypervisor = e.after.hypervisor = "KVM";
  e.before.governor = e.after.governor = "";
  e.before.mhz_source = e.after.mhz_source = "estimated";
  EXPECT_EQ(unpublishable_reasons(e).size(), 3u);
  EXPECT_THAT(unpublishable_reasons(e, {.virtualization = true}), IsEmpty());
  EXPECT_TRUE(verdict(e, {.virtualization = true}).publishable);
  EXPECT_FALSE(verdict(e).publishable);
  e.after.foreign_cpu = 0.5;
  EXPECT_THAT(verdict(e, {.virtualization = true}).unpublishable_reasons,
              testing::ElementsAre(HasSubstr("other processes")));
  EXPECT_THAT(foreign_load(e), testing::ElementsAre(HasSubstr("other processes used 50 %")));
  // Outside of a virtual machine nothing is accepted with it.
  e = evidence();
  e.before.governor = "";
  EXPECT_THAT(unpublishable_reasons(e, {.virtualization = true}), testing::ElementsAre("CPU governor unknown"));
}

TEST(Verdict, RefusedCallsAndCountsStandBesideIt) {
  auto e = evidence();
  e.variants[1].refusals = {{"setpriority", "priority 5", 3}, {"getsockopt", "", 1}};
  const auto v = verdict(e).variants[1];
  EXPECT_EQ(v.timed_calls, e.variants[1].timed_calls);
  EXPECT_EQ(v.verified_calls, e.variants[1].verified_timed_calls);
  EXPECT_THAT(v.notes, testing::Contains(testing::AllOf(HasSubstr("setpriority (priority 5) 3 times, getsockopt once"),
                                                        HasSubstr("1 to 20 ms"))));
}

TEST(Publishable, EveryReasonTripsAndNarrowlyDoesNot) {
  EXPECT_THAT(unpublishable_reasons(evidence()), IsEmpty());
  EXPECT_TRUE(verdict(evidence()).publishable);
  struct {
    const char* reason;  // "" = none
    std::function<void(TargetEvidence&)> change;
  } const cases[] = {
      {"virtual machine (KVM)", [](auto& e) { e.before.hypervisor = "KVM"; }},
      {"load average", [](auto& e) { e.before.load1 = 1.01; }},
      {"", [](auto& e) { e.before.load1 = 0.99; }},
      {"", [](auto& e) { e.after.load1 = 5; }},  // our own work
      {"other processes", [](auto& e) { e.after.foreign_cpu = 0.021; }},
      {"", [](auto& e) { e.after.foreign_cpu = 0.019; }},
      {"clock unknown", [](auto& e) { e.before.mhz = 0; }},
      {"estimated", [](auto& e) { e.before.mhz_source = "estimated"; }},
      {"changed from", [](auto& e) { e.after.mhz = 3160; }},
      {"", [](auto& e) { e.after.mhz = 3140; }},
      {"governor unknown", [](auto& e) { e.before.governor = ""; }},
      {"'powersave'", [](auto& e) { e.before.governor = "powersave"; }},
      {"memory.swap", [](auto& e) { e.after.swap_out_pages = 1; }},
      {"", [](auto& e) { e.before.swap_out_pages = e.after.swap_out_pages = 9; }},
      {"system-call filter", [](auto& e) { e.variants[1].sandbox[0].present = false; }},
      {"file-system boundary", [](auto& e) { e.variants[1].sandbox.pop_back(); }},
      {"", [](auto& e) { e.variants[1].sandbox[1].name = "private-root"; }},
      {"one process start", [](auto& e) { e.restarts = 1; }},
      {"interrupted", [](auto& e) { e.interrupted = true; }},
      {"NVML", [](auto& e) { e.device = "cuda"; }},
      {"", [](auto& e) { on_gpu(e), e.before.mhz = 0; }},  // the CPU's clock does not matter there
      {"", [](auto& e) { on_gpu(e), e.gpu_after->throttle_reasons = {"gpu_idle"}; }},
      {"sw_power_cap", [](auto& e) { on_gpu(e), e.gpu_after->throttle_reasons = {"sw_power_cap"}; }},
      {"ECC", [](auto& e) { on_gpu(e), e.gpu_after->ecc_uncorrected = 1; }},
  };
  for (const auto& c : cases) {
    auto e = evidence();
    c.change(e);
    const auto reasons = unpublishable_reasons(e);
    if (*c.reason)
      EXPECT_THAT(reasons, testing::ElementsAre(HasSubstr(c.reason)));
    else
      EXPECT_THAT(reasons, IsEmpty());
    EXPECT_EQ(verdict(e).publishable, reasons.empty());
  }
}
