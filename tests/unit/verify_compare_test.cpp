// Comparison, tolerances against real loops of every honesty, and the oracle on whole calls.
#include "verify/compare.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "verify/random.hpp"

namespace {

using namespace aisp;
using namespace aisp::verify;

constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

TensorSpec output(DType t, std::int64_t n) {
  return {.name = "y", .role = Role::output, .dtype = t, .shape = {n}, .distribution = {}};
}

template <class T> std::span<const std::byte> bytes_of(const std::vector<T>& v) { return std::as_bytes(std::span(v)); }

template <class T>
model::Comparison compared(DType t, const std::vector<T>& got, const std::vector<double>& expected,
                           Tolerance tolerance = {.element = 16, .norm = 8, .why = {}},
                           const std::vector<double>& scale = {}) {
  return compare(output(t, static_cast<std::int64_t>(got.size())), is_float(t) ? f32 : i32, tolerance, bytes_of(got),
                 expected, scale, {});
}

TEST(Compare, AcceptsEqualAndReportsErrorsInUnitsOfTheTolerance) {
  std::vector<float> got(1000, 2.0f);
  std::vector<double> expected(1000, 2.0);
  EXPECT_TRUE(compared(f32, got, expected).ok());
  EXPECT_EQ(compared(f32, got, expected).max_error, 0);
  // Element tolerance: 16 eps · 2 and one rounding: 17 · 2^-23.
  got[700] = 2.0f + 16 * 0x1p-23f;
  auto c = compared(f32, got, expected);
  EXPECT_EQ(c.wrong, 0);
  EXPECT_NEAR(c.max_error, 16.0 / 17, 1e-6);
  got[700] = 2.0f + 18 * 0x1p-23f;
  c = compared(f32, got, expected);
  EXPECT_EQ(c.wrong, 1);
  EXPECT_EQ(c.first_wrong, 700);
  EXPECT_EQ(c.got, static_cast<double>(got[700]));
  EXPECT_EQ(c.expected, 2);
  EXPECT_NEAR(c.max_error, 18.0 / 17, 1e-6);
}

TEST(Compare, TheNormSeesManySmallErrorsThatNoElementShows) {
  const std::vector<double> expected(4096, 1.0);
  const std::vector<float> got(4096, 1.0f + 12 * 0x1p-23f * 0.5f);
  const auto c = compared(f32, got, expected, {.element = 16, .norm = 4, .why = {}});
  EXPECT_EQ(c.wrong, 0);
  EXPECT_GT(c.norm_error, 1);
  EXPECT_FALSE(c.ok());
}

TEST(Compare, CatchesASingleWrongElementAnywhere) {
  for (const std::int64_t n : {1, 7, 8, 9, 511, 512, 513, 65535, 65536, 65537, 200003}) {
    std::vector<float> got(static_cast<std::size_t>(n), 3.0f);
    const std::vector<double> expected(got.size(), 3.0);
    for (const std::int64_t at : {std::int64_t{0}, n / 2, n - 1}) {
      got[static_cast<std::size_t>(at)] = 3.001f;
      const auto c = compared(f32, got, expected);
      EXPECT_EQ(c.wrong, 1) << n;
      EXPECT_EQ(c.first_wrong, at) << n;
      got[static_cast<std::size_t>(at)] = 3.0f;
    }
  }
}

TEST(Compare, NanAndInfinityAreRightOnlyWhereTheReferenceHasThem) {
  const std::vector<double> expected{1, nan, inf, -inf, 1, 2, 3, 4, 5, 6};
  std::vector<float> got{1, NAN, INFINITY, -INFINITY, 1, 2, 3, 4, 5, 6};
  EXPECT_TRUE(compared(f32, got, expected).ok());
  const auto wrong_with = [&](std::size_t at, float value) {
    auto other = got;
    other[at] = value;
    return compared(f32, other, expected);
  };
  EXPECT_EQ(wrong_with(0, NAN).nonfinite, 1);
  EXPECT_EQ(wrong_with(0, INFINITY).wrong, 1);
  EXPECT_EQ(wrong_with(9, NAN).first_wrong, 9);
  EXPECT_EQ(wrong_with(1, 0).wrong, 1);
  EXPECT_EQ(wrong_with(1, 0).nonfinite, 0);
  EXPECT_EQ(wrong_with(2, -INFINITY).wrong, 1);
  EXPECT_EQ(wrong_with(2, 3e38f).wrong, 1);
  EXPECT_EQ(wrong_with(3, NAN).wrong, 1);
  EXPECT_FALSE(std::isnan(wrong_with(3, NAN).norm_error));
}

TEST(Compare, AFiniteExpectationBeyondTheDtypeMayBeItsInfinity) {
  const std::vector<double> expected{70000, -1e9, 1};
  EXPECT_TRUE(compared(f16, std::vector<half>{{0x7c00}, {0xfc00}, {0x3c00}}, expected).ok());
  EXPECT_EQ(compared(f16, std::vector<half>{{0x7c00}, {0x7c00}, {0x3c00}}, expected).wrong, 1);
  EXPECT_EQ(compared(f16, std::vector<half>{{0x7c00}, {0xfc00}, {0x7c00}}, expected).wrong, 1);
}

TEST(Compare, NegativeZeroEqualsZeroAndAZeroScaleIsExact) {
  EXPECT_TRUE(compared(f32, std::vector<float>{-0.0f, 0.0f}, {0.0, -0.0}).ok());
  EXPECT_TRUE(compared(f32, std::vector<float>{1e-39f}, {0.0}).ok());
  EXPECT_TRUE(compared(f32, std::vector<float>{0.0f}, {1e-39}).ok());  // flushed to zero
  EXPECT_EQ(compared(f32, std::vector<float>{1e-30f}, {0.0}).wrong, 1);
  EXPECT_EQ(compared(f16, std::vector<half>{{1}}, {0.0}).wrong, 1);
  EXPECT_TRUE(compared(f16, std::vector<half>{{0}}, {0x1p-25}).ok());
}

TEST(Compare, TheScaleWidensTheTolerance) {
  EXPECT_EQ(compared(f32, std::vector<float>{1e-4f}, {0.0}).wrong, 1);
  EXPECT_EQ(compared(f32, std::vector<float>{1e-4f}, {0.0}, {16, 16, {}}, {1000.0}).wrong, 0);
}

TEST(Compare, OutputRoundingIsAllowedOnTopOfTheArithmetic) {
  // f32 arithmetic, bf16 output: half a bf16 ulp is honest, a whole one is not.
  EXPECT_TRUE(compared(bf16, std::vector<bfloat16>{to_bfloat16(1.0f)}, {1 + 0x1p-8}).ok());
  EXPECT_EQ(compared(bf16, std::vector<bfloat16>{to_bfloat16(1.0f)}, {1 + 0x1p-7}).wrong, 1);
  EXPECT_TRUE(compared(f8e4m3, std::vector<float8_e4m3>{to_float8_e4m3(17.0f)}, {17.0}).ok());
}

TEST(Compare, IntegersAreExact) {
  const std::vector<double> expected{1, -2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<std::int32_t> got{1, -2, 3, 4, 5, 6, 7, 8, 9};
  EXPECT_TRUE(compared(i32, got, expected).ok());
  got[8] = 10;
  const auto c = compared(i32, got, expected, {1e9, 1e9, "as loose as can be"});
  EXPECT_EQ(c.wrong, 1);
  EXPECT_EQ(c.first_wrong, 8);
  EXPECT_EQ(c.max_error, 2);
  EXPECT_FALSE(c.ok());
  EXPECT_EQ(compared(i32, got, std::vector<double>(9, nan)).wrong, 9);
}

TEST(Compare, TellsUntouchedFromWrong) {
  std::vector<float> got(5000), before(5000);
  std::vector<double> expected(5000, 100.0);
  poison(f32, Key{1}, std::as_writable_bytes(std::span(before)));
  std::fill(got.begin(), got.end(), 100.0f);
  got[10] = before[10];
  got[4999] = before[4999];
  got[20] = 99;
  const auto c = compare(output(f32, 5000), f32, {16, 8, {}}, bytes_of(got), expected, {}, bytes_of(before));
  EXPECT_EQ(c.wrong, 3);
  EXPECT_EQ(c.untouched, 2);
}

TEST(Compare, DoesNotDependOnTheNumberOfThreads) {
  const std::int64_t n = 3'000'001;
  std::vector<float> got(static_cast<std::size_t>(n));
  std::vector<double> expected(got.size());
  const TensorSpec spec = output(f32, n);
  TensorSpec source = spec;
  source.distribution = normal(0, 1);
  draw(source, Key{1}, std::as_writable_bytes(std::span(got)));
  to_doubles(f32, bytes_of(got), expected);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] *= 1 + 0x1p-25 * static_cast<double>(i % 5);
  got[2'999'999] = 1e6f;
  const auto one = compare(spec, f32, {2, 1, {}}, bytes_of(got), expected, {}, {}, 1);
  const auto two = compare(spec, f32, {2, 1, {}}, bytes_of(got), expected, {}, {}, 3);
  EXPECT_EQ(one.norm_error, two.norm_error);
  EXPECT_EQ(one.max_error, two.max_error);
  EXPECT_EQ(one.first_wrong, 2'999'999);
  EXPECT_EQ(two.first_wrong, 2'999'999);
}

TEST(Compare, RefusesSizesThatDoNotFit) {
  const std::vector<float> got(4);
  EXPECT_THROW(compare(output(f32, 5), f32, {}, bytes_of(got), std::vector<double>(5), {}, {}), std::invalid_argument);
  EXPECT_THROW(compare(output(f32, 4), f32, {}, bytes_of(got), std::vector<double>(3), {}, {}), std::invalid_argument);
  EXPECT_THROW(compare(output(f32, 4), f32, {}, bytes_of(got), std::vector<double>(4), std::vector<double>(1), {}),
               std::invalid_argument);
}

// ---------------------------------------------------------------------------------------------------------------------
// Tolerance: honest f32 sums in any order pass, sums in less precision do not.

// y[r] = Σ_k a[r, k] · b[r, k] as the oracle sees it.
Problem row_dots(std::int64_t rows, std::int64_t depth, Distribution d) {
  Problem p;
  p.target = "test:row_dots";
  p.tensors = {{.name = "a", .role = Role::fresh, .dtype = f32, .shape = {rows, depth}, .distribution = d},
               {.name = "b", .role = Role::fresh, .dtype = f32, .shape = {rows, depth}, .distribution = d},
               {.name = "y", .role = Role::output, .dtype = f32, .shape = {rows}, .distribution = {}}};
  p.depth = depth;
  p.reference = [=](Case& c) {
    const auto a = c.in<2>("a"), b = c.in<2>("b");
    const auto y = c.out<1>("y"), scale = c.scale<1>("y");
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t k = 0; k < depth; ++k) {
        y(r) += a(r, k) * b(r, k);
        scale(r) += std::fabs(a(r, k) * b(r, k));
      }
  };
  return p;
}

