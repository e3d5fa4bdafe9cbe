// The parts of the judge that need no worker: layout, schedule, seed, protocol.
#include "judge/arena.hpp"
#include "judge/judge.hpp"
#include "judge/layout.hpp"
#include "judge/protocol.hpp"
#include "judge/runner.hpp"
#include "judge/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

namespace aisp::judge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Problem problem_of(std::vector<TensorSpec> tensors) {
  Problem p;
  p.target = "test:layout";
  p.tensors = std::move(tensors);
  return p;
}

TEST(Layout, NothingOverlapsAndGuardsSurroundWhatIsWritable) {
  const auto p = problem_of({{"x", Role::fresh, f32, {1000}, {}},
                             {"w", Role::constant, f32, {5000}, {}},
                             {"s", Role::inout, i8, {3}, {}},
                             {"y", Role::output, f64, {777}, {}},
                             {"z", Role::output, u8, {1}, {}}});
  const auto layout = lay_out(p, 7, 1 << 30);
  ASSERT_EQ(layout.slots, 7);
  for (bool writable : {false, true}) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> used;
    for (std::size_t i = 0; i < p.tensors.size(); ++i) {
      const auto& t = layout.tensors[i];
      EXPECT_EQ(t.bytes, p.tensors[i].bytes());
      if (t.writable != writable) continue;
      const auto guard = writable ? kGuardBytes : 0;
      for (int s = 0; s < (t.stride ? layout.slots : 1); ++s)
        used.push_back({t.at(s) - guard, t.at(s) + t.bytes + guard});
    }
    std::sort(used.begin(), used.end());
    for (std::size_t i = 1; i < used.size(); ++i) EXPECT_LE(used[i - 1].second, used[i].first);
    EXPECT_LE(used.back().second, writable ? layout.outputs_bytes : layout.inputs_bytes);
  }
  EXPECT_EQ(layout.tensors[1].stride, 0u) << "constants are there once";
}

TEST(Layout, HasTwoSlotsHoweverLargeTheProblem) {
  const auto p = problem_of({{"x", Role::fresh, f32, {1 << 20}, {}}, {"y", Role::output, f32, {1 << 20}, {}}});
  EXPECT_EQ(lay_out(p, 100, 1).slots, 2);
  EXPECT_EQ(lay_out(p, 100, 40u << 20).slots, 4);
}

TEST(RoundInputs, WithholdAPieceOfEachInputUntilItIsReleased) {
  constexpr int kCalls = 3;
  const auto p = problem_of({{"x", Role::fresh, f32, {1000}, normal(0, 1)},
                             {"s", Role::inout, f32, {777}, normal(0, 1)},
                             {"tiny", Role::fresh, i32, {1}, integers(-1000000, 1000000)},
                             {"y", Role::output, f32, {9}, {}}});
  HostArena arena(lay_out(p, kCalls + 1, 1 << 20), {});
  RoundInputs before(p, kCalls + 1, kDLCPU), inputs(p, kCalls + 1, kDLCPU);
  before.draw({1}, kCalls + 1);
  inputs.draw({2}, kCalls + 1);
  inputs.withhold({3}, kCalls);
  const auto equal = [](std::span<const std::byte> a, std::span<const std::byte> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  };
  for (int s = 1; s <= kCalls; ++s) {
    before.write(arena, s, {});
    inputs.write_withholding(arena, s, {});
    for (std::size_t i = 0; i < 3; ++i) {
      const std::span<const std::byte> there = arena.tensor(i, s), held = before.before(i, s),
                                       wanted = inputs.before(i, s);
      // All new but for one run of bytes, which are as they were.
      const auto first = std::mismatch(there.begin(), there.end(), wanted.begin()).first - there.begin();
      const auto last = std::mismatch(there.rbegin(), there.rend(), wanted.rbegin()).first - there.rbegin();
      const auto hole =
          there.subspan(static_cast<std::size_t>(first), there.size() - static_cast<std::size_t>(first + last));
      EXPECT_TRUE(equal(hole, held.subspan(static_cast<std::size_t>(first), hole.size())));
      EXPECT_GE(hole.size(), std::min<std::size_t>(there.size(), 250) / 2);
      EXPECT_LE(hole.size(), 256u);
    }
  }
  inputs.release(arena, kCalls);
  for (int s = 1; s <= kCalls; ++s)
    for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(equal(arena.tensor(i, s), inputs.before(i, s)));
}

