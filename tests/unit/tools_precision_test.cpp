// Number formats against aisp/dtype.hpp and the specifications, and error norms against values worked out by hand.
#include "tools/draws.hpp"
#include "tools/precision.hpp"

#include <aisp/dtype.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace aisp::tools {
namespace {

const NumberFormat& format(const char* name) { return *find_number_format(name); }

// Every number of a narrow type is a fixed point, and halves and quarters between neighbours round as dtype.hpp does.
template <class Narrow, class ToNarrow> void agrees(const char* name, int numbers, const ToNarrow& to_narrow) {
  const auto& f = format(name);
  for (int bits = 0; bits + 1 < numbers; ++bits) {
    const auto a = static_cast<double>(to_float(Narrow{static_cast<decltype(Narrow::bits)>(bits)})),
               b = static_cast<double>(to_float(Narrow{static_cast<decltype(Narrow::bits)>(bits + 1)}));
    for (const double part : {0.0, 0.25, 0.5, 0.75})
      for (const double sign : {1.0, -1.0}) {
        const double x = sign * (a + part * (b - a));
        if (!std::isfinite(x) || static_cast<double>(static_cast<float>(x)) != x) continue;
        const auto expected = static_cast<double>(to_float(to_narrow(static_cast<float>(x))));
        ASSERT_EQ(round_element(f, x), expected) << name << " " << x;
      }
  }
}

TEST(NumberFormat, AgreesWithTheElementTypes) {
  agrees<half>("fp16", 0x7c00, [](float x) { return to_half(x); });
  agrees<bfloat16>("bf16", 0x7f80, [](float x) { return to_bfloat16(x); });
  agrees<float8_e4m3>("fp8_e4m3", 0x7f, [](float x) { return to_float8_e4m3(x); });
  agrees<float8_e5m2>("fp8_e5m2", 0x7c, [](float x) { return to_float8_e5m2(x); });
}

TEST(NumberFormat, Fp32IsTheCompilersFloat) {
  Draws draws(1);
  for (int i = 0; i < 100'000; ++i) {
    const double x = draws.normal() * std::pow(2, 280 * draws.uniform() - 150);
    ASSERT_EQ(round_element(format("fp32"), x), static_cast<double>(static_cast<float>(x))) << x;
  }
}

// OCP MX 1.0, §5.3.3: the magnitudes of E2M1.
TEST(NumberFormat, Fp4HasEightMagnitudes) {
  std::set<double> seen;
  for (double x = 0; x < 10; x += 1.0 / 64) seen.insert(round_element(format("fp4_e2m1"), x));
  EXPECT_EQ(seen, (std::set<double>{0, 0.5, 1, 1.5, 2, 3, 4, 6}));
  EXPECT_EQ(round_element(format("fp4_e2m1"), 0.25), 0);  // ties go to the even neighbour
  EXPECT_EQ(round_element(format("fp4_e2m1"), 0.75), 1);
  EXPECT_EQ(round_element(format("fp4_e2m1"), 5), 4);
  EXPECT_EQ(round_element(format("fp4_e2m1"), -7), -6);
}

TEST(NumberFormat, LargestValuesOfTheSpecifications) {
  EXPECT_EQ(round_element(format("fp8_e4m3"), 1e9), 448);
  EXPECT_EQ(round_element(format("fp8_e5m2"), -1e9), -57344);
  EXPECT_EQ(round_element(format("mxfp6_e3m2"), 1e9), 28);
  EXPECT_EQ(round_element(format("mxfp6_e2m3"), 1e9), 7.5);
  EXPECT_EQ(round_element(format("fp16"), 65519), 65504);
  EXPECT_EQ(round_element(format("fp16"), 65520), INFINITY);
  EXPECT_EQ(round_element(format("tf32"), 1 + 0x1p-10), 1 + 0x1p-10);
  EXPECT_EQ(round_element(format("tf32"), 1 + 0x1p-11), 1);
  EXPECT_TRUE(std::isnan(round_element(format("fp4_e2m1"), NAN)));
  EXPECT_EQ(round_element(format("fp8_e4m3"), INFINITY), 448);
}

std::vector<double> rounded(const char* name, std::vector<double> values, RoundingCounts* counts = nullptr,
                            bool tensor_scale = false) {
  std::vector<double> out(values.size());
  const auto c = round_rows(format(name), values, static_cast<std::int64_t>(values.size()), tensor_scale, out);
  if (counts) *counts = c;
  return out;
}

// OCP MX 1.0, §6.3: scale = 2^(floor(log2 max) − largest exponent of the element); elements saturate.
TEST(NumberFormat, MxScaleByHand) {
  // Largest 10: 2^(3 − 2) = 2; elements 5 → 4 and 0.6 → 0.5.
  EXPECT_EQ(rounded("mxfp4", {10, 1.2, -3}), (std::vector<double>{8, 1, -3}));
  // Largest 15: scale 2, element 7.5 is beyond 6 and saturates.
  RoundingCounts counts;
  EXPECT_EQ(rounded("mxfp4", {15, 0.1}, &counts), (std::vector<double>{12, 0}));
  EXPECT_EQ(counts.overflows, 1);
  EXPECT_EQ(counts.underflows, 1);
  EXPECT_EQ(rounded("mxfp8_e4m3", {448 * 0x1p-100}), (std::vector<double>{448 * 0x1p-100}));
}

TEST(NumberFormat, BlocksAreApart) {
  std::vector<double> values(64, 0.01);
  values[0] = 1000;
  const auto out = rounded("mxfp4", values);
  EXPECT_EQ(out[1], 0);              // beside the large value all is lost
  EXPECT_NEAR(out[32], 0.01, 3e-3);  // in the next block it is not
  EXPECT_EQ(rounded("mxfp4", std::vector<double>(40, 0)), std::vector<double>(40, 0));
}

// NVFP4: the block of the tensor's largest value has scale 448 · tensor scale, so that value comes out exactly.
TEST(NumberFormat, Nvfp4KeepsTheLargestValue) {
  std::vector<double> values(32, 0.3);
  values[5] = 6 * 448;
  const auto out = rounded("nvfp4", values);
  EXPECT_EQ(out[5], 6 * 448);
  EXPECT_EQ(out[6], 0);
  EXPECT_NEAR(out[20], 0.3, 0.02);
}

TEST(NumberFormat, TensorScaleUsesTheWholeRange) {
  RoundingCounts counts;
  const auto out = rounded("fp8_e4m3", {1e6, 1e4}, &counts, true);
  EXPECT_EQ(counts.overflows, 0);
  EXPECT_DOUBLE_EQ(out[0], 1e6);
  EXPECT_NEAR(out[1], 1e4, 1e4 / 16);
  rounded("fp8_e4m3", {1e6, 1e4}, &counts);
  EXPECT_EQ(counts.overflows, 2);
}

TEST(ErrorNorms, ByHand) {
  const std::vector<double> exact{3, 4, 0, 1}, got{3, 4.5, 0, 1};
  const auto n = error_norms(format("bf16"), got, exact);
  EXPECT_EQ(n.max_absolute, 0.5);
  EXPECT_DOUBLE_EQ(n.relative_frobenius, 0.5 / std::sqrt(26));
  EXPECT_DOUBLE_EQ(n.snr_db, 20 * std::log10(std::sqrt(26) / 0.5));
  EXPECT_EQ(n.max_ulps, 0.5 / (4 * 0x1p-7));
  EXPECT_EQ(n.histogram.exact, 3);
  EXPECT_EQ(n.histogram.counts[2 * 8], 1);  // 0.125: the lower half of the decade from 0.1
  EXPECT_TRUE(std::isinf(error_norms(format("bf16"), exact, exact).snr_db));
  const auto broken = error_norms(format("fp16"), std::vector<double>{INFINITY, 1}, std::vector<double>{1, 1});
  EXPECT_EQ(broken.nonfinite, 1);
  EXPECT_EQ(broken.max_absolute, 0);
}

// Rounding alone is off by half a unit in the last place at most: unit roundoff 2^−11 for fp16, 2^−8 for bf16 (Higham,
// Accuracy and Stability of Numerical Algorithms, 2002, table 2.1 for fp16's 4.88e−4).
TEST(ErrorNorms, RoundingIsWithinHalfAUlp) {
  Draws draws(3);
  std::vector<double> values;
  for (int i = 0; i < 10'000; ++i) values.push_back(1 + draws.uniform());
  for (const auto& [name, roundoff] :
       {std::pair{"fp16", 4.88281e-4}, std::pair{"bf16", 0x1p-8}, std::pair{"fp8_e4m3", 0x1p-4}}) {
    const auto r = compare_tensor(format(name), values, 10'000, false);
    EXPECT_LE(r.error.max_ulps, 0.5);
    EXPECT_GT(r.error.max_ulps, 0.49);
    EXPECT_LE(r.error.max_absolute, 2 * roundoff);
  }
}

// Uniform rounding noise: SNR of a full-scale signal grows by 6.02 dB a bit (Bennett 1948).
TEST(ErrorNorms, SixDecibelsABit) {
  Draws draws(4);
  std::vector<double> values;
  for (int i = 0; i < 20'000; ++i) values.push_back(1 + draws.uniform());
  const auto snr = [&](const char* name) { return compare_tensor(format(name), values, 20'000, false).error.snr_db; };
  EXPECT_NEAR(snr("fp16") - snr("bf16"), 3 * 6.02, 0.3);
  EXPECT_NEAR(snr("fp8_e4m3") - snr("fp8_e5m2"), 6.02, 0.3);
}

TEST(Operations, ExactOnesByHand) {
  EXPECT_EQ(exact(GemmInput{1, 2, 2, {1, 2}, {3, 4, 5, 6}}), (std::vector<double>{11, 17}));
  const auto p = exact(SoftmaxInput{1, 2, {std::log(3.0), 0}});
  EXPECT_NEAR(p[0], 0.75, 1e-15);
  // Equal keys: every value counts the same.
  EXPECT_EQ(exact(AttentionInput{2, 1, {1, 5}, {2, 2}, {10, 30}}), (std::vector<double>{20, 20}));
}

TEST(Operations, MoreBitsMeanSmallerErrors) {
  Draws draws(5);
  const auto of = [&](int count) {
    std::vector<double> x;
    for (int i = 0; i < count; ++i) x.push_back(draws.normal());
    return x;
  };
  const GemmInput gemm{16, 16, 128, of(16 * 128), of(16 * 128)};
  const SoftmaxInput softmax{8, 128, of(8 * 128)};
  const AttentionInput attention{32, 32, of(1024), of(1024), of(1024)};
  const auto ordered = [](const auto& input) {
    const auto reference = exact(input);
    double last = INFINITY;
    for (const char* name : {"fp32", "tf32", "bf16", "fp8_e4m3", "mxfp4"}) {
      const auto r = compare(format(name), input, reference, false);
      EXPECT_LT(r.error.snr_db, last) << name;
      EXPECT_GT(r.error.snr_db, 0) << name;
      EXPECT_EQ(r.error.nonfinite, 0);
      last = r.error.snr_db;
    }
  };
  ordered(gemm), ordered(softmax), ordered(attention);
  // Rounding noise of both inputs: relative error √2 times one input's, whatever k is.
  const double one = compare_tensor(format("bf16"), gemm.a, 128, false).error.relative_frobenius;
  EXPECT_NEAR(compare(format("bf16"), gemm, exact(gemm), false).error.relative_frobenius, std::sqrt(2.0) * one,
              0.2 * one);
}

}  // namespace
}  // namespace aisp::tools
