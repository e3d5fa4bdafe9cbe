// From recorded activities to a census to offences, without a device. Every rule has a recording that trips it and an
// honest twin that does nearly the same.
#include "analysis/census.hpp"
#include "analysis/verdict.hpp"

#include "census_recording.hpp"

#include "validity/checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace aisp {
namespace {

using judge::census_of;
using judge::recording_of;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A call on stream 7 that lasts from 1 to 9 µs on the device's timeline, around `inside`.
std::string call(const std::string& inside) {
  return "phase run calls=1 drained=1 dropped=0\n"
         "kernel order=10 stream=7 start=0 end=1000 name=aisp_census_marker\n" +
         inside + "\nkernel order=90 stream=7 start=9000 end=10000 name=aisp_census_marker\n";
}
const std::string kWork =
    "kernel order=20 stream=7 start=2000 end=8000 grid=4,1,1 block=256,1,1 registers=32 name=scale\n";

model::VariantEvidence evidence(const std::string& text) {
  model::VariantEvidence v;
  v.name = "online";
  v.census = census_of(recording_of(text));
  return v;
}
const model::CensusPhase& only_phase(const model::VariantEvidence& v) { return v.census->phases.at(0); }

std::vector<std::string> issues(const model::VariantEvidence& v, double flops = 1) {
  model::TargetEvidence e;
  e.flops = flops;
  std::vector<std::string> all;
  std::vector<model::Violation> violations;
  validity::Findings found(v.name, violations);
  validity::check_census(e, v, found);
  for (const auto& x : violations) {
    EXPECT_EQ(x.variant, "online");
    EXPECT_FALSE(x.seen.empty() || x.expected.empty() || x.advice.empty());
    all.push_back(x.issue);
  }
  return all;
}
std::vector<std::string> issues(const std::string& text) { return issues(evidence(text)); }

// ------------------------------------------------------------------------------------------------------- counting

TEST(Census, CountsWhatACallDoes) {
  const auto v =
      evidence(call(kWork + "kernel order=30 stream=7 start=8000 end=8500 grid=4,1,1 block=256,1,1 flags=1 name=scale\n"
                            "copy order=31 stream=7 start=8500 end=8600 bytes=4096 flags=4 name=D2D\n"
                            "memset order=32 stream=7 start=8600 end=8700 bytes=64\n"
                            "allocation order=33 bytes=1024\n"
                            "release order=34 bytes=1024\n"
                            "module bytes=5000 flags=8\n"
                            "library name=/usr/lib/libcublas.so.13\n"));
  const auto& p = only_phase(v);
  EXPECT_EQ(p.seen_calls, 1);
  ASSERT_EQ(p.kernels.size(), 1u);
  EXPECT_EQ(p.kernels[0].launches, 2);
  EXPECT_THAT(p.kernels[0].grid, ElementsAre(4, 1, 1));
  EXPECT_THAT(p.kernels[0].block, ElementsAre(256, 1, 1));
  EXPECT_DOUBLE_EQ(p.kernels[0].total_seconds, 6.5e-6);
  EXPECT_EQ(p.cooperative_launches, 1);
  ASSERT_EQ(p.copies.size(), 1u);
  EXPECT_EQ(p.copies[0].kind, "D2D");
  EXPECT_EQ(p.copies[0].bytes, 4096);
  EXPECT_EQ(p.memsets, 1);
  EXPECT_EQ(p.memset_bytes, 64);
  EXPECT_EQ(p.allocations, 1);
  EXPECT_EQ(p.allocated_bytes, 1024);
  EXPECT_EQ(p.releases, 1);
  EXPECT_EQ(p.modules_loaded, 1);
  EXPECT_EQ(p.device_launch_modules, 1);
  EXPECT_THAT(p.libraries, ElementsAre("/usr/lib/libcublas.so.13"));
  EXPECT_THAT(p.devices, ElementsAre(0));
  ASSERT_EQ(p.streams.size(), 1u);
  EXPECT_TRUE(p.streams[0].given);
  EXPECT_EQ(p.streams[0].activities, 4);
  EXPECT_NEAR(p.busy_seconds, 6.7e-6, 1e-12);
  EXPECT_NEAR(p.call_seconds, 8e-6, 1e-12);
  EXPECT_DOUBLE_EQ(v.census->busy_seconds, p.busy_seconds);
  EXPECT_THAT(issues(v), IsEmpty());
}

TEST(Census, OverlappingWorkIsBusyOnce) {
  const auto v =
      evidence(call("kernel order=20 stream=7 start=2000 end=6000 name=a\n"
                    "kernel order=21 stream=7 start=3000 end=4000 name=b\n"
                    "kernel order=22 stream=7 start=5000 end=7000 name=c\n"
                    "kernel order=23 stream=7 start=8000 end=8500 name=d\n"));
  EXPECT_NEAR(only_phase(v).busy_seconds, 5.5e-6, 1e-12);
}

TEST(Census, ListsTheKernelsThatTakeMostAndCountsTheOthers) {
  std::string many;
  for (int i = 0; i < 40; ++i)
    many += "kernel order=" + std::to_string(11 + i) + " stream=7 start=" + std::to_string(2000 + 100 * i) +
            " end=" + std::to_string(2001 + 101 * i) + " name=k" + std::to_string(i) + "\n";
  const auto v = evidence(call(many));
  const auto& p = only_phase(v);
  EXPECT_EQ(p.kernels.size(), judge::kMaxKernels);
  EXPECT_EQ(p.kernels[0].name, "k39");
  EXPECT_EQ(p.other_launches, 40 - static_cast<int>(judge::kMaxKernels));
}

TEST(Census, HostileNumbersStayNumbers) {
  auto recording = recording_of(call(kWork));
  for (auto& a : recording.phases[0].activities) {
    a.bytes = a.event = ~0ull;
    a.end = a.start ? 0 : ~0ull;
    a.grid[0] = -5;
    a.registers = ~0u;
  }
  recording.phases[0].dropped = ~0ull;
  const auto census = census_of(recording);
  EXPECT_GE(census.phases[0].dropped, 0);
  EXPECT_GE(census.phases[0].busy_seconds, 0);
  EXPECT_GE(census.phases[0].call_seconds, 0);
  EXPECT_EQ(census.phases[0].kernels.at(0).grid.at(0), 0);
}

// ---------------------------------------------------------------------------------------------------- other streams

const std::string kFork = "event_record order=20 stream=7 event=1\nstream_wait order=21 stream=9 event=1\n";
const std::string kSide = "kernel order=30 stream=9 start=2000 end=4000 name=side\n";
const std::string kJoin = "event_record order=40 stream=9 event=2\nstream_wait order=41 stream=7 event=2\n";

TEST(CensusOrder, ForkedAndJoinedWorkIsTheCallsOwn) { EXPECT_THAT(issues(call(kFork + kSide + kJoin)), IsEmpty()); }

TEST(CensusOrder, WorkThatIsNotAwaitedIsNamed) {
  EXPECT_THAT(issues(call(kFork + kSide)), ElementsAre("timing.unsynced_streams"));
  EXPECT_THAT(issues(call(kSide + kJoin)), ElementsAre("timing.unsynced_streams")) << "it starts before the clock";
  EXPECT_THAT(issues(call(kWork + kSide)), ElementsAre("timing.unsynced_streams"));
}

TEST(CensusOrder, WorkAfterTheJoinIsNotAwaited) {
  EXPECT_THAT(issues(call(kFork + kSide + kJoin + "kernel order=50 stream=9 start=5000 end=5100 name=late\n")),
              ElementsAre("timing.unsynced_streams"));
}

TEST(CensusOrder, JoinsPassThroughOtherStreams) {
  const std::string through =
      "event_record order=40 stream=9 event=2\nstream_wait order=41 stream=11 event=2\n"
      "event_record order=42 stream=11 event=3\nstream_wait order=43 stream=7 event=3\n";
  EXPECT_THAT(issues(call(kFork + kSide + through)), IsEmpty());
  EXPECT_THAT(
      issues(call(kFork + kSide + "event_record order=40 stream=11 event=3\nstream_wait order=43 stream=7 event=3\n")),
      ElementsAre("timing.unsynced_streams"));
}

TEST(CensusOrder, WaitingOnTheHostJoins) {
  for (const char* wait : {"stream_sync order=40 stream=9\n", "device_sync order=40\n",
                           "event_record order=40 stream=9 event=2\nevent_sync order=41 event=2\n"})
    EXPECT_THAT(issues(call(kFork + kSide + wait)), IsEmpty()) << wait;
  EXPECT_THAT(issues(call(kFork + kSide + "stream_sync order=40 stream=7\n")), ElementsAre("timing.unsynced_streams"));
  EXPECT_THAT(issues(call("stream_sync order=20 stream=7\n" + kSide + kJoin)), IsEmpty()) << "the host forks as well";
  EXPECT_THAT(issues(call(kSide + "stream_sync order=40 stream=9\n")), IsEmpty()) << "issued and awaited by the host";
}

TEST(CensusOrder, AnEventOfTheCallBeforeForksNothing) {
  EXPECT_THAT(issues("phase run calls=1 drained=1 dropped=0\nevent_record order=5 stream=7 event=1\n" +
                     call("stream_wait order=21 stream=9 event=1\n" + kSide + kJoin).substr(call("").find('\n') + 1)),
              ElementsAre("timing.unsynced_streams"));
}

TEST(CensusOrder, CopiesOnAnotherStreamHaveTheirOwnName) {
  const std::string copy = "copy order=30 stream=9 start=2000 end=4000 bytes=8 flags=4 name=D2D\n";
  EXPECT_THAT(issues(call(kWork + kFork + copy)), ElementsAre("cuda.async_memcpy"));
  EXPECT_THAT(issues(call(kWork + kFork + copy + kJoin)), IsEmpty());
  const std::string waiting = "copy order=30 stream=9 start=2000 end=4000 bytes=8 name=D2H\n";
  EXPECT_THAT(issues(call(kWork + kFork + waiting)), IsEmpty()) << "a copy that returns when it is done is awaited";
}

TEST(CensusOrder, NodesOfAGraphBelongToTheStreamOfItsLaunch) {
  const std::string nodes =
      "kernel order=20 stream=13 graph=2 start=2000 end=3000 name=a\n"
      "kernel order=20 stream=14 graph=2 start=2000 end=4000 name=b\n";
  const auto honest = evidence(call("graph_launch order=20 stream=7 nodes=2\n" + nodes));
  EXPECT_THAT(issues(honest), IsEmpty());
  EXPECT_EQ(only_phase(honest).graph_launches, 1);
  EXPECT_EQ(only_phase(honest).graph_nodes, 2);
  EXPECT_THAT(issues(call("graph_launch order=20 stream=9 nodes=2\n" + nodes)), ElementsAre("timing.unsynced_streams"));
}

TEST(CensusOrder, NothingIsConcludedFromDroppedRecords) {
  auto text = call(kWork + kSide);
  text.replace(text.find("dropped=0"), 9, "dropped=3");
  const auto v = evidence(text);
  EXPECT_THAT(issues(v), IsEmpty());
  EXPECT_THAT(analysis::census_notes(v, 0), Contains(HasSubstr("3 records were dropped")));
}

// ---------------------------------------------------------------------------------------------------------- offences

TEST(CensusOffences, HostFunctions) {
  EXPECT_THAT(issues(call(kWork + "host_function order=30 stream=7\n")), ElementsAre("cuda.host_callback"));
  EXPECT_THAT(issues(call("graph_launch order=20 stream=7 nodes=2 host_nodes=1\n"
                          "kernel order=20 stream=7 graph=2 start=2000 end=3000 name=a\n")),
              ElementsAre("cuda.host_callback"));
}

TEST(CensusOffences, ContextsAndDevices) {
  EXPECT_THAT(issues("phase prepare calls=0 drained=1 dropped=0\ncontext\n" + call(kWork)),
              ElementsAre("cuda.context_switch"));
  EXPECT_THAT(issues(call(kWork + "kernel order=30 stream=7 device=1 start=8000 end=8100 name=far\n")),
              ElementsAre("cuda.undeclared_multi_gpu"));
}

TEST(CensusOffences, CallsThatDoNothingOnTheDevice) {
  EXPECT_THAT(issues(call("")), ElementsAre("location.cpu_spillover"));
  EXPECT_THAT(issues(call("graph_launch order=20 stream=7 nodes=1\n")), ElementsAre("location.graph_capture_cheat"));
  EXPECT_THAT(issues(call("memset order=20 stream=7 start=2000 end=2100 bytes=4\n")), IsEmpty());
}

TEST(CensusOffences, AWayThroughTheHostIsOneOnlyWhereSomethingIsComputed) {
  const auto v =
      evidence(call("copy order=20 stream=7 start=2000 end=2100 bytes=4096 flags=2 name=D2H\n"
                    "copy order=21 stream=7 start=2100 end=2200 bytes=4096 flags=1 name=H2D\n"));
  EXPECT_THAT(issues(v), ElementsAre("location.cpu_spillover"));
  EXPECT_THAT(issues(v, 0), IsEmpty()) << "a round trip is what was asked for";
}

TEST(CensusOffences, WorkBeyondTheCall) {
  EXPECT_THAT(issues(call("kernel order=20 stream=7 start=2000 end=15000 name=a\n")),
              Contains("cuda.persistent_kernel"));
  EXPECT_THAT(issues(call("kernel order=20 stream=7 start=2000 end=10500 name=a\n")), IsEmpty()) << "stamps vary";
  auto never = call(kWork + "kernel order=30 stream=7 name=spin\n");
  never.replace(never.find("drained=1"), 9, "drained=0");
  EXPECT_THAT(issues(never), ElementsAre("cuda.persistent_kernel"));
  EXPECT_THAT(issues("phase prepare calls=0 drained=0 dropped=0\nkernel order=3 stream=9 name=spin\n"),
              ElementsAre("cuda.persistent_kernel"));
}

TEST(CensusOffences, MoreWorkThanTime) {
  const std::string before = "kernel order=20 stream=7 start=100 end=8900 name=a\n";
  EXPECT_THAT(issues(call(before)), IsEmpty());
  EXPECT_THAT(issues(call("kernel order=20 stream=7 start=100 end=10900 name=a\n")),
              ElementsAre("timing.incomplete_async"));
}

TEST(CensusOffences, CountAsViolationsOfTheVariant) {
  auto v = evidence(call(kWork + "host_function order=30 stream=7\n"));
  EXPECT_THAT(validity::check_variant({}, v, {}),
              ElementsAre(testing::Field(&model::Violation::issue, "cuda.host_callback")));
}

TEST(CensusNotes, NameWhatBreaksNoRule) {
  auto v =
      evidence(call("kernel order=20 stream=7 start=2000 end=8000 name=nvjet_hsh_128x256_64x4\n"
                    "allocation order=21 bytes=2048\n"
                    "module bytes=9\n"
                    "copy order=22 stream=7 start=8000 end=8100 bytes=4 name=D2H\n"));
  EXPECT_THAT(issues(v), IsEmpty());
  const auto notes = analysis::census_notes(v, 1e-6);
  EXPECT_THAT(notes, Contains(HasSubstr("kernels of cuBLAS (nvjet_hsh")));
  EXPECT_THAT(notes, Contains(HasSubstr("memory.pool_reuse")));
  EXPECT_THAT(notes, Contains(HasSubstr("location.jit_timing")));
  EXPECT_THAT(notes, Contains(HasSubstr("copies to the host, ")));
  EXPECT_THAT(notes, Contains(HasSubstr("a timed call 1.00 µs")));
  v.peer = true;
  EXPECT_THAT(analysis::census_notes(v, 1), Not(Contains(HasSubstr("cuBLAS"))));
  EXPECT_THAT(analysis::census_notes(evidence(call(kWork)), 6e-6), IsEmpty());
}

TEST(CensusNotes, ABlindedCensusIsSaid) {
  const auto v = evidence("phase run calls=8 drained=1 dropped=0\n" + kWork);
  EXPECT_THAT(analysis::census_notes(v, 0), Contains(HasSubstr("only 0 of 8 calls")));
}

TEST(CensusRatio, IsOfTheMedianTimedCall) {
  const auto v = evidence(call(kWork));
  EXPECT_NEAR(analysis::busy_over_timed(v, 6.06e-6), 0.99, 0.001);
  EXPECT_EQ(analysis::busy_over_timed(v, 0), 0);
  EXPECT_EQ(analysis::busy_over_timed({}, 1), 0);
}

// -------------------------------------------------------------------------------------------------------- recordings

// Every recording in tests/fixtures/h200 is of an honest variant.
TEST(CensusRecordings, OfHonestVariantsShowNoOffence) {
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(AISP_SOURCE_DIR "/tests/fixtures/h200")) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with("census-")) continue;
    ++seen;
    std::ifstream in(entry.path());
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto v = evidence(text);
    EXPECT_THAT(issues(v), IsEmpty()) << name;
    ASSERT_EQ(v.census->phases.size(), 4u) << name;
    const auto& run = v.census->phases[3];
    EXPECT_EQ(run.name, "run") << name;
    EXPECT_GT(run.calls, 0) << name;
    EXPECT_EQ(run.seen_calls, run.calls) << name;
    EXPECT_GT(run.busy_seconds, 0) << name;
    EXPECT_LE(run.busy_seconds, validity::kBusyShare * run.call_seconds + validity::kBusySeconds) << name;
    const auto again = recording_of(judge::to_text(recording_of(text)));
    EXPECT_EQ(judge::to_text(again), judge::to_text(recording_of(text))) << name;
  }
  EXPECT_GT(seen, 0);
}

}  // namespace
}  // namespace aisp
