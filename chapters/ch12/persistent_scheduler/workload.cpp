// A program of small tasks that need each other's results, as the operators of a model do. Task t adds row t of x and
// the result of task t − back[t], when there is such a task, and then, by its kind, halves the sum (0), takes v /
// (1 + |v|) (1), or divides by the root of the mean square (2). The program (kind, back) is known when a slot is bound;
// the tasks whose results are needed lie 16 to 80 places back, so some 48 can run at a time.
#include <aisp/workload.hpp>

#include <cmath>
#include <vector>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("A program of small tasks that need each other's results");
  const auto tasks = w.param("tasks", {.light = 128, .full = 1024, .held_out = {100, 250}, .edges = {1, 17}});
  const auto length = w.param("length", {.light = 1024, .full = 4096, .held_out = {1, 3000}, .edges = {1, 255, 257}});
  w.constant("kind", i32, {tasks}, integers(0, 2));
  w.constant("back", i32, {tasks}, integers(16, 80));
  w.input("x", f32, {tasks, length}, mixed(normal(0, 1)));
  w.output("y", f32, {tasks, length});
  w.accumulates(length + 64);
  w.flops(3.0 * static_cast<double>(tasks * length));
  w.reference([=](Case& c) {
    const auto kind = c.in<1>("kind"), back = c.in<1>("back");
    const auto x = c.in<2>("x");
    const auto y = c.out<2>("y"), scale = c.scale<2>("y");
    std::vector<double> v(static_cast<std::size_t>(length));
    for (std::int64_t t = 0; t < tasks; ++t) {
      const auto from = t - static_cast<std::int64_t>(back[t]);
      double squares = 0;
      for (std::int64_t i = 0; i < length; ++i) {
        auto& value = v[static_cast<std::size_t>(i)];
        value = x(t, i) + (from >= 0 ? y(from, i) : 0);
        squares += value * value;
      }
      const double inverse = 1 / std::sqrt(squares / static_cast<double>(length) + 1e-6);
      for (std::int64_t i = 0; i < length; ++i) {
        const double value = v[static_cast<std::size_t>(i)];
        const double magnitude = std::fabs(x(t, i)) + (from >= 0 ? scale(from, i) : 0);
        const double slope = kind[t] == 0 ? 0.5 : kind[t] == 1 ? 1 / (1 + std::fabs(value)) : inverse;
        y(t, i) = slope * value;
        scale(t, i) = kind[t] == 1 ? slope * slope * magnitude + std::fabs(slope * value) : slope * magnitude;
      }
    }
  });
}