TEST(Schedule, AlternatesDirection) {
  EXPECT_THAT(round_order(3, 0), ElementsAre(0, 1, 2));
  EXPECT_THAT(round_order(3, 1), ElementsAre(2, 1, 0));
  for (const int n : {1, 2, 3, 4, 5, 8}) {
    std::vector<std::vector<int>> places(n, std::vector<int>(n)), follows = places;
    for (int round = 0; round < 2 * n; ++round) {
      const auto order = round_order(n, round);
      for (int i = 0; i < n; ++i) {
        ++places[order[i]][i];
        if (i) ++follows[order[i - 1]][order[i]];
      }
    }
    for (int a = 0; a < n; ++a)
      for (int b = 0; b < n; ++b) {
        EXPECT_EQ(places[a][b], 2) << n << " contestants: " << a << " in place " << b;
        EXPECT_EQ(follows[a][b], a == b ? 0 : 2) << n << " contestants: " << b << " after " << a;
      }
  }
}

TEST(Schedule, BatchesLastLongEnough) {
  EXPECT_EQ(plan_calls({{1e-3}, {5e-3}}, 100, kMinBatchSeconds), 1);
  EXPECT_EQ(plan_calls({{1e-6}, {1e-3}}, 10000, kMinBatchSeconds), 1000);
  EXPECT_EQ(plan_calls({{1e-9}}, 50, kMinBatchSeconds), 49);
  EXPECT_EQ(plan_calls({}, 50, kMinBatchSeconds), 1);
  EXPECT_EQ(plan_calls({{1e-3}}, 50, kMinSleepingBatchSeconds), 3) << "waking a sleeping judge takes longer";
}

TEST(Schedule, RoundsFitTheBudgetButNeverFallBelowTheMinimum) {
  EXPECT_EQ(plan_rounds(0.01, 0.02, 1.0, 8.0, 6, 61), 61);
  EXPECT_EQ(plan_rounds(0.1, 0.2, 1.0, 8.0, 6, 61), 10);
  EXPECT_EQ(plan_rounds(0.01, 1.0, 1.0, 8.0, 6, 61), 8);
  EXPECT_EQ(plan_rounds(5, 50, 1.0, 8.0, 6, 61), 6);
}

TEST(SeedText, RoundTripsAndRejects) {
  const auto seed = fresh_seed();
  EXPECT_EQ(seed_from_hex(to_hex(seed)), seed);
  EXPECT_NE(fresh_seed(), seed);
  EXPECT_EQ(to_hex(seed_from_hex("ff")), std::string(62, '0') + "ff");
  for (const char* bad : {"", "xyz", "0x12", "12 34"}) EXPECT_THROW(seed_from_hex(bad), std::invalid_argument) << bad;
  EXPECT_THROW(seed_from_hex(std::string(65, 'a')), std::invalid_argument);
}

class ReportBytes : public testing::Test {
 protected:
  WorkerPage page{};
  std::string why;
  void clear() { std::memset(static_cast<void*>(&page), 0, sizeof page); }
  Asked asked{.variants = true, .protections = true, .census = true};
  std::optional<Report> parse() {
    return parse_report(reinterpret_cast<const std::byte*>(&page), sizeof page, asked, why);
  }
};

TEST_F(ReportBytes, AcceptsWhatAnHonestWorkerWrites) {
  page.nanoseconds = 1500;
  page.outcome = Outcome::error;
  std::strcpy(page.message, "hello");
  page.num_variants = 1;
  std::strcpy(page.variants[0].name, "online");
  page.variants[0].threads = 2;
  const auto report = parse();
  ASSERT_TRUE(report) << why;
  EXPECT_EQ(report->message, "hello");
  EXPECT_DOUBLE_EQ(report->seconds, 1.5e-6);
  ASSERT_EQ(report->variants.size(), 1u);
  EXPECT_EQ(report->variants[0].threads, 2);
}

TEST_F(ReportBytes, RejectsWhatIsOutOfRange) {
  const auto rejected = [&](auto change, const char* reason) {
    clear();
    change();
    EXPECT_FALSE(parse());
    EXPECT_THAT(why, HasSubstr(reason));
  };
  rejected([&] { std::memset(static_cast<void*>(&page.outcome), 0xff, 4); }, "outcome");
  rejected([&] { page.nanoseconds = ~0ull; }, "a day");
  rejected([&] { page.num_variants = kMaxVariants + 1; }, "number of variants");
  rejected([&] { page.num_variants = -1; }, "number of variants");
  rejected([&] { page.num_variants = 1; }, "no name");
  rejected([&] { page.num_protections = 1 << 20; }, "protections");
  rejected(
      [&] {
        page.num_variants = 1;
        page.variants[0].name[0] = 'a';
        page.variants[0].threads = 1 << 30;
      },
      "threads");
  EXPECT_FALSE(parse_report(reinterpret_cast<const std::byte*>(&page), sizeof page - 1, asked, why));
}