using Dot = float (*)(const float*, const float*, std::int64_t);

float sequential(const float* a, const float* b, std::int64_t n) {
  float sum = 0;
  for (std::int64_t k = 0; k < n; ++k) sum += a[k] * b[k];
  return sum;
}
float backwards(const float* a, const float* b, std::int64_t n) {
  float sum = 0;
  for (std::int64_t k = n; k-- > 0;) sum = std::fma(a[k], b[k], sum);
  return sum;
}
float pairwise(const float* a, const float* b, std::int64_t n) {
  if (n <= 2) return sequential(a, b, n);
  return pairwise(a, b, n / 2) + pairwise(a + n / 2, b + n / 2, n - n / 2);
}
float lanes(const float* a, const float* b, std::int64_t n) {
  float sum[16] = {};
  for (std::int64_t k = 0; k < n; ++k) sum[k % 16] += a[k] * b[k];
  return std::accumulate(sum, sum + 16, 0.0f);
}
float f16_accumulated(const float* a, const float* b, std::int64_t n) {
  half sum{};
  for (std::int64_t k = 0; k < n; ++k) sum = to_half(to_float(sum) + a[k] * b[k]);
  return to_float(sum);
}
float bf16_accumulated(const float* a, const float* b, std::int64_t n) {
  bfloat16 sum{};
  for (std::int64_t k = 0; k < n; ++k) sum = to_bfloat16(to_float(sum) + a[k] * b[k]);
  return to_float(sum);
}
float to_tf32(float f) {  // 10 bits of fraction, to nearest even
  const auto u = std::bit_cast<std::uint32_t>(f);
  return std::bit_cast<float>((u + 0xfffu + ((u >> 13) & 1u)) & ~0x1fffu);
}
float tf32_accumulated(const float* a, const float* b, std::int64_t n) {
  float sum = 0;
  for (std::int64_t k = 0; k < n; ++k) sum = to_tf32(sum + a[k] * b[k]);
  return sum;
}
float f16_inputs(const float* a, const float* b, std::int64_t n) {
  float sum = 0;
  for (std::int64_t k = 0; k < n; ++k) sum += to_float(to_half(a[k])) * to_float(to_half(b[k]));
  return sum;
}

