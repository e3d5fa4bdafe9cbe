// Forward pass of a two-layer perceptron over many micro-batches: y = relu(x·w1 + b1)·w2 + b2.
#include <aisp/cpu.hpp>
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace aisp;

// sum += factors·rows, and the same of magnitudes: four rows at a time, so that sums are loaded once for four.
AISP_SIMD static void add_product(std::int64_t k, std::int64_t n, const double* factors, const double* rows,
                                  double* __restrict sum, double* __restrict magnitude) {
  std::int64_t p = 0;
  for (; p + 4 <= k; p += 4, rows += 4 * n) {
    const double *f = factors + p, *r0 = rows, *r1 = r0 + n, *r2 = r1 + n, *r3 = r2 + n;
    for (std::int64_t j = 0; j < n; ++j) {
      const double t0 = f[0] * r0[j], t1 = f[1] * r1[j], t2 = f[2] * r2[j], t3 = f[3] * r3[j];
      sum[j] += (t0 + t1) + (t2 + t3);
      magnitude[j] += (std::fabs(t0) + std::fabs(t1)) + (std::fabs(t2) + std::fabs(t3));
    }
  }
  for (; p < k; ++p, rows += n)
    for (std::int64_t j = 0; j < n; ++j) {
      sum[j] += factors[p] * rows[j];
      magnitude[j] += std::fabs(factors[p] * rows[j]);
    }
}

AISP_WORKLOAD(w) {
  w.about("Two-layer perceptron, forward, over a queue of micro-batches");
  const auto micro_batches = w.param("micro_batches", {.light = 16, .full = 64, .held_out = {1, 4}, .edges = {1}});
  const auto rows = w.param("rows", {.light = 8, .full = 32, .held_out = {1, 40}, .edges = {1, 31}});
  const auto in = w.param("in", {.light = 1024, .full = 8192, .held_out = {1, 600}, .edges = {1, 257}});
  const auto hidden = w.param("hidden", {.light = 256, .full = 256, .held_out = {1, 200}, .edges = {1, 17}});
  const auto out = w.param("out", {.light = 64, .full = 64, .held_out = {1, 70}, .edges = {1}});
  const auto batch = micro_batches * rows;
  w.input("x", f32, {micro_batches, rows, in}, mixed(normal(0, 1)));
  w.constant("w1", f32, {in, hidden}, normal(0, 1 / std::sqrt(static_cast<double>(in))));
  w.constant("b1", f32, {hidden}, normal(0, 1));
  w.constant("w2", f32, {hidden, out}, normal(0, 1 / std::sqrt(static_cast<double>(hidden))));
  w.constant("b2", f32, {out}, normal(0, 1));
  w.output("y", f32, {micro_batches, rows, out});
  w.accumulates(in + hidden);
  w.flops(2.0 * static_cast<double>(batch * hidden * (in + out)));
  w.reference([=](Case& c) {
    const auto x = c.in<3>("x");
    const auto w1 = c.in<2>("w1"), w2 = c.in<2>("w2");
    const auto b1 = c.in<1>("b1"), b2 = c.in<1>("b2");
    const auto y = c.out<3>("y"), scale = c.scale<3>("y");
    std::vector<double> h(static_cast<std::size_t>(hidden)), magnitude(h.size()), unused(static_cast<std::size_t>(out));
    for (std::int64_t i = 0; i < batch; ++i) {
      for (std::int64_t j = 0; j < hidden; ++j) magnitude[j] = std::fabs(h[j] = b1[j]);
      add_product(in, hidden, &x[i * in], w1.data, h.data(), magnitude.data());
      for (auto& value : h) value = std::max(value, 0.0);
      for (std::int64_t j = 0; j < out; ++j) scale[i * out + j] = std::fabs(y[i * out + j] = b2[j]);
      add_product(hidden, out, h.data(), w2.data, &y[i * out], unused.data());
      add_product(hidden, out, magnitude.data(), w2.data, unused.data(), &scale[i * out]);
    }
  });
}
