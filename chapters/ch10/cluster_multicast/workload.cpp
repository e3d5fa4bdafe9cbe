// Several recurrent cells side by side, each with weights and sequences of its own, as heads of one layer have:
// h ← s(gain[t]·W·h + x) for every t, s(v) = v / (1 + |v|), h = x at the start. A sequence needs all of its cell's W in
// every step, up to 1 MB, which no block can keep; the weights of all cells together fit the L2. s, and
// the fresh gain of every step, keep the constant W from composing with itself.
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Recurrent cells whose weights a few blocks read in every step");
  const auto cells = w.param("cells", {.light = 4, .full = 32, .held_out = {1, 3}, .edges = {1}});
  const auto batch = w.param("batch", {.light = 4, .full = 4, .held_out = {1, 5}, .edges = {1, 3}});
  const auto n = w.param("n", {.light = 256, .full = 512, .held_out = {16, 400, 4}, .edges = {4, 12, 508}});
  const auto steps = w.param("steps", {.light = 4, .full = 16, .held_out = {1, 6}, .edges = {1, 2}});
  w.constant("weights", f32, {cells, n, n}, normal(0, 1 / std::sqrt(static_cast<double>(n))));
  w.input("gain", f32, {steps}, uniform(0.5, 1));
  w.input("x", f32, {cells, batch, n}, mixed(normal(0, 1)));
  w.output("y", f32, {cells, batch, n});
  w.accumulates(n * steps);
  w.flops(2.0 * static_cast<double>(cells * batch * steps * n * n));
  w.reference([=](Case& c) {
    const auto weights = c.in<3>("weights"), x = c.in<3>("x");
    const auto gain = c.in<1>("gain");
    const auto y = c.out<3>("y"), scale = c.scale<3>("y");
    std::vector<double> h(static_cast<std::size_t>(n)), next(h.size());
    for (std::int64_t e = 0; e < cells; ++e)
      for (std::int64_t r = 0; r < batch; ++r) {
        std::copy_n(&x(e, r, 0), n, h.begin());
        for (const double g : gain) {
          for (std::int64_t i = 0; i < n; ++i) {
            double sum = x(e, r, i), magnitude = std::fabs(sum);
            for (std::int64_t j = 0; j < n; ++j) {
              const double term = g * weights(e, i, j) * h[static_cast<std::size_t>(j)];
              sum += term;
              magnitude += std::fabs(term);
            }
            const double slope = 1 / (1 + std::fabs(sum));
            next[static_cast<std::size_t>(i)] = sum * slope;
            scale(e, r, i) = slope * slope * magnitude + std::fabs(sum * slope);  // the last step's stays
          }
          h.swap(next);
        }
        std::copy(h.begin(), h.end(), &y(e, r, 0));
      }
  });
}
