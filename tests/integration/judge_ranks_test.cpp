// Variants of several processes: honest ones are timed, verified and counted; what a rank does to the others or to the
// wire ends that variant in one line with the rank's number, and the honest one beside it is not touched.
#include "judge/judge.hpp"

#include "../ranks_workload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace aisp::judge {
namespace {

using model::Status;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;

class Ranks : public testing::Test {
 protected:
  void SetUp() override {
    scratch_ = std::filesystem::temp_directory_path() / ("aisp-ranks-test-" + std::to_string(getpid()));
    std::filesystem::create_directories(scratch_);
    settings.worker = AISP_BUILD_DIR "/bin/aisp-worker";
    settings.scratch = scratch_;
    settings.seed = seed_from_hex("5eed");
    settings.pairs = 1;
    settings.restarts = 1;
    settings.calls = 2;
    settings.timeout = 10;
  }
  void TearDown() override { std::filesystem::remove_all(scratch_); }

  static Contestant contestant(const std::string& name) {
    Contestant c;
    c.plugin = AISP_BUILD_DIR "/lib/aisp/tests/ranks.so";
    c.variant = name;
    c.info.name = name;
    return c;
  }
  model::TargetEvidence judge(const std::vector<std::string>& names) {
    std::vector<Contestant> contestants;
    for (const auto& n : names) contestants.push_back(contestant(n));
    return judge_target(kAllReduce, contestants, settings, device::cpu_facts(), {}, {});
  }
  model::VariantEvidence offender(const std::string& name) {
    const auto evidence = judge({"honest", name});
    EXPECT_EQ(evidence.error, "");
    const auto& honest = evidence.variants.at(0);
    EXPECT_EQ(honest.status, Status::ok) << name << ": " << honest.message;
    EXPECT_EQ(honest.samples.size(), 1u);
    EXPECT_EQ(honest.verification.wrong_calls, 0u);
    return evidence.variants.at(1);
  }
  void ends(const std::string& name, Status status, const std::string& message) {
    const auto v = offender(name);
    EXPECT_EQ(v.status, status) << name << ": " << v.message;
    EXPECT_THAT(v.message, HasSubstr(message)) << name;
    EXPECT_EQ(v.message.find('\n'), std::string::npos) << name;
    EXPECT_TRUE(v.samples.empty()) << name;
  }