model::Comparison judged(const Problem& p, Dot dot, Key key) {
  const std::int64_t rows = p.tensors[0].shape[0], depth = p.tensors[0].shape[1];
  std::vector<float> a(static_cast<std::size_t>(rows * depth)), b(a.size()), y(static_cast<std::size_t>(rows));
  draw(p.tensors[0], derive(key, "a"), std::as_writable_bytes(std::span(a)));
  draw(p.tensors[1], derive(key, "b"), std::as_writable_bytes(std::span(b)));
  for (std::int64_t r = 0; r < rows; ++r)
    y[static_cast<std::size_t>(r)] =
        dot(&a[static_cast<std::size_t>(r * depth)], &b[static_cast<std::size_t>(r * depth)], depth);
  const Oracle oracle(p, {bytes_of(a), bytes_of(b), {}}, key);
  return oracle.check({{}, {}, bytes_of(y)}, {{}, {}, {}}).at(0);
}

const std::vector<Distribution> kInputs{normal(0, 1), uniform(0, 1), uniform(0.99, 1), mixed(normal(0, 3)),
                                        mixed(uniform(-1, 2))};

TEST(DerivedTolerance, HonestSumsInAnyOrderAlwaysPass) {
  double worst = 0;
  for (const auto& d : kInputs)
    for (const auto& [rows, depth] : std::vector<std::pair<std::int64_t, std::int64_t>>{
             {1, 1}, {300, 2}, {200, 64}, {1, 1000}, {20, 4096}, {2, 60000}, {1, 1 << 17}})
      for (const Dot dot : {sequential, backwards, pairwise, lanes})
        for (std::uint64_t k = 0; k < 8; ++k) {
          const auto c = judged(row_dots(rows, depth, d), dot, Key{k});
          ASSERT_TRUE(c.ok()) << "rows " << rows << " depth " << depth << " element " << c.max_error << " norm "
                              << c.norm_error;
          worst = std::max({worst, c.max_error, c.norm_error});
        }
  RecordProperty("worst_error_in_tolerances", std::to_string(worst));
  EXPECT_LT(worst, 0.8);  // room for seeds not tried here
}

