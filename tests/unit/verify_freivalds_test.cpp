// The probabilistic check of a product: honest ones pass, any single wrong element is caught.
#include "verify/freivalds.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "verify/compare.hpp"

namespace {

using namespace aisp;
using namespace aisp::verify;

TensorSpec tensor(std::string name, Role role, std::vector<std::int64_t> shape, DType t = f32) {
  return {.name = std::move(name), .role = role, .dtype = t, .shape = std::move(shape), .distribution = normal(0, 1)};
}

template <class T> std::span<const std::byte> bytes_of(const std::vector<T>& v) { return std::as_bytes(std::span(v)); }

// One call of C = A·B with honest f32 output.
struct Call {
  Problem problem;
  ProductShape shape;
  std::vector<float> a, b, c, before;
  std::vector<double> a_wide, b_wide;

  Call(std::int64_t batch, std::int64_t m, std::int64_t n, std::int64_t k, bool transposed, Key key,
       Distribution d = normal(0, 1)) {
    problem.target = "test:product";
    problem.tensors = {tensor("a", Role::fresh, {batch, m, k}),
                       tensor("b", Role::fresh, transposed ? std::vector{batch, n, k} : std::vector{batch, k, n}),
                       tensor("c", Role::output, {batch, m, n})};
    problem.tensors[0].distribution = problem.tensors[1].distribution = d;
    problem.product = Product{.c = "c", .a = "a", .b = "b", .b_transposed = transposed};
    problem.depth = k;
    shape = product_shape(problem);
    a.resize(static_cast<std::size_t>(batch * m * k));
    b.resize(static_cast<std::size_t>(batch * k * n));
    c.resize(static_cast<std::size_t>(batch * m * n));
    before.resize(c.size());
    draw(problem.tensors[0], derive(key, "a"), std::as_writable_bytes(std::span(a)));
    draw(problem.tensors[1], derive(key, "b"), std::as_writable_bytes(std::span(b)));
    poison(f32, derive(key, "c"), std::as_writable_bytes(std::span(before)));
    for (std::int64_t z = 0; z < batch; ++z)
      for (std::int64_t i = 0; i < m; ++i)
        for (std::int64_t j = 0; j < n; ++j) {
          float sum = 0;
          for (std::int64_t q = 0; q < k; ++q)
            sum += a[at(z, m, k, i, q)] * (transposed ? b[at(z, n, k, j, q)] : b[at(z, k, n, q, j)]);
          c[at(z, m, n, i, j)] = sum;
        }
    a_wide = to_doubles(f32, bytes_of(a));
    b_wide = to_doubles(f32, bytes_of(b));
  }

  static std::size_t at(std::int64_t z, std::int64_t rows, std::int64_t columns, std::int64_t i, std::int64_t j) {
    return static_cast<std::size_t>((z * rows + i) * columns + j);
  }

  model::Comparison check(Key key, int threads = 1) const {
    return freivalds(problem.tensors[2], shape, f32, derived_tolerance(problem), a_wide, b_wide, bytes_of(c),
                     bytes_of(before), key, threads);
  }

