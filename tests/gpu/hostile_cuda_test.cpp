// The judge against CUDA variants that break the rules: each is rejected under its name, what is allowed passes, and
// the honest variant beside it comes out clean.
#include "analysis/verdict.hpp"
#include "judge/judge.hpp"
#include "judge/team.hpp"

#include "../scale_workload.hpp"

#ifdef AISP_HAVE_CUDA
#include "device/cuda/runtime.hpp"
#endif

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <filesystem>
#include <string>
#include <vector>

namespace aisp::judge {
namespace {

using model::Status;
using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;

// Where this build lies now: it may have been made on another machine.
std::string build_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path().parent_path().string();
}

// "" when this build and this machine have a CUDA device that workers of their own can use.
std::string why_not() {
#ifdef AISP_HAVE_CUDA
  return device::cuda::why_absent().value_or("");
#else
  return "built without CUDA";
#endif
}

class HostileCuda : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = why_not(); !why.empty()) GTEST_SKIP() << why;
    scratch_ = std::filesystem::temp_directory_path() / ("aisp-hostile-cuda-" + std::to_string(getpid()));
    std::filesystem::create_directories(scratch_);
    settings.device = "cuda";
    settings.worker = build_folder() + "/bin/aisp-worker";
    settings.scratch = scratch_;
    settings.seed = seed_from_hex("5eed");
    settings.pairs = 6;
    settings.restarts = 1;
    settings.timeout = 5;
  }
  void TearDown() override {
    if (!scratch_.empty()) std::filesystem::remove_all(scratch_);
  }

  static Contestant contestant(const std::string& name, const std::string& plugin = "cuda_offences") {
    Contestant c;
    c.plugin = build_folder() + "/lib/aisp/tests/" + plugin + ".so";
    c.variant = name;
    c.info.name = name.empty() ? plugin : name;
    return c;
  }
  model::TargetEvidence judge(std::vector<Contestant> contestants) {
    return judge_target(kScale, contestants, settings, device::cpu_facts(), {}, {});
  }

  // What became of an offender beside an honest baseline, which must come out clean.
  struct End {
    model::VariantEvidence evidence;
    std::vector<std::string> issues;
    std::string story;  // for messages
  };
  End end_of(const Contestant& offender) {
    const auto e = judge({contestant("honest"), offender});
    EXPECT_EQ(e.error, "");
    if (e.variants.size() != 2) return {};
    const auto& honest = e.variants[0];
    EXPECT_EQ(honest.status, Status::ok) << honest.message;
    EXPECT_EQ(honest.samples.size(), 6u);
    EXPECT_EQ(honest.verification.wrong_calls, 0u);
    End end{e.variants[1], {}, {}};
    end.story = to_string(end.evidence.status) + " '" + end.evidence.message + "', " +
                std::to_string(end.evidence.verification.wrong_calls) + " wrong calls";
    for (const auto& v : analysis::verdict(e).violations) {
      if (v.variant == end.evidence.name)
        end.issues.push_back(v.issue);
      else
        ADD_FAILURE() << "the honest variant beside " << offender.info.name << ": " << v.issue << ", " << v.seen;
      end.story += "; " + v.issue + ": " + v.seen;
    }
    std::printf("%-26s %s\n", offender.info.name.c_str(), end.story.c_str());
    return end;
  }
  End end_of(const std::string& name) { return end_of(contestant(name)); }

  Settings settings;
  std::filesystem::path scratch_;
};

TEST_F(HostileCuda, WhatIsAllowedPasses) {
  const auto e =
      judge({contestant("honest"), contestant("joined_side_stream"), contestant("honest_graph"), contestant("prints")});
  ASSERT_EQ(e.error, "");
  EXPECT_THAT(analysis::verdict(e).violations, testing::IsEmpty());
  for (const auto& v : e.variants) {
    EXPECT_EQ(v.status, Status::ok) << v.name << ": " << v.message;
    EXPECT_EQ(v.verification.wrong_calls, 0u) << v.name;
    EXPECT_EQ(v.verification.late_batches, 0u) << v.name;
    EXPECT_EQ(v.timed_calls, v.verified_timed_calls) << v.name;
    for (const auto& s : v.samples) {
      EXPECT_GT(s.device_seconds, 0) << v.name;
      EXPECT_GT(s.drain_seconds, 0) << v.name;
      EXPECT_GT(s.idle_drain_seconds, 0) << v.name;
      EXPECT_GT(s.sm_mhz, 100) << v.name;
      EXPECT_LT(s.sm_mhz, 5000) << v.name;
    }
  }
}

