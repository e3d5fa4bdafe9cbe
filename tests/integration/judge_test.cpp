// The judge against real workers: honest variants are timed and verified, every offence ends as it must, and the
// others go on.
#include "judge/judge.hpp"

#include "judge/team.hpp"
#include "stats/stats.hpp"

#include "../scale_workload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace aisp::judge {
namespace {

using model::Status;
using testing::AnyOf;
using testing::Eq;
using testing::HasSubstr;

class Judge : public testing::Test {
 protected:
  void SetUp() override {
    scratch_ = std::filesystem::temp_directory_path() / ("aisp-judge-test-" + std::to_string(getpid()));
    std::filesystem::create_directories(scratch_);
    settings.worker = AISP_BUILD_DIR "/bin/aisp-worker";
    settings.scratch = scratch_;
    settings.seed = seed_from_hex("5eed");
    settings.pairs = 6;
    settings.restarts = 1;
    settings.timeout = 2;
  }
  void TearDown() override { std::filesystem::remove_all(scratch_); }

  static Contestant contestant(const std::string& name) {
    Contestant c;
    c.plugin = AISP_BUILD_DIR "/lib/aisp/tests/hostile.so";
    c.variant = name;
    c.info.name = name;
    return c;
  }
  model::TargetEvidence judge(std::vector<std::string> names) {
    std::vector<Contestant> contestants;
    for (const auto& n : names) contestants.push_back(contestant(n));
    return judge_target(kScale, contestants, settings, device::cpu_facts(), {}, {});
  }
  // An honest baseline beside one offender; the baseline must come out clean whatever the offender does.
  model::VariantEvidence offender(const std::string& name) {
    const auto evidence = judge({"honest", name});
    EXPECT_EQ(evidence.error, "");
    const auto& honest = evidence.variants.at(0);
    EXPECT_EQ(honest.status, Status::ok) << honest.message;
    EXPECT_EQ(honest.samples.size(), 6u);
    EXPECT_EQ(honest.verification.wrong_calls, 0u);
    EXPECT_EQ(honest.timed_calls, honest.verified_timed_calls);
    return evidence.variants.at(1);
  }