  // The element tolerance of element i, in absolute terms.
  double tolerance(std::size_t i) const {
    double value = 0, scale = 0;
    const auto row = static_cast<std::int64_t>(i) / shape.n;
    product_row(a_wide.data() + row * shape.k, b_wide.data() + row / shape.m * shape.k * shape.n, shape,
                static_cast<std::int64_t>(i) % shape.n, 1, &value, &scale);
    const auto bound = element_bound(f32, f32, derived_tolerance(problem).element);
    return bound.of_scale * scale + bound.of_value * std::fabs(value) + bound.slack;
  }
};

std::int64_t pick(Key key, const char* what, std::int64_t most) {
  return 1 + static_cast<std::int64_t>(below(derive(key, what), static_cast<std::uint64_t>(most)));
}

TEST(Freivalds, HonestProductsPassInAThousandTrials) {
  double worst = 0;
  for (std::uint64_t t = 0; t < 1000; ++t) {
    const Key key{t};
    const auto d = t % 3 == 0 ? mixed(normal(0, 2)) : t % 3 == 1 ? uniform(0, 1) : normal(0, 1);
    const Call call(pick(key, "batch", 3), pick(key, "m", 24), pick(key, "n", 40), pick(key, "k", 200), t % 2, key, d);
    const auto c = call.check(derive(key, "check"));
    ASSERT_TRUE(c.ok()) << "trial " << t << " element " << c.max_error << " norm " << c.norm_error;
    worst = std::max({worst, c.max_error, c.norm_error});
  }
  EXPECT_LT(worst, 0.8);
}

TEST(Freivalds, CatchesAnySingleElementOffByAHundredTolerances) {
  for (std::uint64_t t = 0; t < 20; ++t) {
    Call call(2, 9, 37, 150, t % 2, Key{t});
    std::vector<std::size_t> places{0, 15, 16, 31, 32, 36, 37, call.c.size() - 1, call.c.size() / 2};
    for (std::uint64_t r = 0; r < 10; ++r) places.push_back(below(derive(Key{t}, "place", r), call.c.size()));
    for (const std::size_t at : places) {
      const float right = call.c[at];
      const double sign = below(derive(Key{t}, "sign", at), 2) ? 1 : -1;
      call.c[at] = static_cast<float>(static_cast<double>(right) + sign * 100 * call.tolerance(at));
      const auto c = call.check(derive(Key{t}, "check", at));
      EXPECT_FALSE(c.ok()) << at;
      EXPECT_EQ(c.wrong, 1) << at;
      EXPECT_EQ(c.first_wrong, static_cast<std::int64_t>(at));
      EXPECT_EQ(c.got, static_cast<double>(call.c[at]));
      EXPECT_NEAR(c.expected, static_cast<double>(right), 1e-4);
      call.c[at] = right;
    }
  }
}

TEST(Freivalds, CatchesEveryUntouchedElementAndNonfiniteOnes) {
  for (const bool transposed : {false, true}) {
    Call call(1, 8, 33, 64, transposed, Key{5});
    for (std::size_t i = 0; i < call.c.size(); ++i) {
      const float right = call.c[i];
      call.c[i] = call.before[i];
      auto c = call.check(Key{i});
      EXPECT_FALSE(c.ok()) << i;
      EXPECT_EQ(c.untouched, 1) << i;
      EXPECT_EQ(c.first_wrong, static_cast<std::int64_t>(i));
      call.c[i] = i % 2 ? NAN : INFINITY;
      c = call.check(Key{i});
      EXPECT_FALSE(c.ok()) << i;
      EXPECT_EQ(c.nonfinite, 1) << i;
      call.c[i] = right;
    }
  }
}

TEST(Freivalds, CatchesTheUsualCheats) {
  Call call(1, 64, 64, 64, false, Key{1});
  const auto honest = call.c;
  std::fill(call.c.begin(), call.c.end(), 0.0f);
  EXPECT_FALSE(call.check(Key{2}).ok());
  std::fill(call.c.begin(), call.c.end(), std::accumulate(honest.begin(), honest.end(), 0.0f) / 4096);
  EXPECT_FALSE(call.check(Key{2}).ok());
  call.c = call.a;
  EXPECT_FALSE(call.check(Key{2}).ok());
  call.c = call.before;
  const auto c = call.check(Key{2});
  EXPECT_EQ(c.wrong, 4096);
  EXPECT_EQ(c.untouched, 4096);
}

TEST(Freivalds, InputsRoundedToF16FailInNorm) {
  Call call(1, 48, 48, 512, false, Key{3});
  for (std::int64_t i = 0; i < 48; ++i)
    for (std::int64_t j = 0; j < 48; ++j) {
      float sum = 0;
      for (std::int64_t q = 0; q < 512; ++q)
        sum += to_float(to_half(call.a[Call::at(0, 48, 512, i, q)])) *
               to_float(to_half(call.b[Call::at(0, 512, 48, q, j)]));
      call.c[Call::at(0, 48, 48, i, j)] = sum;
    }
  EXPECT_GT(call.check(Key{4}).norm_error, 1);
}

TEST(Freivalds, DoesNotDependOnTheNumberOfThreads) {
  Call call(2, 70, 530, 160, false, Key{6});
  call.c[12345] += 1;
  const auto one = call.check(Key{1}, 1), two = call.check(Key{1}, 2);
  EXPECT_EQ(one.wrong, two.wrong);
  EXPECT_EQ(one.first_wrong, 12345);
  EXPECT_EQ(two.first_wrong, 12345);
  EXPECT_EQ(one.max_error, two.max_error);
}

TEST(FullProduct, AgreesWithTheDefinition) {
  for (const bool transposed : {false, true}) {
    const Call call(2, 7, 19, 33, transposed, Key{8});
    std::vector<double> c(call.c.size()), scale(c.size()), row(19), row_scale(19);
    full_product(call.shape, call.a_wide, call.b_wide, c, scale, 2);
    for (std::int64_t i = 0; i < 14; ++i) {
      product_row(call.a_wide.data() + i * 33, call.b_wide.data() + i / 7 * 33 * 19, call.shape, 0, 19, row.data(),
                  row_scale.data());
      for (std::size_t j = 0; j < 19; ++j) {
        const std::size_t at = static_cast<std::size_t>(i) * 19 + j;
        EXPECT_NEAR(c[at], row[j], 1e-12);
        EXPECT_NEAR(scale[at], row_scale[j], 1e-12);
        EXPECT_NEAR(c[at], static_cast<double>(call.c[at]), 1e-4);
      }
    }
  }
}

TEST(OracleOfAProduct, IsFullWhenSmallAndProbabilisticWhenLarge) {
  Call small(1, 16, 16, 16, false, Key{1});
  const Oracle full(small.problem, {bytes_of(small.a), bytes_of(small.b), {}}, Key{2});
  EXPECT_TRUE(full.full());
  EXPECT_TRUE(full.check({{}, {}, bytes_of(small.c)}, {{}, {}, bytes_of(small.before)}).at(0).ok());

  Call large(1, 260, 256, 257, true, Key{1});
  const Oracle probabilistic(large.problem, {bytes_of(large.a), bytes_of(large.b), {}}, Key{2});
  EXPECT_FALSE(probabilistic.full());
  const auto check = [&] {
    return probabilistic.check({{}, {}, bytes_of(large.c)}, {{}, {}, bytes_of(large.before)}).at(0);
  };
  EXPECT_TRUE(check().ok());
  large.c.back() = large.before.back();
  EXPECT_EQ(check().first_wrong, 260 * 256 - 1);
}

TEST(ProductShape, SharedBCountsLeadingDimensionsAsRowsAndMismatchesAreSaid) {
  Problem p;
  p.target = "test:shared";
  p.tensors = {tensor("a", Role::fresh, {4, 3, 5}), tensor("b", Role::constant, {5, 7}),
               tensor("c", Role::output, {4, 3, 7})};
  p.product = Product{.c = "c", .a = "a", .b = "b"};
  EXPECT_EQ(product_shape(p).m, 12);
  EXPECT_EQ(product_shape(p).batch, 1);
  p.product->b_transposed = true;
  EXPECT_THROW(product_shape(p), std::invalid_argument);
  p.product = Product{.c = "c", .a = "a", .b = "nothing"};
  EXPECT_THROW(product_shape(p), std::invalid_argument);
  p.product = Product{.c = "a", .a = "a", .b = "b"};
  EXPECT_THROW(product_shape(p), std::invalid_argument);
}

}  // namespace
