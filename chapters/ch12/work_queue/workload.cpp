// Exponential smoothing of a ragged batch: sequences of very different lengths lie one after the other in `values`,
// sequence t from offsets[t] to offsets[t + 1]. The result of a sequence is its last state:
//   s ← (63/64)·s + x,   s = 0 before the first element; y[t] = s, 0 for an empty sequence.
// Each step needs the one before, so the work of a sequence is its length. A quarter of the sequences, next to each
// other and somewhere that is not known before the call, are about thirty times longer than the others.
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace aisp;

namespace {

constexpr double kDecay = 63.0 / 64;

// Offsets of sequences of uneven length that fill `total` values.
void draw_offsets(std::span<double> offsets, Random& random, std::int64_t total) {
  const auto tasks = offsets.size() - 1, heavy = tasks / 4 + 1;
  const auto first = random.below(tasks);
  std::vector<double> end(tasks);  // running sum of the weights
  double sum = 0;
  for (std::size_t t = 0; t < tasks; ++t) {
    const bool is_heavy = (t + tasks - first) % tasks < heavy;
    const double jitter = 0.5 + random.uniform();
    end[t] = sum += (is_heavy ? 32 : 1) * jitter;
  }
  offsets[0] = 0;
  for (std::size_t t = 0; t < tasks; ++t)
    offsets[t + 1] =
        t + 1 == tasks ? static_cast<double>(total) : std::floor(end[t] / sum * static_cast<double>(total));
}

}  // namespace

AISP_WORKLOAD(w) {
  w.about("Smoothing of sequences of very different lengths");
  const auto tasks = w.param("tasks", {.light = 1000, .full = 20'000, .held_out = {1, 3000}, .edges = {1, 2, 3}});
  const auto total = w.param("total", {.light = 1 << 19, .full = 1 << 24, .held_out = {1, 100'000}, .edges = {1}});
  w.input("values", f32, {total}, mixed(normal(0, 1)));
  w.input("offsets", i32, {tasks + 1},
          custom([=](std::span<double> v, Random& random) { draw_offsets(v, random, total); }));
  w.output("y", f32, {tasks});
  w.accumulates(std::min<std::int64_t>(total, 2048));  // a term that only zeros follow is rounded in each step
  w.flops(2.0 * static_cast<double>(total));
  w.reference([=](Case& c) {
    const auto values = c.in<1>("values"), offsets = c.in<1>("offsets");
    const auto y = c.out<1>("y"), scale = c.scale<1>("y");
    for (std::int64_t t = 0; t < tasks; ++t) {
      double state = 0, magnitude = 0;
      for (auto i = static_cast<std::int64_t>(offsets(t)); i < static_cast<std::int64_t>(offsets(t + 1)); ++i) {
        state = kDecay * state + values(i);
        magnitude = kDecay * magnitude + std::abs(values(i));
      }
      y(t) = state;
      scale(t) = magnitude;
    }
  });
}
