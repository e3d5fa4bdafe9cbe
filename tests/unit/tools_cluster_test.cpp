// Queueing formulas against published tables and exact results, and the cluster's sizing against its simulation.
#include "tools/cluster_size.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace aisp::tools {
namespace {

// ITU-D Teletraffic Engineering Handbook, table of Erlang's B formula: traffic that 1 % of calls are lost of.
TEST(Queueing, ErlangsPublishedTable) {
  EXPECT_NEAR(erlang_b(10, 4.461), 0.01, 1e-5);
  EXPECT_NEAR(erlang_b(20, 12.031), 0.01, 1e-5);
  EXPECT_NEAR(erlang_b(100, 84.064), 0.01, 1e-5);
}

TEST(Queueing, ErlangCByHand) {
  EXPECT_DOUBLE_EQ(erlang_c(1, 0.3), 0.3);    // one server is busy with probability ρ
  EXPECT_DOUBLE_EQ(erlang_c(2, 1), 1.0 / 3);  // 2ρ² / (1 + ρ) at ρ = 1/2
  EXPECT_EQ(erlang_c(4, 4), 1);
  EXPECT_LT(erlang_c(1000, 900), 0.01);
  EXPECT_GT(erlang_c(1000, 900), 0);
}

TEST(Queueing, LognormalHasItsMoments) {
  const auto d = lognormal(300, 1.5);
  EXPECT_NEAR(d.mean(), 300, 1e-9);
  EXPECT_NEAR(std::sqrt(d.squared_cv()), 1.5, 0.1);                 // the far tail is cut
  EXPECT_NEAR(d.quantile(0.5), 300 / std::sqrt(1 + 1.5 * 1.5), 5);  // the median of a lognormal
  EXPECT_EQ(lognormal(300, 0).values.size(), 1u);
  EXPECT_EQ(lognormal(300, 0).squared_cv(), 0);
}

TEST(Queueing, OneServerFollowsPollaczekAndKhinchine) {
  const MultiServerQueue fixed(0.8, lognormal(1, 0), 1);
  EXPECT_NEAR(fixed.mean_wait(), 0.8 / (2 * 0.2), 1e-12);  // M/D/1: ρ / (2 (1 − ρ))
  const auto service = lognormal(1, 1.2);
  const MultiServerQueue q(0.5, service, 1);
  EXPECT_NEAR(q.mean_wait(), 0.5 / (1 - 0.5) * (1 + service.squared_cv()) / 2, 1e-12);
  EXPECT_FALSE(MultiServerQueue(2, service, 2).stable());
  EXPECT_TRUE(std::isinf(MultiServerQueue(2, service, 2).sojourn_quantile(0.95)));
}

TEST(Queueing, WithoutLoadTheSojournIsTheService) {
  const auto service = lognormal(1, 1);
  EXPECT_NEAR(MultiServerQueue(1e-9, service, 1).sojourn_quantile(0.95), service.quantile(0.95), 0.02);
}

ClusterInput service() {
  ClusterInput in;
  in.requests_per_second = 20;
  in.prompt_tokens = lognormal(1500, 1), in.output_tokens = lognormal(250, 1);
  in.prefill_tokens_per_second = 25'000;
  in.step.points = {{1, 0.012}, {64, 0.022}};
  in.slots = 64;
  in.ttft_seconds = 0.5, in.tpot_seconds = 0.03;
  return in;
}

TEST(Cluster, DecodeStepIsLinearBetweenMeasurements) {
  DecodeStep step{{{4, 0.010}, {8, 0.014}, {16, 0.018}}};
  EXPECT_EQ(step.seconds(1), 0.010);
  EXPECT_EQ(step.seconds(4), 0.010);
  EXPECT_DOUBLE_EQ(step.seconds(6), 0.012);
  EXPECT_DOUBLE_EQ(step.seconds(12), 0.016);
  EXPECT_EQ(step.seconds(16), 0.018);
}

// One slot and equal steps make a decode replica an M/G/1 queue in which requests wait with probability ρ.
TEST(Cluster, OneSlotIsBusyAsOftenAsItHasWork) {
  auto in = service();
  in.requests_per_second = 0.2, in.slots = 1, in.step.points = {{1, 0.01}};  // 2.5 s of decoding each
  const auto l = predict(in, 1, 1);
  EXPECT_NEAR(l.full_slots, 0.5, 1e-9);
  EXPECT_EQ(l.tpot, 0.01);
  EXPECT_DOUBLE_EQ(l.mean_batch, 1);
}

// Constant step time with slots to spare makes every request a server of its own: M/G/∞, Poisson many in the system.
// A token then sees one more than the Poisson mean.
TEST(Cluster, EqualStepsGiveAPoissonBatch) {
  auto in = service();
  in.step.points = {{1, 0.01}, {400, 0.01}}, in.slots = 400;
  const auto l = predict(in, 4, 1);
  EXPECT_NEAR(l.mean_batch, 20 * 250 * 0.01 + 1, 1e-6);
}

TEST(Cluster, SizeIsTheSmallestThatMeetsTheObjectives) {
  const auto in = service();
  ASSERT_EQ(why_impossible(in), "");
  const auto size = cluster_size(in);
  EXPECT_TRUE(meets(in, size.predicted));
  ASSERT_GT(size.prefill_replicas, 1);
  ASSERT_GT(size.decode_replicas, 1);
  EXPECT_FALSE(meets(in, predict(in, size.prefill_replicas - 1, size.decode_replicas)));
  EXPECT_FALSE(meets(in, predict(in, size.prefill_replicas, size.decode_replicas - 1)));
}

// 20 · 1500 / 25000 = 1.2 replicas of prefill are busy on average, and two of them finish on average after 94 ms; that
// 95 % of the requests are through after 250 ms takes a third.
TEST(Cluster, AveragesAreNotEnough) {
  auto in = service();
  in.ttft_seconds = 0.25;
  EXPECT_LT(MultiServerQueue(20, lognormal(0.06, 1), 2).mean_wait() + 0.06, 0.1);
  EXPECT_EQ(cluster_size(in).prefill_replicas, 3);
}

TEST(Cluster, WhatCannotBeMetIsSaid) {
  auto in = service();
  in.ttft_seconds = 0.1;
  EXPECT_NE(why_impossible(in).find("prefill"), std::string::npos);
  in = service();
  in.tpot_seconds = 0.011;
  EXPECT_NE(why_impossible(in).find("decoding step"), std::string::npos);
}

class ClusterAgainstSimulation : public testing::TestWithParam<std::tuple<double, double, double>> {};

// The tail of the wait is an approximation: within a fifth of the simulation at light and heavy load.
TEST_P(ClusterAgainstSimulation, PercentilesAgree) {
  const auto [rate, prompt_cv, output_cv] = GetParam();
  auto in = service();
  in.requests_per_second = rate;
  in.prompt_tokens = lognormal(1500, prompt_cv), in.output_tokens = lognormal(250, output_cv);
  in.ttft_seconds = 1;
  const auto size = cluster_size(in);
  const auto simulated = simulate_cluster(in, size.prefill_replicas, size.decode_replicas, 40'000, 3);
  const auto& predicted = size.predicted;
  EXPECT_NEAR(predicted.ttft, simulated.ttft, 0.2 * simulated.ttft);
  EXPECT_NEAR(predicted.tpot, simulated.tpot, 0.1 * simulated.tpot);
  EXPECT_NEAR(predicted.mean_batch, simulated.mean_batch, 0.12 * simulated.mean_batch);
  EXPECT_NEAR(predicted.full_slots, simulated.full_slots, 0.04);
}

INSTANTIATE_TEST_SUITE_P(Loads, ClusterAgainstSimulation,
                         testing::Values(std::tuple{2.0, 1.0, 1.0}, std::tuple{20.0, 1.0, 1.0},
                                         std::tuple{60.0, 0.5, 1.0}, std::tuple{20.0, 0.0, 0.0},
                                         std::tuple{20.0, 1.0, 0.3}));

TEST(Cluster, ASimulationRepeatsWithItsSeed) {
  const auto in = service();
  EXPECT_EQ(simulate_cluster(in, 3, 4, 2000, 5).ttft, simulate_cluster(in, 3, 4, 2000, 5).ttft);
  EXPECT_NE(simulate_cluster(in, 3, 4, 2000, 5).ttft, simulate_cluster(in, 3, 4, 2000, 6).ttft);
}

}  // namespace
}  // namespace aisp::tools
