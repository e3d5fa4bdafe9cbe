// Problems of several ranks: what a declaration may say, and how whole tensors become shards and outputs whole again.
#include "judge/arena.hpp"
#include "judge/runner.hpp"

#include "../ranks_workload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

namespace aisp::judge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Problem declared(const std::function<void(Workload&)>& extra, std::int64_t ranks = 3) {
  Workload w("test:shards",
             [&](const std::string& name, const ParamSpec& p) { return name == "ranks" ? ranks : p.light; });
  w.about("ten rows of three");
  w.input("x", f32, {10, 3}, normal(0, 1));
  w.constant("w", f32, {5}, normal(0, 1));
  w.output("y", f32, {10, 3});
  w.no_held_out("a test");
  w.reference([](Case&) {});
  extra(w);
  return w.finish();
}

void refused(const char* why, const std::function<void(Workload&)>& extra, std::int64_t ranks = 3) {
  try {
    declared(extra, ranks);
    ADD_FAILURE() << "accepted: " << why;
  } catch (const std::invalid_argument& e) {
    EXPECT_THAT(e.what(), HasSubstr(why));
  }
}

void split_y(Workload& w) {
  w.ranks({.light = 3, .full = 3});
  w.split("y");
}

TEST(RanksDeclared, ShardsAreEvenOrAsStated) {
  const auto p = declared([](Workload& w) {
    split_y(w);
    w.split("x", {0, 9, 1});
  });
  EXPECT_EQ(p.ranks, 3);
  EXPECT_THAT(p.tensors[0].shards, ElementsAre(0, 9, 1));
  EXPECT_TRUE(p.tensors[1].shards.empty());
  EXPECT_THAT(p.tensors[2].shards, ElementsAre(4, 3, 3));
  const auto second = shard_of(p, 1);
  EXPECT_THAT(second.tensors[0].shape, ElementsAre(9, 3));
  EXPECT_THAT(second.tensors[1].shape, ElementsAre(5));
  EXPECT_THAT(second.tensors[2].shape, ElementsAre(3, 3));
}

TEST(RanksDeclared, WhatMakesNoSenseIsRefused) {
  refused("ranks write 'y': say whose rows are whose", [](Workload& w) { w.ranks({.light = 3, .full = 3}); });
  refused("split(\"x\") comes before ranks()", [](Workload& w) { w.split("x"); });
  refused("names no tensor 'z'", [](Workload& w) { split_y(w), w.split("z"); });
  for (const std::vector<std::int64_t>& rows :
       {std::vector<std::int64_t>{5, 5}, {5, 5, 1}, {-1, 6, 5}, {11, 0, -1}, {INT64_MAX, INT64_MAX, 12}})
    refused("must be 3 numbers that add up to 10", [&](Workload& w) { split_y(w), w.split("x", rows); });
  refused("17 ranks: 1 to 16 are possible", split_y, 17);
  refused("this problem has 2 ranks, no other number", [](Workload& w) { w.ranks(2); });
  refused("wire() needs ranks()", [](Workload& w) { w.wire({.least_bytes = 1}); });
  const auto wire = [](const char* why, const Wire& stated) {
    refused(why, [&](Workload& w) { split_y(w), w.wire(stated); });
  };
  wire("least_bytes of the wire", {.least_bytes = -1});
  wire("least_bytes of the wire", {.least_bytes = std::numeric_limits<double>::quiet_NaN()});
  wire("least_busy of the wire is a share", {.least_busy = 1.5});
  wire("a message of the wire has at least one byte", {.message_bytes = {0}});
  for (const std::pair<int, int>& link : {std::pair{0, 3}, {-1, 0}, {1, 1}})
    wire("a link of the wire joins two different ranks, each from 0 to 2", {.links = {link}});
}

TEST(Shards, WholeTensorsGoOutAndComeBack) {
  const auto p = declared([](Workload& w) {
    split_y(w);
    w.split("x", {0, 9, 1});
  });
  const auto layout = lay_out(p, 3, 1 << 20);
  ShardedArena arena(p, kDLCPU, layout, verify::Key{5});
  std::vector<float> x(30), weights(5);
  std::iota(x.begin(), x.end(), 1.f);
  std::iota(weights.begin(), weights.end(), 100.f);
  const auto bytes = [](auto& v) { return std::as_bytes(std::span(v)); };
  const int slot = layout.slots - 1;
  arena.store(0, slot, bytes(x));
  arena.store(1, slot, bytes(weights));
  arena.poison(2, slot, f32, verify::Key{7});
  arena.fill_guards(slot);

  EXPECT_EQ(arena.part(0).tensor(0, slot).size(), 0u);
  EXPECT_EQ(std::memcmp(arena.part(1).tensor(0, slot).data(), x.data(), 9 * 12), 0);
  EXPECT_EQ(std::memcmp(arena.part(2).tensor(0, slot).data(), x.data() + 27, 12), 0);
  for (int r = 0; r < 3; ++r) EXPECT_EQ(std::memcmp(arena.part(r).tensor(1, slot).data(), weights.data(), 20), 0);

  // The poison of the shards together is that of the whole tensor.
  std::vector<std::byte> poison(120);
  verify::poison(f32, verify::Key{7}, poison);
  const auto written = arena.written(2, slot);
  EXPECT_TRUE(std::equal(written.begin(), written.end(), poison.begin(), poison.end()));

  EXPECT_TRUE(arena.equal(0, slot, bytes(x)));
  arena.part(2).tensor(0, slot)[3] ^= std::byte{1};
  EXPECT_FALSE(arena.equal(0, slot, bytes(x)));
  EXPECT_EQ(arena.damaged_guard_bytes(slot), 0u);
  const auto last = arena.part(2).tensor(2, slot);
  *(last.data() + last.size()) ^= std::byte{1};
  EXPECT_EQ(arena.damaged_guard_bytes(slot), 1u);
  EXPECT_THROW(arena.lend(), std::logic_error);
}

TEST(Shards, RanksHaveProcessorsOfTheirOwnWhereThereAreEnough) {
  EXPECT_THAT(cpus_of_rank({2, 3, 4, 5}, 2, 1), ElementsAre(4, 5));
  EXPECT_THAT(cpus_of_rank({2, 3, 4, 5, 6}, 2, 0), ElementsAre(2, 3));
  EXPECT_THAT(cpus_of_rank({2, 3}, 4, 3), ElementsAre(2, 3));
  EXPECT_THAT(cpus_of_rank({2, 3}, 0, 0), ElementsAre(2, 3));
}

}  // namespace
}  // namespace aisp::judge
