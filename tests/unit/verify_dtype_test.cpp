// Conversions of the narrow floats: every bit pattern there and back, and rounding at every midpoint.
#include <aisp/dtype.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "verify/convert.hpp"
#include "verify/rounding.hpp"

namespace {

using namespace aisp;

static_assert(to_half(1.0f).bits == 0x3c00 && to_bfloat16(-2.0f).bits == 0xc000);
static_assert(to_float8_e4m3(448.0f).bits == 0x7e && to_float8_e5m2(57344.0f).bits == 0x7b);
static_assert(to_float(float8_e4m3{0x01}) == 0x1p-9f && to_float(float8_e5m2{0x01}) == 0x1p-16f);

half narrow(half, float f) { return to_half(f); }
bfloat16 narrow(bfloat16, float f) { return to_bfloat16(f); }
float8_e4m3 narrow(float8_e4m3, float f) { return to_float8_e4m3(f); }
float8_e5m2 narrow(float8_e5m2, float f) { return to_float8_e5m2(f); }

template <class T> class NarrowFloat : public testing::Test {
 protected:
  static constexpr std::uint32_t patterns = 1u << (8 * sizeof(T));
  static T pattern(std::uint32_t bits) { return T{static_cast<decltype(T::bits)>(bits)}; }
  static T round(float f) { return narrow(T{}, f); }
};
using Formats = testing::Types<half, bfloat16, float8_e4m3, float8_e5m2>;
TYPED_TEST_SUITE(NarrowFloat, Formats);

TYPED_TEST(NarrowFloat, EveryPatternSurvivesTheRoundTrip) {
  for (std::uint32_t bits = 0; bits < this->patterns; ++bits) {
    const float value = to_float(this->pattern(bits));
    if (std::isnan(value))
      ASSERT_TRUE(std::isnan(to_float(this->round(value)))) << bits;
    else
      ASSERT_EQ(this->round(value).bits, bits);
  }
}

TYPED_TEST(NarrowFloat, RoundsToNearestAndTiesToEven) {
  for (std::uint32_t bits = 0; bits + 1 < this->patterns / 2; ++bits) {
    const float below = to_float(this->pattern(bits)), above = to_float(this->pattern(bits + 1));
    if (!std::isfinite(below) || !std::isfinite(above)) continue;
    ASSERT_LT(below, above) << bits;
    const float middle = below + (above - below) / 2;
    const std::uint32_t even = bits % 2 ? bits + 1 : bits;
    ASSERT_EQ(this->round(middle).bits, even) << bits;
    ASSERT_EQ(this->round(std::nextafter(middle, 0.0f)).bits, bits);
    ASSERT_EQ(this->round(std::nextafter(middle, INFINITY)).bits, bits + 1);
    ASSERT_EQ(to_float(this->round(-middle)), -to_float(this->pattern(even)));
  }
}

TEST(NarrowFloatLimits, OverflowAndNan) {
  EXPECT_EQ(to_half(65519.996f).bits, 0x7bff);
  EXPECT_EQ(to_half(65520.0f).bits, 0x7c00);
  EXPECT_EQ(to_float8_e4m3(464.0f).bits, 0x7e);  // a tie with 480, whose place NaN has: even is below
  EXPECT_EQ(to_float8_e4m3(465.0f).bits, 0x7f);
  EXPECT_EQ(to_float8_e4m3(-INFINITY).bits, 0xff);
  EXPECT_EQ(to_float8_e5m2(61439.0f).bits, 0x7b);
  EXPECT_EQ(to_float8_e5m2(61440.0f).bits, 0x7c);
  EXPECT_EQ(to_float8_e5m2(-INFINITY).bits, 0xfc);
  EXPECT_TRUE(std::isnan(to_float(to_float8_e5m2(-NAN))) && std::isnan(to_float(to_float8_e4m3(NAN))));
  EXPECT_TRUE(std::isnan(to_float(to_half(NAN))) && std::isnan(to_float(to_bfloat16(NAN))));
}

TEST(NarrowFloatLimits, DTypeInfoNamesTheLargestFiniteValue) {
  EXPECT_EQ(to_float(float8_e4m3{0x7e}), info(f8e4m3).max);
  EXPECT_EQ(to_float(float8_e5m2{0x7b}), info(f8e5m2).max);
  EXPECT_EQ(to_float(half{0x7bff}), info(f16).max);
  EXPECT_EQ(to_float(bfloat16{0x7f7f}), info(bf16).max);
}

// A GPU widens element by element what the host widens in bulk.
TEST(Widen, ElementsAreThoseOfTheBulk) {
  std::vector<std::uint16_t> patterns(65536);
  for (std::size_t i = 0; i < patterns.size(); ++i) patterns[i] = static_cast<std::uint16_t>(i * 40503u);
  const auto* bytes = reinterpret_cast<const std::byte*>(patterns.data());
  for (const DType t : {f64, f32, f16, bf16, f8e4m3, f8e5m2, i64, i32, i8, u8}) {
    const auto n = static_cast<std::int64_t>(2 * patterns.size() / info(t).size);
    std::vector<double> bulk(static_cast<std::size_t>(n));
    verify::widen(t, bytes, n, bulk.data());
    for (std::int64_t i = 0; i < n; ++i) {
      const double one = verify::widen_element(t, bytes, i), other = bulk[static_cast<std::size_t>(i)];
      ASSERT_TRUE(one == other || (std::isnan(one) && std::isnan(other))) << info(t).name << " " << i;
    }
  }
}

}  // namespace
