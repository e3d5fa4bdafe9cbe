// The calculators against values worked out by hand and values that others published.
#include "tools/cutlass.hpp"
#include "tools/kv_cache.hpp"
#include "tools/speculation.hpp"
#include "tools/token_cost.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace aisp::tools {
namespace {
using ::testing::ElementsAre;

// ------------------------------------------------------------------------------------------------------------ kv cache

KvCacheInput cache(std::int64_t layers, double width, const char* dtype, std::int64_t tokens = 1,
                   std::int64_t batch = 1) {
  KvCacheInput in;
  in.groups.push_back({{}, layers});
  in.groups[0].layer.key_width = width;
  in.tokens = tokens, in.batch = batch;
  in.storage = *find_kv_storage(dtype);
  return in;
}

TEST(KvCache, EightyLayersByHand) {  // 2 · 80 · 8192 · 4096 · 8 bytes
  const auto r = kv_cache(cache(80, 2 * 8192, "fp8", 4096, 8));
  EXPECT_EQ(r.bytes, 42'949'672'960);
  EXPECT_EQ(r.total_bytes, r.bytes);
}

// Zhao et al., "Insights into DeepSeek-V3", ISCA 2025, table 1: bytes of a token in bf16.
TEST(KvCache, PublishedBytesOfAToken) {
  EXPECT_EQ(kv_cache(cache(61, mla_width(512, 64), "bf16")).bytes_per_token, 70'272);  // DeepSeek-V3, MLA
  EXPECT_EQ(kv_cache(cache(80, kv_width(8, 128), "bf16")).bytes_per_token, 327'680);   // Qwen-2.5 72B, GQA
  EXPECT_EQ(kv_cache(cache(126, kv_width(8, 128), "bf16")).bytes_per_token, 516'096);  // LLaMA-3.1 405B, GQA
  // Kwon et al., SOSP 2023, §3: 800 KB for a token of OPT-13B: 2 · 5120 · 40 · 2 bytes.
  EXPECT_EQ(kv_cache(cache(40, 2 * 5120, "fp16")).bytes_per_token, 800 * 1024);
}

TEST(KvCache, ScalesOfBlocksCount) {
  EXPECT_DOUBLE_EQ(find_kv_storage("mxfp8")->bits(), 8.25);  // OCP MX 1.0: 8 bits for 32 elements
  EXPECT_DOUBLE_EQ(find_kv_storage("mxfp4")->bits(), 4.25);
  EXPECT_DOUBLE_EQ(find_kv_storage("nvfp4")->bits(), 4.5);
  EXPECT_DOUBLE_EQ(find_kv_storage("int4")->bits(), 4.125);
  auto in = cache(1, 1024, "int4");
  in.storage.group = 32;
  EXPECT_DOUBLE_EQ(kv_cache(in).bytes_per_token, 1024 * 4.5 / 8);
}

TEST(KvCache, PagesAreWholeAndOverheadComesOnTop) {
  auto in = cache(1, 100, "fp8", 33, 2);  // 100 B a token, 3 pages of 16 for 33 tokens
  in.page_size = 16, in.overhead = 0.1;
  const auto r = kv_cache(in);
  EXPECT_EQ(r.bytes, 6600);
  EXPECT_EQ(r.page_bytes, 1600);
  EXPECT_EQ(r.fragmentation_bytes, 15 * 100 * 2);
  EXPECT_DOUBLE_EQ(r.overhead_bytes, 960);
  EXPECT_DOUBLE_EQ(r.total_bytes, 10'560);
}

TEST(KvCache, WhatFits) {
  auto in = cache(1, 100, "fp8", 33, 2);
  in.page_size = 16, in.gpu_bytes = 20'000, in.reserve_bytes = 1000, in.weight_bytes = 3000;
  const auto r = kv_cache(in);
  EXPECT_EQ(r.available_bytes, 16'000);  // ten pages
  EXPECT_TRUE(r.fits);
  EXPECT_EQ(r.max_batch, 3);        // of three pages each
  EXPECT_EQ(r.max_tokens, 5 * 16);  // five pages each
  in.reserve_bytes = 19'000;
  const auto full = kv_cache(in);
  EXPECT_FALSE(full.fits);
  EXPECT_LT(full.available_bytes, 0);
  EXPECT_EQ(full.max_batch, 0);
  EXPECT_EQ(full.max_tokens, 0);
}

TEST(KvCache, AWindowBoundsWhatItsLayersKeep) {
  auto in = cache(1, 100, "fp8", 1000);  // a full layer, and three with a window of 33
  in.groups.push_back({in.groups[0].layer, 3});
  in.groups[1].layer.window = 33;
  auto r = kv_cache(in);
  EXPECT_EQ(r.bytes_per_token, 400);
  EXPECT_EQ(r.growth_per_token, 100);
  EXPECT_EQ(r.windowed_bytes, 3 * 33 * 100);
  EXPECT_EQ(r.bytes, 100'000 + 9900);
  EXPECT_EQ(r.fragmentation_bytes, 0);
  in.page_size =
      16;  // 63 pages for 1000 tokens; a window of 33 touches three pages or, across their ends, at most three
  r = kv_cache(in);
  EXPECT_EQ(r.fragmentation_bytes, 8 * 100 + 3 * (3 * 16 - 33) * 100);
  in.groups[1].layer.window = 34;  // may touch four
  EXPECT_EQ(kv_cache(in).fragmentation_bytes, 8 * 100 + 3 * (4 * 16 - 34) * 100);
  in.tokens = 20;  // shorter than the window: as a full layer
  EXPECT_EQ(kv_cache(in).bytes, 20 * 400);
}

TEST(KvCache, WhatDoesNotGrowFitsAtAnyLength) {
  auto in = cache(2, 100, "fp8", 1000);
  in.groups[0].layer.window = 10;
  in.groups.push_back({{}, 1});
  in.groups[1].layer.state = 8, in.groups[1].layer.convolution = 4;
  in.gpu_bytes = 4080;  // two sequences of 2 · 10 · 100 + 8 · 4 + 4 · 2 bytes
  const auto r = kv_cache(in);
  EXPECT_EQ(r.state_bytes, 40);
  EXPECT_EQ(r.growth_per_token, 0);
  EXPECT_EQ(r.max_tokens, kUnlimited);
  EXPECT_EQ(r.max_batch, 2);
  in.gpu_bytes = 2039;
  EXPECT_EQ(kv_cache(in).max_tokens, 9);
}

TEST(KvCache, TensorParallelismSharesWholeHeads) {
  auto in = cache(1, kv_width(8, 100), "fp8");
  in.groups[0].layer.kv_heads = 8;
  in.tensor_parallel = 4;
  EXPECT_EQ(kv_cache(in).bytes_per_gpu, 400);
  EXPECT_EQ(kv_cache(in).copies, 1);
  in.tensor_parallel = 16;  // more GPUs than heads: each keeps one
  EXPECT_EQ(kv_cache(in).bytes_per_gpu, 200);
  EXPECT_EQ(kv_cache(in).copies, 2);
  in = cache(1, mla_width(512, 64), "fp8");
  in.groups[0].layer.kv_heads = 1, in.tensor_parallel = 8;  // MLA
  EXPECT_EQ(kv_cache(in).bytes_per_gpu, 576);
}

TEST(KvCache, AbsurdSizesDoNotOverflow) {
  auto in = cache(1, 1e-3, "fp4");
  in.gpu_bytes = 1e18;
  EXPECT_GT(kv_cache(in).max_tokens, 0);
  EXPECT_GT(kv_cache(in).max_batch, 0);
}

// ---------------------------------------------------------------------------------------------------------- token cost

TEST(TokenCost, EnergyByHand) {  // 1.2 kW · $0.16 an hour over 5.4 million tokens an hour
  const auto c = token_cost({.watts = 800, .tokens_per_second = 1500, .dollars_per_kwh = 0.16, .pue = 1.5});
  EXPECT_NEAR(c.energy_per_million, 0.0356, 0.00005);
  EXPECT_DOUBLE_EQ(c.energy_per_million, 1.2 * 0.16 / 5.4);
  EXPECT_DOUBLE_EQ(c.joules_per_token, 0.8);
  EXPECT_EQ(c.hardware_per_million, 0);
  EXPECT_EQ(c.total_per_million, c.energy_per_million);
}

// DeepSeek, "DeepSeek-V3/R1 Inference System Overview", 2025: 226.75 nodes of 8 H800 on average at $2 a GPU-hour are
// $87,072 a day; 168 billion output tokens a day.
TEST(TokenCost, PublishedCostOfADay) {
  const auto c = token_cost({.watts = 1,
                             .tokens_per_second = 168e9 / 86400,
                             .dollars_per_kwh = 0,
                             .dollars_per_gpu_hour = 2,
                             .gpus = 226.75 * 8});
  EXPECT_NEAR(c.hardware_per_day, 87'072, 0.5);
  EXPECT_NEAR(c.tokens_per_day, 168e9, 1e3);
  EXPECT_NEAR(c.hardware_per_million, 87'072 / 168e3, 1e-6);
}

TEST(TokenCost, IdleTimeIsPaidByTheTokens) {
  TokenCostInput in{
      .watts = 1000, .tokens_per_second = 1000, .dollars_per_kwh = 0.1, .utilisation = 0.5, .idle_watts = 200};
  EXPECT_DOUBLE_EQ(token_cost(in).joules_per_token, 1.2);  // a second of idling for each second of serving
  in.hardware_dollars = 8760, in.years = 1;                // a dollar an hour, over half an hour of tokens
  EXPECT_DOUBLE_EQ(token_cost(in).hardware_per_million, 1 / 1.8);
}

// -------------------------------------------------------------------------------------------------- speculative
// decoding

// Leviathan, Kalman, Matias, ICML 2023, table 1: operations and speed for c = 0.
TEST(Speculation, PublishedTable) {
  struct Line {
    double acceptance;
    std::int64_t length;
    double operations, speed;
  };
  for (const auto& [a, n, operations, speed] :
       {Line{0.6, 2, 1.53, 1.96}, Line{0.7, 3, 1.58, 2.53}, Line{0.8, 2, 1.23, 2.44}, Line{0.8, 5, 1.63, 3.69},
        Line{0.9, 2, 1.11, 2.71}, Line{0.9, 10, 1.60, 6.86}}) {
    EXPECT_NEAR(speculation_speedup(a, n, {}), speed, 0.0051) << a << " " << n;
    EXPECT_NEAR(operations_factor(a, n), operations, 0.0051) << a << " " << n;
  }
}

TEST(Speculation, EdgesAndCosts) {
  EXPECT_EQ(expected_tokens(0, 5), 1);
  EXPECT_EQ(expected_tokens(1, 5), 6);
  EXPECT_EQ(speculation_speedup(0.9, 0, {.draft = 0.1, .verify = 0.1, .round = 0.1}), 1);  // plain decoding
  // E = 2.44; a round costs 1 + 2 · (0.1 + 0.05) + 0.02.
  EXPECT_DOUBLE_EQ(speculation_speedup(0.8, 2, {.draft = 0.1, .verify = 0.05, .round = 0.02}), 2.44 / 1.32);
  EXPECT_EQ(best_draft_length(0.2, {.draft = 0.5, .verify = 0, .round = 0}, 10), 0);
  EXPECT_EQ(best_draft_length(1, {}, 10), 10);
}

TEST(Speculation, SimulationAgreesWithTheFormula) {
  for (const double a : {0.0, 0.3, 0.8, 1.0})
    for (const std::int64_t n : {1, 4, 9}) {
      const SpeculationCost cost{.draft = 0.05, .verify = 0.01, .round = 0};
      const auto s = simulate_speculation(a, n, cost, 100'000, 7);
      EXPECT_NEAR(s.tokens_per_round, expected_tokens(a, n), 4 * s.tokens_error + 1e-12) << a << " " << n;
      EXPECT_NEAR(s.speedup, speculation_speedup(a, n, cost), 4 * s.speedup_error + 1e-12) << a << " " << n;
    }
}

// ------------------------------------------------------------------------------------------------------------- CUTLASS

TEST(Cutlass, VersionFromItsHeader) {
  EXPECT_EQ(
      cutlass_version("#pragma once\n#define CUTLASS_MAJOR 4\n#define CUTLASS_MINOR 2\n#define CUTLASS_PATCH 1\n"),
      "4.2.1");
  EXPECT_EQ(cutlass_version("#define CUTLASS_MAJOR 3\n#define CUTLASS_MINOR 5\n"), "3.5");
  EXPECT_EQ(cutlass_version("#define CUTLASS_MAJOR x\n"), "");
  EXPECT_EQ(cutlass_version(""), "");
}

TEST(Cutlass, IsFoundOnceWithWhatItHas) {
  namespace fs = std::filesystem;
  const auto root = fs::path(testing::TempDir()) / "aisp-cutlass";
  fs::create_directories(root / "include" / "cutlass" / "arch");
  fs::create_directories(root / "empty");
  std::ofstream(root / "include" / "cutlass" / "version.h") << "#define CUTLASS_MAJOR 4\n#define CUTLASS_MINOR 0\n";
  std::ofstream(root / "include" / "cutlass" / "arch" / "mma_sm90.h") << "\n";
  const auto found = find_cutlass({{root / "empty", "a"}, {root / "include", "b"}, {root / "." / "include", "c"}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place.why, "b");
  EXPECT_EQ(found[0].version, "4.0");
  EXPECT_THAT(found[0].features, ElementsAre("Hopper (sm90)"));
  fs::remove_all(root);
}

}  // namespace
}  // namespace aisp::tools