TEST(DerivedTolerance, SumsAccumulatedInLessPrecisionFail) {
  for (const auto& d : {normal(0, 1), uniform(0, 1)})
    for (const auto& [rows, depth] :
         std::vector<std::pair<std::int64_t, std::int64_t>>{{100, 64}, {64, 1000}, {16, 4096}, {4, 30000}})
      for (const Dot dot : {f16_accumulated, bf16_accumulated, tf32_accumulated})
        for (std::uint64_t k = 0; k < 5; ++k)
          EXPECT_FALSE(judged(row_dots(rows, depth, d), dot, Key{k}).ok()) << "depth " << depth;
}

TEST(DerivedTolerance, InputsRoundedToF16FailUpToTheDocumentedDepth) {
  for (const std::int64_t depth : {64, 512, 4096})
    for (std::uint64_t k = 0; k < 5; ++k)
      EXPECT_FALSE(judged(row_dots(200, depth, normal(0, 1)), f16_inputs, Key{k}).ok()) << "depth " << depth;
}

TEST(DerivedTolerance, AStatedOneReplacesIt) {
  Problem p = row_dots(4, 64, normal(0, 1));
  EXPECT_EQ(effective_tolerance(p).element, 8 + 4 * 8);
  p.tolerance = Tolerance{1, 1, {}};
  EXPECT_EQ(effective_tolerance(p).element, 1);
}

