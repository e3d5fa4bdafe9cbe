// y = 2x: the workload that the plugins of tests/hostile solve, or pretend to.
#pragma once

#include <aisp/workload.hpp>

namespace aisp {

inline void declare_scale(Workload& w) {
  w.about("y = 2x");
  const auto n = w.param("n", {.light = 20000, .full = 100000, .held_out = {1, 5000}, .edges = {1, 17}});
  w.input("x", f32, {n}, normal(3, 1));
  w.output("y", f32, {n});
  w.flops(static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < n; ++i) y[i] = 2 * x[i];
  });
}
inline constexpr WorkloadEntry kScale{"test:scale", &declare_scale};

}  // namespace aisp