  Settings settings;
  std::filesystem::path scratch_;
};

TEST_F(Ranks, HonestVariantsAreTimedVerifiedAndCounted) {
  settings.pairs = 3;
  settings.choices = {{kAllReduce.target, {{"ranks", 3}, {"n", 3000}}}};
  const auto e = judge({"by_way_of_rank_0", "honest"});
  ASSERT_EQ(e.error, "");
  EXPECT_EQ(e.ranks.ranks, 3);
  EXPECT_THAT(e.tensors.at(0).shards, testing::ElementsAre(1, 1, 1));
  for (const auto& v : e.variants) {
    ASSERT_EQ(v.status, Status::ok) << v.name << ": " << v.message;
    EXPECT_EQ(v.samples.size(), 3u);
    EXPECT_EQ(v.timed_calls, 6u);
    EXPECT_EQ(v.timed_calls, v.verified_timed_calls);
    EXPECT_EQ(v.verification.wrong_calls, 0u);
    EXPECT_EQ(v.verification.guard_violations, 0u);
    EXPECT_EQ(v.verification.input_violations, 0u);
    for (const auto& s : v.samples) EXPECT_LE(s.worker_seconds, s.seconds + s.handover_seconds);
    ASSERT_EQ(v.ranks.size(), 3u);
    for (const auto& r : v.ranks) {
      EXPECT_EQ(r.bound_bytes, 2 * 3000 * 4);
      EXPECT_THAT(r.shards, testing::ElementsAre(1, 1));
      EXPECT_GE(r.barriers, 3) << "one between the two calls of each batch";
      EXPECT_GT(r.cpu_seconds, 0);
      EXPECT_GE(r.idle_seconds, 0);
      EXPECT_FALSE(r.cpus.empty());
    }
  }
  // Six timed calls, of each of which the numbers are known.
  const auto& star = e.variants[0].ranks;
  EXPECT_EQ(star[0].messages_sent, 6 * 2);
  EXPECT_EQ(star[0].bytes_received, 6 * 2 * 12000);
  EXPECT_EQ(star[1].messages_sent, 6);
  ASSERT_EQ(star[1].links.size(), 1u);
  EXPECT_EQ(star[1].links[0].to, 0);
  ASSERT_EQ(star[2].sizes.size(), 1u);
  EXPECT_EQ(star[2].sizes[0].bytes, 12000);
  EXPECT_EQ(star[2].sizes[0].count, 6);
  for (const auto& r : e.variants[1].ranks) {  // the ring: two chunks a third each, two times around
    EXPECT_EQ(r.messages_sent, 6 * 4);
    EXPECT_EQ(r.bytes_sent, 6 * 4 * 4000);
    EXPECT_EQ(r.bytes_received, r.bytes_sent);
    ASSERT_EQ(r.links.size(), 1u);
    EXPECT_EQ(r.links[0].to, (r.rank + 1) % 3);
  }
}

TEST_F(Ranks, OneRankAndManyAreVerified) {
  const auto e = verify_target(kAllReduce, {contestant("honest"), contestant("by_way_of_rank_0")}, settings,
                               device::cpu_facts(), {});
  ASSERT_EQ(e.error, "");
  for (const auto& v : e.variants) {
    EXPECT_EQ(v.status, Status::ok) << v.name << ": " << v.message;
    EXPECT_GT(v.verification.calls, 8u);
    EXPECT_EQ(v.verification.wrong_calls, 0u);
  }
}

TEST_F(Ranks, SendingBeforeReceivingBlocksNobody) {
  const auto v = offender("sends_first");
  EXPECT_EQ(v.status, Status::ok) << v.message;
  EXPECT_EQ(v.verification.wrong_calls, 0u);
}

TEST_F(Ranks, AShardIsAllThatARankKnows) {
  EXPECT_GT(offender("adds_its_own_twice").verification.wrong_calls, 0u);
  const auto v = offender("reads_beyond_its_shard");  // garbage, or memory that is not there
  EXPECT_TRUE(v.status == Status::crashed || v.verification.wrong_calls > 0) << v.message;
}

TEST_F(Ranks, DeathsAreNamedWithTheRank) {
  ends("die", Status::crashed, "rank 1: killed by SIGSEGV");
  ends("leave", Status::crashed, "rank 1: exited by itself with status 0");
  ends("give_up", Status::failed, "rank 1: I give up");
}

TEST_F(Ranks, EndlessRanksMeetTheDeadline) {
  settings.timeout = 0.5;
  ends("hang", Status::timed_out, "no answer within 0.5 s");
  ends("flood_of_one_that_waits", Status::timed_out, "no answer within 0.5 s");
  ends("flood_of_barriers", Status::timed_out, "no answer within 0.5 s");
  ends("close_the_wire", Status::failed, "rank 1: the wire");
  ends("rank_1_returns_at_once", Status::timed_out, "rank 0: no answer within 0.5 s; the others have answered");
}

TEST_F(Ranks, SenselessPacketsAreNamed) {
  ends("to_rank_99", Status::protocol, "rank 1: it sent a message to rank 99");
  ends("to_itself", Status::protocol, "rank 1: it sent a message to rank 1");
  ends("to_rank_minus_2", Status::protocol, "rank 1: it sent a message to rank -2");
  ends("too_large", Status::protocol, "rank 1: it sent a message of 1099511627776 bytes");
  ends("longer_than_it_says", Status::protocol, "rank 1: it sent a packet that does not go on with its message");
  ends("long_packet", Status::protocol, "rank 1: it sent a packet of 131088 bytes");
  ends("short_packet", Status::protocol, "rank 1: it sent a packet of 4 bytes");
  ends("loaded_barrier", Status::protocol, "rank 1: it sent a barrier with a load");
  ends("reserved_bits", Status::protocol, "rank 1: it sent a packet that makes no sense");
}

TEST_F(Ranks, MisuseOfTheLibraryIsExplained) {
  ends("unknown_peer", Status::failed, "rank 1: rank 1 cannot send to rank 99; the others are below 2");
  ends("absurd_size", Status::failed, "rank 1: a message of 1099511627776 bytes");
  ends("other_size", Status::failed, "rank 0: rank 1 sent 5 bytes where rank 0 expects");
  ends("flood", Status::failed, "rank 0: rank 1 sent 64 bytes where rank 0 expects");
}

TEST_F(Ranks, DescriptorsDoNotCrossTheWire) {
  const auto v = offender("passes_descriptors");
  EXPECT_EQ(v.status, Status::ok) << v.message;
  EXPECT_EQ(v.verification.wrong_calls, 0u);
}

TEST_F(Ranks, AVariantThatWantsRanksNeedsAWorkloadThatHasThem) {
  constexpr auto declare = [](Workload& w) {
    w.about("one process");
    const auto n = w.param("n", {.light = 8, .full = 8, .held_out = {1, 9}});
    w.input("x", f32, {n, n}, normal(1, 1));
    w.output("y", f32, {n, n});
    w.reference([](Case&) {});
  };
  const WorkloadEntry alone{"test:alone", declare};
  const auto e = judge_target(alone, {contestant("honest")}, settings, device::cpu_facts(), {}, {});
  ASSERT_EQ(e.variants.size(), 1u);
  EXPECT_EQ(e.variants[0].status, Status::failed);
  EXPECT_THAT(e.variants[0].message, HasSubstr("needs ranks, and its workload has none"));
}

}  // namespace
}  // namespace aisp::judge