// ---------------------------------------------------------------------------------------------------------------------
// The oracle on a whole call.

TEST(Oracle, CatchesTheUsualCheats) {
  const Problem p = row_dots(500, 40, normal(1, 1));
  for (std::uint64_t k = 0; k < 20; ++k) {
    std::vector<float> a(500 * 40), b(a.size()), y(500), before(500);
    draw(p.tensors[0], derive(Key{k}, "a"), std::as_writable_bytes(std::span(a)));
    draw(p.tensors[1], derive(Key{k}, "b"), std::as_writable_bytes(std::span(b)));
    poison(f32, derive(Key{k}, "poison"), std::as_writable_bytes(std::span(before)));
    const Oracle oracle(p, {bytes_of(a), bytes_of(b), {}}, Key{k});
    ASSERT_TRUE(oracle.full());
    const auto check = [&] { return oracle.check({{}, {}, bytes_of(y)}, {{}, {}, bytes_of(before)}).at(0); };
    for (std::size_t r = 0; r < 500; ++r) y[r] = lanes(&a[r * 40], &b[r * 40], 40);
    const auto honest = y;
    EXPECT_TRUE(check().ok());
    std::fill(y.begin(), y.end(), 0.0f);
    EXPECT_EQ(check().wrong, 500);
    std::fill(y.begin(), y.end(), std::accumulate(honest.begin(), honest.end(), 0.0f) / 500);
    EXPECT_FALSE(check().ok());
    std::copy_n(a.begin(), 500, y.begin());
    EXPECT_FALSE(check().ok());
    y = before;
    EXPECT_EQ(check().untouched, 500);
    y = honest;
    const std::size_t at = below(Key{k}, 500);
    y[at] = before[at];
    EXPECT_EQ(check().wrong, 1);
    EXPECT_EQ(check().untouched, 1);
    EXPECT_EQ(check().first_wrong, static_cast<std::int64_t>(at));
  }
}

TEST(Oracle, InoutStartsAsWhatTheCallSaw) {
  Problem p;
  p.target = "test:increment";
  p.tensors = {{.name = "s", .role = Role::inout, .dtype = f32, .shape = {3}, .distribution = {}}};
  p.reference = [](Case& c) {
    const auto before = c.in<1>("s");
    const auto s = c.out<1>("s");
    for (int i = 0; i < 3; ++i) s(i) += before(i) + 1;
  };
  const std::vector<float> before{1, 2, 3}, after{3, 5, 7};
  const Oracle oracle(p, {bytes_of(before)}, Key{1});
  EXPECT_TRUE(oracle.check({bytes_of(after)}, {{}}).at(0).ok());
  EXPECT_EQ(oracle.check({bytes_of(before)}, {bytes_of(before)}).at(0).untouched, 3);
}

TEST(Oracle, SaysWhatIsMissing) {
  Problem p = row_dots(2, 2, normal(0, 1));
  const std::vector<float> a(4);
  EXPECT_THROW(Oracle(p, {bytes_of(a)}, Key{1}), std::invalid_argument);
  EXPECT_THROW(Oracle(p, {bytes_of(a), {}, {}}, Key{1}), std::invalid_argument);
  p.reference = nullptr;
  EXPECT_THROW(Oracle(p, {bytes_of(a), bytes_of(a), {}}, Key{1}), std::invalid_argument);
}

}  // namespace
