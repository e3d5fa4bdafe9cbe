// Profiles: counters in plain words, the trace, flame graphs, symbols of processes and of files that lie, sampling.
#include "analysis/profile.hpp"
#include "analysis/counter_words.hpp"
#include "analysis/flame_graph.hpp"
#include "device/cpu/sampler.hpp"
#include "device/cpu/symbols.hpp"
#include "record/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace {

// A function with a name that the tests look for.
__attribute__((noinline)) std::uint64_t aisp_test_busy_loop(std::uint64_t n) {
  volatile std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < n; ++i) sum = sum + i * i;
  return sum;
}

}  // namespace

namespace aisp {
namespace {
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

model::VariantProfile variant(const char* name, std::vector<model::Counter> counters) {
  model::VariantProfile v;
  v.name = name, v.status = model::Status::ok;
  v.counted_calls = 10, v.call_seconds = 1e-3;
  v.counters = std::move(counters);
  return v;
}

model::TargetProfile profile() {
  model::TargetProfile p;
  p.target = "ch09:softmax", p.device = "cpu", p.scale = "light", p.level = "minimal";
  p.variants = {variant("baseline", {{"cycles", 8e6}, {"instructions", 4e6}, {"cache-misses", 0}, {"page-faults", 10}}),
                variant("online", {{"cycles", 1e6}, {"instructions", 2e6}, {"cache-misses", 500}, {"page-faults", 0}})};
  p.variants[1].spans = {{"prepare", 0, 0.25}, {"call", 0.5, 0.001}};
  return p;
}

TEST(Profile, CountersInPlainWords) {
  const auto p = profile();
  EXPECT_THAT(analysis::in_plain_words(p.variants[0], p.variants[1]),
              ElementsAre("8 times fewer cycles (8 M → 1 M a call)", "2 times fewer instructions (4 M → 2 M a call)",
                          "misses of the last-level cache where the baseline has none (0 → 500 a call)",
                          "no page faults (10 → 0 a call)", "2.00 instructions a cycle, the baseline 0.50"));
  EXPECT_THAT(analysis::in_plain_words(variant("", {{"cycles", 100}}), variant("", {{"cycles", 102}})),
              ElementsAre("about as many cycles (100 → 102 a call)"));
  EXPECT_THAT(analysis::in_plain_words(variant("", {{"cycles", 100}}), variant("", {{"cycles", 250}})),
              ElementsAre("2.5 times more cycles (100 → 250 a call)"));
  EXPECT_THAT(analysis::in_plain_words(variant("", {}), variant("", {{"cycles", 250}})), IsEmpty());
  EXPECT_THAT(analysis::in_plain_words(variant("", {{"page-faults", 0.1}}), variant("", {{"page-faults", 0}})),
              IsEmpty());
}

// What a reader of a GPU's profile sees: units, singulars, and nothing of idle tensor cores.
TEST(Profile, CountersOfADeviceCarryTheirUnits) {
  const char* tensors = "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active";
  const auto before = variant("baseline",
                              {{"kernels", 1}, {"device-ns", 4704}, {"dram__bytes_read.sum", 13056}, {tensors, 0.13}}),
             after =
                 variant("v", {{tensors, 0.76}, {"kernels", 1}, {"dram__bytes_read.sum", 21376}, {"device-ns", 3408}});
  EXPECT_THAT(analysis::in_words(before), ElementsAre("1 kernel launch a call", "4.70 µs of work on the device a call",
                                                      "13.1 kB read from device memory a call"));
  EXPECT_THAT(
      analysis::in_plain_words(before, after),
      ElementsAre("as many kernel launches (1 a call)", "1.38 times less work on the device (4.70 µs → 3.41 µs a call)",
                  "1.64 times more bytes read from device memory (13.1 kB → 21.4 kB a call)"));
  const auto busy = variant("v", {{"kernels", 12'000}, {tensors, 61.5}});
  EXPECT_THAT(analysis::in_words(busy),
              ElementsAre("12 k kernel launches a call", "61.5 % of cycles keep the tensor cores busy"));
  EXPECT_THAT(analysis::in_plain_words(before, busy),
              ElementsAre("12 k times more kernel launches (1 → 12 k a call)",
                          "61.5 % of cycles keep the tensor cores busy, the baseline 0.13 %"));
}

// ch07:reduction as an H200 ran it.
TEST(Profile, OfAnH200ReadsWell) {
  std::ifstream in(std::string(AISP_SOURCE_DIR) + "/tests/fixtures/h200/profile-ch07-reduction.json");
  const auto text = analysis::profile_text(record::parse_profile(std::string{std::istreambuf_iterator<char>(in), {}}));
  EXPECT_THAT(text,
              HasSubstr("baseline\n  8.35 µs a call over 8 calls, profiled and not timed\n  1 kernel launch a call\n"
                        "  4.70 µs of work on the device a call\n  13.1 kB read from device memory a call\n"
                        "  66.9 kB written to device memory a call\n  4.83 MB through L2 a call\n"
                        "  95.4 % of sectors are found in L2\n"));
  EXPECT_THAT(text, HasSubstr("bank conflicts in shared memory where the baseline has none (0 → 204 a call)"));
  EXPECT_THAT(text, HasSubstr("1 a call: cub::…::DeviceSegmentedReduceKernel, grid 64×1×1"));
  EXPECT_THAT(text, Not(HasSubstr("tensor")));  // at most 0.76 %: it uses none
  EXPECT_THAT(text, Not(HasSubstr(" ns")));
}

TEST(Profile, WhatIsTooRareToMatterIsNotSaid) {
  // As an H200 counted: three_pass of ch09:softmax_bf16 has no matrix work, one_read of ch09:rmsnorm two warps that
  // meet.
  constexpr const char *kTensor = "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active",
                       *kConflicts = "l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum",
                       *kInstructions = "smsp__inst_executed.sum";
  const auto before = variant("baseline", {{kTensor, 1.375}, {kInstructions, 534528}, {kConflicts, 0}});
  auto after = variant("one_read", {{kTensor, 0}, {kInstructions, 236544}, {kConflicts, 16.5}});
  EXPECT_THAT(analysis::in_words(before), ElementsAre("535 k warp instructions a call"));
  EXPECT_THAT(analysis::in_plain_words(before, after),
              ElementsAre("2.26 times fewer warp instructions (535 k → 237 k a call)"));
  after.counters[0].value = 40, after.counters[2].value = 5000;
  EXPECT_THAT(analysis::in_plain_words(before, after),
              testing::AllOf(Contains(HasSubstr("bank conflicts in shared memory where the baseline has none")),
                             Contains(HasSubstr("40 % of cycles keep the tensor cores busy"))));
}

TEST(Profile, TextSaysWhatTimedTheKernels) {
  auto p = profile();
  p.variants[0].counters_absent = "ncu did not run (exit status 1): not found";
  p.variants[0].tool = "CUPTI 130001";
  EXPECT_THAT(analysis::profile_text(p), Not(HasSubstr("CUPTI")));
  model::CensusKernel kernel;
  kernel.name = "three_pass", kernel.launches = 8;
  p.variants[0].kernels = {kernel};
  EXPECT_THAT(analysis::profile_text(p), HasSubstr("not counted: ncu did not run (exit status 1): not found; kernels "
                                                   "were timed by CUPTI 130001\n"));
}

TEST(Profile, TextSaysWhatIsMissing) {
  auto p = profile();
  p.variants[0].counters_absent = "not permitted";
  p.variants[1].status = model::Status::crashed, p.variants[1].message = "killed by\nSIGSEGV";
  const auto text = analysis::profile_text(p);
  EXPECT_THAT(text, HasSubstr("not counted: not permitted"));
  EXPECT_THAT(text, HasSubstr("killed by SIGSEGV"));
  p.variants[0].samples_absent = "the system says no";
  EXPECT_THAT(analysis::profile_text(p), Not(HasSubstr("flame")));  // nobody asked for it
  p.level = "deep_dive";
  EXPECT_THAT(analysis::profile_text(p), HasSubstr("no flame graph: the system says no"));
  EXPECT_THAT(text, HasSubstr("profiled and not timed"));
}

TEST(Profile, JsonAndTraceAreWellFormed) {
  auto compared = profile();
  analysis::compare_with_baseline(compared);
  const auto j = nlohmann::json::parse(record::to_json(compared));
  EXPECT_EQ(j.at("variants").at(1).at("counters").at(0).at("name"), "cycles");
  EXPECT_EQ(j.at("variants").at(1).at("counters").at(0).at("value"), 1e6);
  EXPECT_EQ(j.at("variants").at(1).at("against_baseline").size(), 5u);
  EXPECT_THAT(j.at("variants").at(0).at("against_baseline"), IsEmpty());
  const auto trace = nlohmann::json::parse(analysis::chrome_trace(profile()));
  const auto& events = trace.at("traceEvents");
  ASSERT_EQ(events.size(), 4u);  // two names, two slices
  EXPECT_EQ(events.at(3).at("name"), "call");
  EXPECT_EQ(events.at(3).at("ph"), "X");
  EXPECT_DOUBLE_EQ(events.at(3).at("ts").get<double>(), 5e5);  // microseconds
  EXPECT_DOUBLE_EQ(events.at(3).at("dur").get<double>(), 1e3);
}

TEST(FlameGraph, WidthsAreShares) {
  const auto svg = analysis::flame_graph_svg({{{"a.so", "f<int>"}, 75}, {{"a.so", "g"}, 25}}, "t & <u>");
  EXPECT_THAT(svg, testing::StartsWith("<svg "));
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr("f&lt;int&gt; (75 samples, 75.0 %)"));
  EXPECT_THAT(svg, HasSubstr("width=\"900.0\""));
  EXPECT_THAT(svg, HasSubstr("t &amp; &lt;u&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_THAT(analysis::flame_graph_svg({}, ""), HasSubstr("</svg>"));
}

TEST(FlameGraph, HottestFunctions) {
  const std::vector<model::Stack> stacks{{{"m", "f"}, 10}, {{"m", "g", "f"}, 50}, {{"m", "g"}, 40}};
  const auto hot = analysis::hottest(stacks, 1);
  ASSERT_EQ(hot.size(), 1u);
  EXPECT_EQ(hot[0].first, "f");
  EXPECT_DOUBLE_EQ(hot[0].second, 0.6);
}

// ------------------------------------------------------------------------------------------------------------- symbols

std::vector<std::byte> own_binary() {
  std::ifstream in("/proc/self/exe", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

TEST(Symbols, NameTheFunctionsOfAProcess) {
  device::Symbols symbols(getpid());
  const auto place = symbols.find(reinterpret_cast<std::uint64_t>(&aisp_test_busy_loop));
  EXPECT_EQ(place.file, "profile_test");
  EXPECT_THAT(place.function, HasSubstr("aisp_test_busy_loop"));
  EXPECT_EQ(symbols.find(1).function, "");
  EXPECT_EQ(symbols.find(1).file, "");
}

TEST(Symbols, FilesThatLieYieldNothing) {
  const auto good = own_binary();
  ASSERT_FALSE(device::elf_functions(good).empty());
  EXPECT_TRUE(device::elf_functions({}).empty());
  for (const std::size_t size : {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{4096}, good.size() / 2})
    device::elf_functions(std::span(good).first(std::min(size, good.size())));
  auto wild = good;
  for (std::size_t i = 40; i < 64; ++i) wild[i] = std::byte{0xff};  // offsets and counts of the header
  EXPECT_TRUE(device::elf_functions(wild).empty());
}

// -------------------------------------------------------------------------------------------------------------
// sampling

TEST(Sampler, SeesWhatAChildDoes) {
  int go[2];
  ASSERT_EQ(pipe(go), 0);
  const int child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    char byte;
    if (read(go[0], &byte, 1) != 1) _exit(1);
    for (;;) aisp_test_busy_loop(1'000'000);
  }
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  std::vector<int> cpus;
  for (int c = 0; c < CPU_SETSIZE; ++c)
    if (CPU_ISSET(static_cast<std::size_t>(c), &allowed)) cpus.push_back(c);
  std::string why;
  const auto sampler = device::Sampler::attach(child, cpus, why);
  std::vector<device::CallChain> chains;
  std::int64_t lost = 0;
  bool named = false;
  if (sampler) {
    sampler->enable();
    EXPECT_EQ(write(go[1], "x", 1), 1);
    for (int wait = 0; wait < 200 && chains.size() < 20; ++wait) {
      usleep(20'000);
      for (auto& c : sampler->take(lost)) chains.push_back(std::move(c));
    }
    sampler->disable();
    device::Symbols symbols(child);
    for (const auto& c : chains)
      named |= symbols.find(c.addresses.front()).function.find("busy_loop") != std::string::npos;
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(go[0]), close(go[1]);
  if (!sampler) {
    EXPECT_NE(why, "");
    GTEST_SKIP() << "no sampling here: " << why;
  }
  EXPECT_GE(chains.size(), 20u);
  EXPECT_TRUE(named);
  EXPECT_EQ(device::Sampler::attach(1 << 30, cpus, why), nullptr);
  EXPECT_NE(why, "");
}

}  // namespace
}  // namespace aisp