TEST_F(ReportBytes, WhatNobodyAskedForIsRefused) {
  asked = {};
  std::strcpy(page.message, "unasked");
  page.num_protections = 1;
  const auto report = parse();
  ASSERT_TRUE(report) << why;
  EXPECT_EQ(report->message, "") << "only a failure has a message";
  EXPECT_TRUE(report->protections.empty());

  page.num_activities = 1;
  page.activities[0].kind = ActivityKind::kernel;
  EXPECT_FALSE(parse());
  EXPECT_THAT(why, HasSubstr("nobody asked for"));
  page.num_activities = 0, page.num_variants = 1;
  std::strcpy(page.variants[0].name, "online");
  EXPECT_FALSE(parse());
  EXPECT_THAT(why, HasSubstr("nobody asked for"));
}

TEST_F(ReportBytes, ActivitiesAreCopiedAndTheirKindsChecked) {
  page.num_activities = 2;
  for (int i = 0; i < 2; ++i) {
    page.activities[i].kind = ActivityKind::kernel;
    page.activities[i].start = 7;
    std::memset(page.activities[i].name, 'k', sizeof page.activities[i].name);  // no NUL
  }
  const auto report = parse();
  ASSERT_TRUE(report) << why;
  ASSERT_EQ(report->activities.size(), 2u);
  EXPECT_EQ(report->activities[1].start, 7u);
  EXPECT_EQ(report->activities[1].name, std::string(sizeof page.activities[1].name - 1, 'k'));

  const std::uint32_t wrong[] = {0, static_cast<std::uint32_t>(kLastActivityKind) + 1, ~0u};
  for (const auto kind : wrong) {
    std::memcpy(static_cast<void*>(&page.activities[1].kind), &kind, sizeof kind);
    EXPECT_FALSE(parse());
    EXPECT_THAT(why, HasSubstr("kind"));
  }
  page.num_activities = kMaxActivities + 1;
  EXPECT_FALSE(parse());
  page.num_activities = -1;
  EXPECT_FALSE(parse());
}

TEST_F(ReportBytes, TextIsCutAtItsFieldAndMadePrintable) {
  page.outcome = Outcome::error;
  std::memset(page.message, '\x1b', sizeof page.message);  // no NUL, terminal escapes
  const auto report = parse();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->message, std::string(kMessageBytes - 1, '?'));
}

TEST_F(ReportBytes, HidesNothingAndSteersNoTerminal) {
  page.outcome = Outcome::error;
  std::snprintf(page.message, sizeof page.message,
                "a\u009bb\u202ec\x9b"
                "d\u2028"
                "e");
  EXPECT_EQ(parse()->message, "a?b?c?d e");
}

TEST(StartupPage, HoldsTheProcessorsOfLargeMachines) {
  RunnerOptions options;
  for (int cpu = 0; cpu < 300; ++cpu) options.cpus.push_back(2 * cpu);
  const auto s = make_startup({}, {}, {}, 1, options);
  EXPECT_THAT(std::vector<int>(s.cpus, s.cpus + s.num_cpus), testing::ElementsAreArray(options.cpus));
}

TEST_F(ReportBytes, SurvivesAnyBytes) {
  std::mt19937_64 random(1);
  auto* bytes = reinterpret_cast<unsigned char*>(&page);
  for (int trial = 0; trial < 2000; ++trial) {
    clear();
    const int changes = 1 + static_cast<int>(random() % 64);
    // Most of a page is the tail of activities: every other trial keeps to what stands before it.
    const std::size_t within = trial % 2 ? sizeof page : sizeof(WorkerReport);
    for (int i = 0; i < changes; ++i) bytes[random() % within] = static_cast<unsigned char>(random());
    if (trial % 3 == 0) page.num_activities = static_cast<std::int32_t>(random() % 8);
    if (const auto report = parse()) {
      EXPECT_LT(report->message.size(), kMessageBytes);
    } else {
      EXPECT_FALSE(why.empty());
    }
  }
}

}  // namespace
}  // namespace aisp::judge
