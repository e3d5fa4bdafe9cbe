// The table of vendor figures: every number has a source, figures agree with each other, names are found.
#include "analysis/gpu_table.hpp"
#include "analysis/gpu_ceilings.hpp"

#include <gtest/gtest.h>

#include <set>

namespace aisp::analysis {
namespace {

class EveryGpu : public testing::TestWithParam<const GpuSpec*> {};
std::vector<const GpuSpec*> all() {
  std::vector<const GpuSpec*> specs;
  for (const auto& spec : gpu_specs()) specs.push_back(&spec);
  return specs;
}
INSTANTIATE_TEST_SUITE_P(Table, EveryGpu, testing::ValuesIn(all()), [](const auto& parameter) {
  std::string name;
  for (char c : parameter.param->name)
    if (std::isalnum(static_cast<unsigned char>(c))) name += c;
  return name;
});

TEST_P(EveryGpu, HasASourceWithAYearForEveryNumber) {
  for (const auto& n : numbers(*GetParam())) {
    ASSERT_FALSE(n.number.source.empty()) << n.key;
    EXPECT_NE(n.number.source.find("20"), std::string_view::npos) << n.key << ": " << n.number.source;
  }
}

TEST_P(EveryGpu, HasWhatEveryGpuHas) {
  const auto& s = *GetParam();
  for (const auto& number : {s.multiprocessors, s.f64, s.f32, s.tf32, s.bf16, s.f16, s.i8, s.memory_bytes, s.bandwidth,
                             s.shared_per_block_bytes, s.pcie_generation, s.tdp_watts})
    EXPECT_GT(number.value, 0);
  EXPECT_FALSE(s.driver_names.empty());
}

// Narrower types are never slower, and matrix units at least as fast as vector units.
TEST_P(EveryGpu, RatesRiseAsTypesShrink) {
  const auto& s = *GetParam();
  if (s.f64_matrix) {
    EXPECT_GE(s.f64_matrix.value, s.f64.value);
  }
  EXPECT_GT(s.f32.value, s.f64.value);
  EXPECT_GE(s.tf32.value, s.f32.value);
  EXPECT_NEAR(s.bf16.value / s.tf32.value, 2, 0.05);
  EXPECT_EQ(s.bf16.value, s.f16.value);
  if (s.f8) {
    EXPECT_NEAR(s.f8.value / s.bf16.value, 2, 0.03);
  }
  if (s.f4) {
    EXPECT_GE(s.f4.value, 1.99 * s.f8.value);
  }
}

// Vector FP32: one multiply-add a clock in each of the 128 (GA100: 64) lanes of a multiprocessor.
TEST_P(EveryGpu, Fp32FollowsFromMultiprocessorsAndClock) {
  const auto& s = *GetParam();
  if (!s.boost_hz) GTEST_SKIP() << "no published clock";
  const double lanes = s.compute_capability == "8.0" ? 64 : 128;
  EXPECT_NEAR(s.multiprocessors.value * lanes * 2 * s.boost_hz.value / s.f32.value, 1, 0.015);
}

// Hopper: 2048 dense FP16 multiply-adds a clock and multiprocessor; Ampere: 1024.
TEST_P(EveryGpu, MatrixRatesFollowFromTheirClock) {
  const auto& s = *GetParam();
  if (!s.matrix_boost_hz) GTEST_SKIP() << "no published clock of the matrix rates";
  double multiply_adds = 0;
  if (s.compute_capability == "9.0") multiply_adds = 2048;
  if (s.compute_capability == "8.0") multiply_adds = 1024;
  if (s.compute_capability == "8.9" && s.name == "L40S") multiply_adds = 512;
  if (s.name == "RTX 4090" || s.name == "RTX 5090") multiply_adds = 256;  // with an FP32 accumulator
  ASSERT_GT(multiply_adds, 0);
  EXPECT_NEAR(s.multiprocessors.value * multiply_adds * 2 * s.matrix_boost_hz.value / s.bf16.value, 1, 0.015);
}

TEST(GpuTable, HoldsTheGpusThatTheDocumentsName) {
  std::set<std::string> names;
  for (const auto& name : gpu_names()) EXPECT_TRUE(names.insert(name).second) << name << " is there twice";
  for (const char* name : {"A100 SXM 80GB", "A100 PCIe 80GB", "H100 SXM", "H100 PCIe", "H100 NVL", "H200", "B200",
                           "B300", "GB200", "L40S", "RTX 4090", "RTX 5090", "GH200"})
    EXPECT_TRUE(names.contains(name)) << name;
}

TEST(GpuTable, FindsByAnySpellingAndByTheDriversName) {
  const auto name_of = [](std::string_view name, double bytes = 0) {
    const auto* spec = find_gpu(name, bytes);
    return spec ? spec->name : "none";
  };
  EXPECT_EQ(name_of("NVIDIA H200"), "H200");
  EXPECT_EQ(name_of("h200"), "H200");
  EXPECT_EQ(name_of("NVIDIA H100 80GB HBM3"), "H100 SXM");
  EXPECT_EQ(name_of("NVIDIA H100 PCIe"), "H100 PCIe");
  EXPECT_EQ(name_of("NVIDIA A100-SXM4-80GB"), "A100 SXM 80GB");
  EXPECT_EQ(name_of("NVIDIA GeForce RTX 4090"), "RTX 4090");
  EXPECT_EQ(name_of("rtx-5090"), "RTX 5090");
  EXPECT_EQ(name_of("H2"), "none");
  EXPECT_EQ(name_of(""), "none");
}

TEST(GpuTable, H200MatchesItsDatasheet) {
  const auto* h200 = find_gpu("H200");
  ASSERT_TRUE(h200);
  EXPECT_NEAR(h200->bf16.value, 989.5e12, 0.1e12);
  EXPECT_TRUE(h200->bf16.halved);
  EXPECT_DOUBLE_EQ(h200->bandwidth.value, 4.8e12);
  EXPECT_DOUBLE_EQ(h200->memory_bytes.value, 141e9);
  EXPECT_DOUBLE_EQ(h200->shared_per_block_bytes.value, 227 * 1024);
}

// ----------------------------------------------------------------------------------------------------- ceilings

device::GpuFigure figure(const char* name, const char* unit, double value) {
  device::GpuFigure f;
  f.name = name, f.unit = unit, f.value = value, f.lo = 0.99 * value, f.hi = 1.01 * value;
  return f;
}

device::GpuPeaks measured() {
  device::GpuPeaks p;
  p.multiprocessors = 132, p.l2_bytes = 60u << 20, p.when = "2026-11-21T07:00:00Z";
  p.figures = {figure("copy", "B/s", 4.26e12),      figure("read", "B/s", 4.4e12),
               figure("l2_read", "B/s", 7e12),      figure("bf16", "op/s", 790e12),
               figure("f64", "op/s", 33e12),        figure("f64_matrix", "op/s", 60e12),
               figure("h2d_pinned", "B/s", 55.6e9), figure("shared_read", "B/s", 30e12)};
  return p;
}

TEST(GpuCeilings, AreBoundsFromAbove) {
  const auto* h200 = find_gpu("H200");
  // 4096 operations a clock and multiprocessor at 1980 MHz: above what a throttled GPU sustains.
  EXPECT_NEAR(gpu_ceilings(measured(), h200, 1980, "bf16", 1 << 30).flops, 132 * 4096 * 1.98e9, 0.01e15);
  EXPECT_DOUBLE_EQ(gpu_ceilings(measured(), nullptr, 1980, "bf16", 1 << 30).flops, 1.01 * 790e12);
  EXPECT_DOUBLE_EQ(gpu_ceilings(measured(), nullptr, 1980, "f64", 1 << 30).flops, 1.01 * 60e12);
  EXPECT_DOUBLE_EQ(gpu_ceilings(measured(), h200, 1980, "bf16", 1 << 30).bytes, 1.01 * 4.4e12);
  EXPECT_DOUBLE_EQ(gpu_ceilings(measured(), h200, 1980, "bf16", 1 << 20).bytes, 1.01 * 7e12);
  EXPECT_DOUBLE_EQ(gpu_ceilings(measured(), nullptr, 1980, "i64", 1 << 30).flops, 0);
  EXPECT_DOUBLE_EQ(gpu_ceilings({}, nullptr, 0, "bf16", 1).bytes, 0);
  EXPECT_EQ(gpu_ceilings({}, h200, 1980, "i32", 1 << 30).source, "rates of H200") << "its bandwidth, though no rate";
}

TEST(GpuCeilings, NarrowFactorsGoThroughTensorCores) {
  model::TargetEvidence e;
  e.arithmetic = "f32";
  e.tensors = {{"index", "fresh", "i8", {8}}, {"a", "fresh", "bf16", {8, 8}}, {"c", "output", "f32", {8, 8}}};
  const auto c = gpu_ceilings(measured(), nullptr, 1980, e, 1 << 30);
  EXPECT_DOUBLE_EQ(c.flops, 1.01 * 790e12);
  EXPECT_EQ(c.arithmetic, "bf16");
  e.tensors[1].dtype = "f32";
  EXPECT_EQ(gpu_ceilings(measured(), nullptr, 1980, e, 1 << 30).arithmetic, "");
}

TEST(GpuCeilings, TheoryStandsBesideWhatWasMeasured) {
  auto peaks = measured();
  device::GpuFacts facts;
  facts.max_pcie_generation = 5, facts.max_pcie_width = 16, facts.max_sm_mhz = 1980;
  add_theory(peaks, find_gpu("H200"), facts);
  EXPECT_DOUBLE_EQ(peaks.find("copy")->theoretical, 4.8e12);
  EXPECT_NEAR(peaks.find("bf16")->theoretical, 989.5e12, 0.1e12);
  EXPECT_NEAR(peaks.find("h2d_pinned")->theoretical, 63.0e9, 0.05e9);
  EXPECT_NEAR(peaks.find("shared_read")->theoretical, 33.45e12, 0.01e12);
  EXPECT_DOUBLE_EQ(peaks.find("l2_read")->theoretical, 0);
  for (const auto& f : peaks.figures) EXPECT_EQ(f.theoretical > 0, !f.theoretical_source.empty()) << f.name;
  auto unknown = measured();
  add_theory(unknown, nullptr, {});
  for (const auto& f : unknown.figures) EXPECT_EQ(f.theoretical, 0) << f.name;
}

}  // namespace
}  // namespace aisp::analysis