// Its calls cannot be queued behind the gate: they run without one, each batch on fresh inputs all the same.
TEST_F(HostileCuda, WaitingInsideIsAllowed) {
  const auto end = end_of("waits_inside");
  EXPECT_EQ(end.evidence.status, Status::ok) << end.story;
  EXPECT_THAT(end.issues, testing::IsEmpty());
  EXPECT_EQ(end.evidence.verification.wrong_calls, 0u) << end.story;
  EXPECT_EQ(end.evidence.timed_calls, end.evidence.verified_timed_calls);
  EXPECT_FALSE(end.evidence.samples.empty());
  for (const auto& s : end.evidence.samples) EXPECT_GT(s.seconds, 0.5 * s.device_seconds);
}

TEST_F(HostileCuda, WorkThatStartsWhenTheInputsCome) {
  for (const char* name : {"polls_inputs", "guesses_the_moment"}) {
    const auto end = end_of(name);
    const bool named = std::find(end.issues.begin(), end.issues.end(), "timing.unsynced_streams") != end.issues.end();
    EXPECT_TRUE(named || end.evidence.verification.wrong_calls > 0) << name << ": " << end.story;
  }
}

TEST_F(HostileCuda, WorkOnASideStreamThatNobodyJoins) {
  EXPECT_THAT(end_of("side_stream_unjoined").issues,
              testing::AnyOf(Contains("timing.incomplete_async"), Contains("timing.unsynced_streams")));
}

TEST_F(HostileCuda, WorkThatReadsBeforeTheInputsAreThere) {
  for (const char* name :
       {"side_stream_at_once", "late_thread", "graph_without_work", "caches_by_pointer", "does_nothing"}) {
    const auto end = end_of(name);
    EXPECT_GT(end.evidence.verification.wrong_calls, 0u) << name << ": " << end.story;
  }
}

TEST_F(HostileCuda, WorkInASecondContext) {
  EXPECT_THAT(end_of("second_context_unawaited").issues,
              Contains(AnyOf("timing.incomplete_async", "cuda.persistent_kernel")));
  const auto left = end_of("leaves_context_current");
  EXPECT_EQ(left.evidence.status, Status::failed) << left.story;
  EXPECT_THAT(left.evidence.message, HasSubstr("another CUDA context"));
}

TEST_F(HostileCuda, KernelsThatNeverEnd) {
  EXPECT_THAT(end_of("persistent_spinner").issues, Contains("cuda.persistent_kernel"));
  const auto server = end_of("server");
  EXPECT_TRUE(!server.issues.empty() || server.evidence.verification.wrong_calls > 0 ||
              server.evidence.status != Status::ok)
      << server.story;
}

TEST_F(HostileCuda, ForgedEventTimes) {
  EXPECT_THAT(end_of("patches_the_events").issues, Contains("timing.event_gaps"));
}

TEST_F(HostileCuda, WritesOutsideTheOutput) {
  EXPECT_THAT(end_of("writes_past_the_end").issues, Contains("output.shape_mismatch"));
}

TEST_F(HostileCuda, FaultsAndLimitsAreOneLine) {
  const auto ends = [&](const char* name, Status status, const char* message) {
    const auto end = end_of(name);
    EXPECT_EQ(end.evidence.status, status) << name << ": " << end.story;
    EXPECT_THAT(end.evidence.message, HasSubstr(message)) << name;
    EXPECT_EQ(end.evidence.message.find('\n'), std::string::npos) << name;
  };
  ends("writes_input", Status::failed, "cudaErrorIllegalAddress");
  ends("illegal_address", Status::failed, "cudaErrorIllegalAddress");
  ends("out_of_memory", Status::out_of_memory, "cudaErrorMemoryAllocation");
  settings.timeout = 2;
  ends("hangs", Status::timed_out, "within 2 s");
}

TEST_F(HostileCuda, CodeForAnotherGpu) {
  const auto end = end_of(contestant("", "cuda_other_arch"));
  EXPECT_EQ(end.evidence.status, Status::failed) << end.story;
  EXPECT_THAT(end.evidence.message, HasSubstr("no kernel image"));
}

TEST_F(HostileCuda, ForksAreRefused) {
  const auto end = end_of("forks");
  EXPECT_THAT(end.issues, Contains("location.background_thread"));
}

TEST_F(HostileCuda, AResetDeviceEndsTheVariant) {
  EXPECT_THAT(end_of("resets_the_device").evidence.status, AnyOf(Status::failed, Status::crashed));
}

// The judge's own context survives whatever a worker does to its own.
TEST_F(HostileCuda, TheNextTargetRuns) {
  end_of("illegal_address");
  end_of("persistent_spinner");
  const auto e = judge({contestant("honest")});
  EXPECT_EQ(e.error, "");
  EXPECT_EQ(e.variants.at(0).status, Status::ok) << e.variants.at(0).message;
  EXPECT_EQ(e.variants.at(0).verification.wrong_calls, 0u);
}

}  // namespace
}  // namespace aisp::judge
