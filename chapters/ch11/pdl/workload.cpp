// A chain of matrix-vector products: h ← relu(W[l]·h) for every layer but the last, from x to y; what a decoder does
// for one token, with little of what lies between. Each layer needs all of the vector before, but its weights are known
// long ahead. The ReLU is there so that they are no more than known: a chain of constant matrices alone is one matrix,
// which bind could work out, and a call would be one product. Weights of variance 2 / n keep the size of h in the mean.
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("A chain of matrix-vector products with ReLU between");
  const auto n = w.param("n", {.light = 512, .full = 1024, .held_out = {64, 700, 4}, .edges = {32, 1028}});
  const auto layers = w.param("layers", {.light = 8, .full = 64, .held_out = {1, 9}, .edges = {1, 2}});
  w.constant("weights", f32, {layers, n, n}, normal(0, std::sqrt(2 / static_cast<double>(n))));
  w.input("x", f32, {n}, mixed(normal(0, 1)));
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
          const double term = weights(l, i, j) * h[static_cast<std::size_t>(j)];
          sum += term;
          magnitude += std::fabs(term);
        }
        next[static_cast<std::size_t>(i)] = l + 1 < layers ? std::max(sum, 0.0) : sum;
        scale[i] = magnitude;  // the last layer's stays: the roundings of the others pass through as the values do
      }
      h.swap(next);
    }
    std::copy(h.begin(), h.end(), y.begin());
  });
}
