// Cases of a workload, and the lint on declarations with one thing wrong each.
#include <gtest/gtest.h>

#include <cmath>

#include "verify/cases.hpp"
#include "verify/compare.hpp"

namespace {

using namespace aisp;
using namespace aisp::verify;

void scaled_sum(Workload& w) {
  w.about("y = 2 a + b");
  const auto rows = w.param("rows", {.light = 20, .full = 400, .held_out = {8, 64, 8}, .edges = {1, 3}});
  const auto cols = w.param("cols", {.light = 30, .full = 300, .edges = {7}});
  w.input("a", f32, {rows, cols}, mixed(normal(0, 1)));
  w.constant("b", f32, {rows, cols}, normal(0, 1));
  w.output("y", f32, {rows, cols});
  w.reference([](Case& c) {
    const auto a = c.in<2>("a"), b = c.in<2>("b");
    const auto y = c.out<2>("y");
    for (std::int64_t i = 0; i < y.size(); ++i) y[i] = 2 * a[i] + b[i];
  });
}
const WorkloadEntry kEntry{"test:scaled_sum", &scaled_sum};

TEST(Cases, LightFullAndEdges) {
  EXPECT_EQ(describe_params(light_case(kEntry)), "rows=20 cols=30");
  EXPECT_EQ(describe_params(full_case(kEntry)), "rows=400 cols=300");
  std::vector<std::string> edges;
  for (const auto& p : edge_cases(kEntry)) edges.push_back(describe_params(p));
  EXPECT_EQ(edges, (std::vector<std::string>{"rows=1 cols=30", "rows=3 cols=30", "rows=20 cols=7"}));
}

TEST(Cases, HeldOutValuesAreKeyedMultiplesWithinTheRange) {
  std::vector<int> seen(65);
  for (std::uint64_t k = 0; k < 400; ++k) {
    const auto p = held_out_case(kEntry, Key{k});
    const auto rows = p.params[0].value;
    ASSERT_TRUE(rows >= 8 && rows <= 64 && rows % 8 == 0) << rows;
    ++seen[static_cast<std::size_t>(rows)];
    EXPECT_EQ(p.params[1].value, 30);
  }
  for (std::size_t rows = 8; rows <= 64; rows += 8) EXPECT_GT(seen[rows], 20) << rows;
}

TEST(Cases, ABadDeclarationNamesItsTarget) {
  const WorkloadEntry twice{"test:twice", [](Workload& w) {
                              w.param("n", {.light = 1, .full = 1});
                              w.param("n", {.light = 1, .full = 1});
                            }};
  const WorkloadEntry empty{"test:empty", [](Workload&) {}};
  for (const auto& entry : {twice, empty}) try {
      light_case(entry);
      ADD_FAILURE() << entry.target << " was accepted";
    } catch (const std::invalid_argument& e) {
      EXPECT_EQ(std::string(e.what()).find(std::string(entry.target) + ": "), 0u) << e.what();
      EXPECT_EQ(std::string(e.what()).rfind(entry.target), 0u) << "named once: " << e.what();
    }
}

// The findings must name what was broken, and nothing else may be found.
void expect_finding(const Problem& p, const std::string& part) {
  const auto found = lint(p, Key{7});
  ASSERT_FALSE(found.empty()) << "nothing found; expected: " << part;
  bool any = false;
  for (const auto& f : found) any |= f.find(part) != std::string::npos;
  EXPECT_TRUE(any) << "expected: " << part << "; first found: " << found[0];
}

TEST(Lint, AGoodDeclarationIsClean) {
  for (std::uint64_t k = 0; k < 10; ++k) EXPECT_EQ(lint(light_case(kEntry), Key{k}), std::vector<std::string>{});
  for (const auto& p : edge_cases(kEntry)) EXPECT_EQ(lint(p, Key{1}), std::vector<std::string>{});
}

Problem with_reference(Reference r) {
  Problem p = light_case(kEntry);
  p.reference = std::move(r);
  return p;
}

TEST(Lint, FindsAReferenceThatFails) {
  expect_finding(with_reference([](Case& c) { c.in<2>("nothing"); }), "no tensor 'nothing'");
  expect_finding(with_reference([](Case& c) { c.out<2>("y")(0, 0) = 1; }), "leaves element 1 unwritten");
  expect_finding(with_reference([](Case& c) {
                   const auto a = c.in<2>("a");
                   const auto y = c.out<2>("y");
                   for (std::int64_t i = 0; i < y.size(); ++i) y[i] = std::sqrt(a[i]);
                 }),
                 "writes NaN");
  Problem none = light_case(kEntry);
  none.reference = nullptr;
  expect_finding(none, "reference() is missing");
}

TEST(Lint, FindsNanOnHardDrawsAlone) {
  Problem p = with_reference([](Case& c) {
    const auto a = c.in<2>("a"), b = c.in<2>("b");
    const auto y = c.out<2>("y");
    for (std::int64_t i = 0; i < y.size(); ++i) y[i] = b[i] * a[i] / a[i] + a[i];  // 0 / 0 where the draw is sparse
  });
  std::size_t found = 0;
  for (std::uint64_t k = 0; k < 5; ++k) found += lint(p, Key{k}).size();
  EXPECT_GT(found, 0u);
}

TEST(Lint, FindsInputsThatDoNotMatter) {
  expect_finding(with_reference([](Case& c) {
                   const auto a = c.in<2>("a");
                   const auto y = c.out<2>("y");
                   for (std::int64_t i = 0; i < y.size(); ++i) y[i] = a[i];
                 }),
                 "no output depends on input 'b'");
  Problem p = light_case(kEntry);
  p.tensors[0].distribution = custom([](std::span<double> v, Random&) { std::fill(v.begin(), v.end(), 1.0); });
  expect_finding(p, "input 'a' is the same for different keys");
}

TEST(Lint, FindsOutputsThatACheatWouldHit) {
  const auto constant = [](double value) {
    return with_reference([value](Case& c) {
      const auto y = c.out<2>("y");
      for (auto& v : y) v = value;
    });
  };
  expect_finding(constant(3), "does not vary");
  expect_finding(constant(3), "its mean in every element would pass");
  expect_finding(constant(0), "zeros would pass");
}

// Three ranks, of which one has no rows; y = what the function makes of the rank's own x and the sum over all ranks.
Problem of_ranks(double (*value)(std::int64_t rank, double own, double sum)) {
  Problem p;
  p.target = "test:ranks";
  p.ranks = 3;
  for (const auto& [name, role] : {std::pair{"x", Role::fresh}, std::pair{"y", Role::output}})
    p.tensors.push_back({.name = name,
                         .role = role,
                         .dtype = f32,
                         .shape = {2, 500},
                         .distribution = role == Role::fresh ? normal(0, 1) : Distribution{},
                         .shards = {1, 0, 1}});
  p.reference = [value](Case& c) {
    const auto x = c.in<2>("x");
    const auto y = c.out<2>("y");
    for (int r = 0; r < 2; ++r)
      for (int i = 0; i < 500; ++i) y(r, i) = value(r == 0 ? 0 : 2, x(r, i), x(0, i) + x(1, i));
  };
  return p;
}

TEST(Lint, FindsARankThatNeedDoNothing) {
  EXPECT_EQ(lint(of_ranks([](std::int64_t, double, double sum) { return sum; }), Key{1}), std::vector<std::string>{});
  // A broadcast: the root's share is the copy that it should be.
  EXPECT_EQ(
      lint(of_ranks([](std::int64_t rank, double own, double sum) { return rank == 0 ? own : sum - own; }), Key{1}),
      std::vector<std::string>{});
  expect_finding(of_ranks([](std::int64_t rank, double, double sum) { return rank == 2 ? 0 : sum; }),
                 "zeros as the share of rank 2 would pass");
  expect_finding(of_ranks([](std::int64_t rank, double own, double sum) { return rank == 2 ? (1 + 1e-7) * own : sum; }),
                 "a copy of its input 'x' as the share of rank 2 would pass");
}

TEST(Lint, FindsTolerancesThatAreLooserThanTheArithmetic) {
  Problem p = light_case(kEntry);
  p.tolerance = Tolerance{.element = 1000, .norm = 2, .why = {}};
  expect_finding(p, "looser than the arithmetic justifies");
  p.tolerance->why = "the approximation is stated in the paper";
  EXPECT_EQ(lint(p, Key{1}), std::vector<std::string>{});
  p.tolerance = Tolerance{.element = 1e9, .norm = 1e9, .why = "anything goes"};
  expect_finding(p, "an element left untouched would pass");
  p.tolerance = Tolerance{.element = -1, .norm = 1, .why = {}};
  expect_finding(p, "finite and not negative");
}

TEST(Lint, FindsAReferenceThatOverflowsItsOutputOrContradictsItsProduct) {
  Problem p;
  p.target = "test:product";
  p.tensors = {{.name = "a", .role = Role::fresh, .dtype = f32, .shape = {8, 8}, .distribution = normal(0, 1)},
               {.name = "b", .role = Role::fresh, .dtype = f32, .shape = {8, 8}, .distribution = normal(0, 1)},
               {.name = "c", .role = Role::output, .dtype = f32, .shape = {8, 8}, .distribution = {}}};
  p.product = Product{.c = "c", .a = "a", .b = "b"};
  p.depth = 8;
  const auto multiply = [](double factor, bool transposed) {
    return [=](Case& c) {
      const auto a = c.in<2>("a"), b = c.in<2>("b");
      const auto y = c.out<2>("c"), scale = c.scale<2>("c");
      for (int i = 0; i < 8; ++i)
        for (int j = 0; j < 8; ++j) {
          y(i, j) = 0;
          for (int k = 0; k < 8; ++k) {
            const double term = factor * a(i, k) * (transposed ? b(j, k) : b(k, j));
            y(i, j) += term;
            scale(i, j) += std::fabs(term);
          }
        }
    };
  };
  EXPECT_EQ(lint(p, Key{1}), std::vector<std::string>{});  // the product alone will do
  p.reference = multiply(1, false);
  EXPECT_EQ(lint(p, Key{1}), std::vector<std::string>{});
  p.reference = multiply(1, true);
  expect_finding(p, "disagrees with the declared product");
  p.product.reset();
  p.reference = multiply(1e300, false);
  expect_finding(p, "do not pass when rounded to f32");
}

// y ← W[l]·y for every layer, with or without a non-linearity between; n·n multiply-adds a layer are declared.
WorkloadEntry chain(bool bent) {
  static const auto declare = [](Workload& w, bool relu) {
    w.about("a chain of products");
    const auto n = w.param("n", {.light = 24, .full = 24, .held_out = {8, 30}});
    const auto layers = w.param("layers", {.light = 6, .full = 6});
    w.constant("weights", f32, {layers, n, n}, normal(0, 0.3));
    w.input("x", f32, {n}, normal(0, 1));
    w.output("y", f32, {n});
    w.accumulates(n * layers);
    w.flops(2.0 * static_cast<double>(layers * n * n));
    w.reference([=](Case& c) {
      const auto weights = c.in<3>("weights");
      const auto x = c.in<1>("x");
      const auto y = c.out<1>("y"), scale = c.scale<1>("y");
      std::vector<double> h(x.begin(), x.end()), next(h.size());
      for (std::int64_t l = 0; l < layers; ++l) {
        for (std::int64_t i = 0; i < n; ++i) {
          double sum = 0, magnitude = 0;
          for (std::int64_t j = 0; j < n; ++j) {
            sum += weights(l, i, j) * h[static_cast<std::size_t>(j)];
            magnitude += std::fabs(weights(l, i, j) * h[static_cast<std::size_t>(j)]);
          }
          next[static_cast<std::size_t>(i)] = relu && l + 1 < layers ? std::max(sum, 0.0) : sum;
          scale[i] = magnitude;
        }
        h = next;
      }
      std::copy(h.begin(), h.end(), y.begin());
    });
  };
  return bent ? WorkloadEntry{"test:bent", [](Workload& w) { declare(w, true); }}
              : WorkloadEntry{"test:chain", [](Workload& w) { declare(w, false); }};
}

TEST(Lint, FindsConstantsThatBindCouldCompose) {
  auto linear = light_case(chain(false));
  expect_finding(linear,
                 "bind can compose the constants into a map of 1.15e+03 FLOPs a call, and 6.91e+03 are declared");
  linear.composable = "the lesson is elsewhere";
  EXPECT_EQ(lint(linear, Key{7}), std::vector<std::string>{});
  EXPECT_EQ(lint(light_case(chain(true)), Key{7}), std::vector<std::string>{});
}

// y[b, i] = scale[b]·Σ x[b, j]·w[i, j], over INT8 or FP32: linear, and nothing in it can be composed.
template <class Spec> Problem layer(const Spec& x, double work) {
  Problem p;
  p.target = "test:layer";
  p.tensors = {{.name = "x", .role = Role::fresh, .dtype = x.first, .shape = {4, 16}, .distribution = x.second},
               {.name = "s", .role = Role::fresh, .dtype = f32, .shape = {4}, .distribution = uniform(1, 2)},
               {.name = "w", .role = Role::constant, .dtype = f32, .shape = {12, 16}, .distribution = normal(0, 1)},
               {.name = "y", .role = Role::output, .dtype = f32, .shape = {4, 12}, .distribution = {}}};
  p.depth = 17;
  p.flops = work;
  p.reference = [](Case& c) {
    const auto in = c.in<2>("x"), w = c.in<2>("w");
    const auto s = c.in<1>("s");
    const auto y = c.out<2>("y"), scale = c.scale<2>("y");
    for (int b = 0; b < 4; ++b)
      for (int i = 0; i < 12; ++i) {
        y(b, i) = scale(b, i) = 0;
        for (int j = 0; j < 16; ++j) {
          const double term = s[b] * in(b, j) * w(i, j);
          y(b, i) += term;
          scale(b, i) += std::fabs(term);
        }
      }
  };
  return p;
}

TEST(Lint, ALinearLayerCannotBeComposedIntoLess) {
  const std::pair real{f32, normal(0, 1)}, whole{i8, integers(-127, 127)};
  EXPECT_EQ(lint(layer(real, 2 * 4 * 12 * 16), Key{7}), std::vector<std::string>{});
  EXPECT_EQ(lint(layer(whole, 2 * 4 * 12 * 16), Key{7}), std::vector<std::string>{});
  expect_finding(layer(real, 20 * 4 * 12 * 16), "linear in each fresh input");
  expect_finding(layer(whole, 20 * 4 * 12 * 16), "linear in each fresh input");
}

}  // namespace
