// Checks of variants of several ranks: evidence recorded from three real ranks names nothing; altered in one place, it
// is named by that place.
#include "analysis/verdict.hpp"
#include "record/json.hpp"
#include "validity/checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>
#include <string>

using namespace aisp;
using model::TargetEvidence;
using model::VariantEvidence;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

TargetEvidence recorded() {
  std::ifstream file(AISP_SOURCE_DIR "/tests/fixtures/record/evidence.5.json");
  std::stringstream text;
  text << file.rdbuf();
  return record::parse_evidence(text.str());
}

// Violations of the second variant that are about ranks.
std::vector<model::Violation> of(const TargetEvidence& e) {
  std::vector<model::Violation> all;
  validity::Findings found(e.variants.at(1).name, all);
  validity::check_distributed(e, e.variants.at(1), found);
  return all;
}

void names(const char* issue, const char* seen, const std::function<void(TargetEvidence&, VariantEvidence&)>& change) {
  auto e = recorded();
  change(e, e.variants.at(1));
  const auto all = of(e);
  ASSERT_EQ(all.size(), 1u) << issue;
  EXPECT_EQ(all[0].issue, issue);
  EXPECT_THAT(all[0].seen, HasSubstr(seen));
  EXPECT_FALSE(all[0].expected.empty() || all[0].advice.empty());
}
void names_nothing(const std::function<void(TargetEvidence&, VariantEvidence&)>& change) {
  auto e = recorded();
  change(e, e.variants.at(1));
  for (const auto& v : of(e)) ADD_FAILURE() << v.issue << ": " << v.seen;
}

TEST(Distributed, ARecordedRunOfThreeRanksIsClean) {
  const auto e = recorded();
  ASSERT_EQ(e.ranks.ranks, 3);
  const auto verdict = analysis::verdict(e);
  EXPECT_THAT(verdict.violations, IsEmpty());
  for (const auto& v : verdict.variants) {
    EXPECT_TRUE(v.correct) << v.why;
    EXPECT_THAT(v.notes, testing::Contains(HasSubstr("3 ranks, idle")));
  }
}

TEST(Distributed, OtherRanksThanStated) {
  constexpr auto kIssue = "distributed.topology_mismatch";
  names(kIssue, "ranks 0, 1", [](auto&, auto& v) { v.ranks.pop_back(); });
  names(kIssue, "ranks none", [](auto&, auto& v) { v.ranks.clear(); });
  names(kIssue, "ranks 0, 1, 1", [](auto&, auto& v) { v.ranks[2].rank = 1; });
  names(kIssue, "ranks 0, 1, 2", [](auto& e, auto&) { e.ranks = {}; });
  names(kIssue, "rank 1 on host 'far'", [](auto&, auto& v) { v.ranks[1].host = "far"; });
  names_nothing([](auto&, auto& v) { v.samples.clear(), v.ranks.clear(); });  // it failed before anything was timed
}

TEST(Distributed, OtherLinksThanStated) {
  const auto ring = [](TargetEvidence& e) { e.ranks.links = {{0, 1}, {1, 2}, {2, 0}}; };
  names_nothing([&](auto& e, auto&) { ring(e); });
  names("distributed.topology_mismatch", "rank 1 sent 1 message to rank 0", [&](auto& e, auto& v) {
    ring(e);
    v.ranks[1].links.push_back({0, 1, 4});
  });
  names("distributed.topology_mismatch", "rank 2 sent 96 messages to rank 0", [&](auto& e, auto&) {
    e.ranks.links = {{0, 1}, {1, 2}};
  });
}

TEST(Distributed, OtherMessageSizes) {
  const auto stated = [](TargetEvidence& e) { e.ranks.message_bytes = {80000}; };
  names_nothing([&](auto& e, auto&) { stated(e); });
  names_nothing([&](auto& e, auto& v) {
    stated(e);
    v.ranks[0].sizes.push_back({0, 5});  // signals
  });
  names("distributed.gradient_bucketing", "4 of 292 messages have another size, for example 20000 bytes",
        [&](auto& e, auto& v) {
          stated(e);
          v.ranks[1].sizes.push_back({20000, 4});
        });
  names("distributed.gradient_bucketing", "7 of 295", [&](auto& e, auto& v) {
    stated(e);
    v.ranks[1].other_sizes = 7;
  });
}

TEST(Distributed, OtherShards) {
  names("distributed.shard_size", "rank 2 has 2 rows of 'x'", [](auto&, auto& v) { v.ranks[2].shards[0] = 2; });
  names("distributed.shard_size", "rank 0 has 0 rows of 'sum'", [](auto&, auto& v) { v.ranks[0].shards.pop_back(); });
  names("distributed.shard_size", "rank 0 has 1 row of 'x'", [](auto& e, auto&) { e.tensors[0].shards = {2, 1, 0}; });
}

TEST(Distributed, TooFewBytes) {
  names_nothing([](auto& e, auto&) { e.ranks.least_bytes = 960000; });
  names("distributed.collective_short_circuit", "960000 bytes sent in a call",
        [](auto& e, auto&) { e.ranks.least_bytes = 960001; });
  names("distributed.collective_short_circuit", "0 bytes", [](auto&, auto& v) {
    for (auto& r : v.ranks) r.bytes_sent = 0;
  });
}

TEST(Distributed, AnIdleRank) {
  const auto worked = [](double rank_1) {
    return [=](TargetEvidence& e, VariantEvidence& v) {
      e.ranks.least_busy = 0.5;
      v.ranks[0].cpu_seconds = v.ranks[2].cpu_seconds = 0.1;
      v.ranks[1].cpu_seconds = rank_1;
    };
  };
  names_nothing(worked(0.051));
  names("distributed.rank_skipping", "rank 1 worked 49 ms, rank", worked(0.049));
  names_nothing([&](auto& e, auto& v) {  // too little to say anything
    worked(0)(e, v);
    v.ranks[0].cpu_seconds = v.ranks[2].cpu_seconds = 0.004;
  });
}

TEST(Distributed, ARankThatRunsAhead) {
  names("distributed.barrier_timing", "rank 1 came to 17 barriers", [](auto&, auto& v) { v.ranks[1].barriers = 17; });
}

}  // namespace