  Settings settings;
  std::filesystem::path scratch_;
};

TEST_F(Judge, TimesAndVerifiesHonestVariants) {
  const auto e = judge({"honest", "slower"});
  ASSERT_EQ(e.error, "");
  EXPECT_EQ(e.rounds, 6);
  for (const auto& v : e.variants) {
    EXPECT_EQ(v.status, Status::ok) << v.message;
    EXPECT_EQ(v.samples.size(), 6u);
    EXPECT_GT(v.timed_calls, 0u);
    EXPECT_EQ(v.timed_calls, v.verified_timed_calls);
    EXPECT_EQ(v.verification.wrong_calls, 0u);
    EXPECT_LE(v.verification.max_error, 1);
    EXPECT_EQ(v.verification.guard_violations, 0u);
    EXPECT_EQ(v.verification.input_violations, 0u);
    EXPECT_FALSE(v.sandbox.empty());
    for (const auto& s : v.samples) {
      EXPECT_GT(s.seconds, 0);
      EXPECT_LE(s.worker_seconds, s.seconds);
    }
  }
  const auto median = [](const model::VariantEvidence& v) {
    std::vector<double> times;
    for (const auto& s : v.samples) times.push_back(s.per_call());
    return stats::median(times);
  };
  EXPECT_GT(median(e.variants[1]), median(e.variants[0]));
  EXPECT_EQ(e.twin_samples.size(), 6u);
  EXPECT_GT(e.null_call_seconds, 0);
  EXPECT_EQ(e.seed, to_hex(settings.seed));
}

TEST_F(Judge, WrongOutputsAreSeen) {
  for (const char* name :
       {"zeros", "mean", "copies_input", "misses_one", "plants_nan", "half_precision", "remembers"}) {
    const auto v = offender(name);
    EXPECT_EQ(v.status, Status::ok) << name << ": " << v.message;
    EXPECT_GT(v.verification.wrong_calls, 0u) << name;
    ASSERT_TRUE(v.verification.first_failure) << name;
    EXPECT_EQ(v.verification.first_failure->tensor, "y");
  }
}

TEST_F(Judge, MissingElementIsSeenAsUntouched) {
  const auto v = offender("misses_one");
  EXPECT_EQ(v.verification.first_failure->wrong, 1);
  EXPECT_EQ(v.verification.first_failure->untouched, 1);
  EXPECT_EQ(v.verification.wrong_calls, v.verification.calls);
}

TEST_F(Judge, WritesOutsideTheOutputAreSeen) {
  EXPECT_GT(offender("writes_past_the_end").verification.guard_violations, 0u);
  EXPECT_GT(offender("writes_before_the_start").verification.guard_violations, 0u);
}

TEST_F(Judge, DeathsAreNamed) {
  const auto ends = [&](const char* name, auto status, const char* message) {
    const auto v = offender(name);
    EXPECT_THAT(v.status, status) << name << ": " << v.message;
    EXPECT_THAT(v.message, HasSubstr(message)) << name;
    EXPECT_TRUE(v.samples.empty());
  };
  ends("crashes", Eq(Status::crashed), "SIGSEGV");
  ends("writes_input", Eq(Status::crashed), "SIGSEGV");
  ends("aborts", Eq(Status::crashed), "SIGABRT");
  ends("exits", Eq(Status::crashed), "exited by itself with status 0");
  ends("throws", Eq(Status::failed), "I give up");
#ifndef AISP_SANITIZED  // the shadow memory of a sanitizer leaves no address space to limit
  settings.memory_bytes = 256 << 20;
  ends("allocates_without_end", Eq(Status::out_of_memory), "memory");
#endif
}

TEST_F(Judge, EndlessCallsMeetTheDeadline) {
  settings.timeout = 0.3;
  for (const char* name : {"hangs", "sleeps", "stops_itself"}) {
    const auto v = offender(name);
    EXPECT_EQ(v.status, Status::timed_out) << name << ": " << v.message;
    EXPECT_THAT(v.message, HasSubstr("within 0.3 s"));
  }
}

TEST_F(Judge, CorruptedProtocolIsNamed) { EXPECT_EQ(offender("corrupts_the_protocol").status, Status::protocol); }

TEST_F(Judge, RefusedSystemCallsAreEvidence) {
  for (const auto& [name, syscall] : {std::pair{"forks", "clone"}, std::pair{"opens_a_socket", "socket"}}) {
    const auto v = offender(name);
    ASSERT_FALSE(v.refusals.empty()) << name;
    EXPECT_THAT(v.refusals.front().syscall, HasSubstr(syscall));
  }
}

TEST_F(Judge, ClosedDescriptorsHarmNobody) { EXPECT_EQ(offender("closes_descriptors").status, Status::ok); }

TEST_F(Judge, WorkFinishedAfterTheAnswerDoesNotCount) {
  const auto v = offender("answers_late");
  EXPECT_GT(v.verification.wrong_calls, 0u);
  EXPECT_GT(v.verification.first_failure->untouched, 0);
}

TEST_F(Judge, SameSeedSameInputs) {
  settings.pairs = 1;
  const auto a = judge({"honest", "half_precision"}), b = judge({"honest", "half_precision"});
  ASSERT_TRUE(a.variants[1].verification.first_failure && b.variants[1].verification.first_failure);
  EXPECT_EQ(a.variants[1].verification.first_failure->expected, b.variants[1].verification.first_failure->expected);
}

TEST_F(Judge, InterruptionEndsTheRunAndKeepsWhatIsThere) {
  std::atomic<bool> stop{false};
  settings.interrupted = &stop;
  settings.timeout = 60;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop = true;
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto e = judge({"honest", "sleeps"});
  later.join();
  EXPECT_TRUE(e.interrupted);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(Judge, UnusablePluginsAreRefusedWithOneLine) {
  const auto refused = [&](const std::string& plugin, const char* message) {
    auto c = contestant("honest");
    c.plugin = plugin;
    const auto e = judge_target(kScale, {c}, settings, device::cpu_facts(), {}, {});
    ASSERT_EQ(e.variants.size(), 1u);
    EXPECT_EQ(e.variants[0].status, Status::refused);
    EXPECT_THAT(e.variants[0].message, HasSubstr(message));
    EXPECT_EQ(e.variants[0].message.find('\n'), std::string::npos);
  };
  const auto text = (scratch_ / "text.so").string();
  std::ofstream(text) << "this is no library";
  refused(text, "is not an ELF shared library");
  refused((scratch_ / "missing.so").string(), "cannot open");
  refused(AISP_BUILD_DIR "/lib/aisp/tests/no_symbol.so", "does not export aisp_plugin_v1");
  refused(AISP_BUILD_DIR "/lib/aisp/tests/old_abi.so", "plugin ABI 0");
  const auto e = judge({"honest", "no_such_variant"});
  EXPECT_EQ(e.variants[1].status, Status::refused);
}

TEST_F(Judge, VerifiesEdgeAndHeldOutShapesWithoutTiming) {
  const auto e =
      verify_target(kScale, {contestant("honest"), contestant("misses_one")}, settings, device::cpu_facts(), {});
  ASSERT_EQ(e.error, "");
  EXPECT_TRUE(e.variants[0].samples.empty());
  EXPECT_EQ(e.variants[0].verification.wrong_calls, 0u);
  EXPECT_GE(e.variants[0].verification.calls, 7u);
  EXPECT_EQ(e.variants[1].verification.wrong_calls, e.variants[1].verification.calls);
  EXPECT_THAT(e.variants[1].verification.failed_case, HasSubstr("n=1"));
}

}  // namespace
}  // namespace aisp::judge
