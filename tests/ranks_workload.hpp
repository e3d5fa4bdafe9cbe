// The sum of all ranks' vectors, at every rank: the workload of tests/hostile/ranks.cpp.
#pragma once

#include <aisp/workload.hpp>

#include <cmath>

namespace aisp {

inline void declare_all_reduce(Workload& w) {
  w.about("Sum of all ranks' vectors, at every rank");
  const auto ranks = w.ranks({.light = 2, .full = 4, .held_out = {2, 3}, .edges = {1}});
  const auto n = w.param("n", {.light = 3000, .full = 100000, .held_out = {1, 2000}, .edges = {1, 33000}});
  w.input("x", f32, {ranks, n}, normal(1, 1));
  w.output("sum", f32, {ranks, n});
  w.split("x");
  w.split("sum");
  w.accumulates(ranks);
  w.wire({.least_bytes = 8.0 * static_cast<double>((ranks - 1) * n), .least_busy = 0.05});
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto sum = c.out<2>("sum"), terms = c.scale<2>("sum");
    for (std::int64_t r = 0; r < ranks; ++r)
      for (std::int64_t i = 0; i < n; ++i) {
        sum(r, i) = 0;
        for (std::int64_t from = 0; from < ranks; ++from) sum(r, i) += x(from, i), terms(r, i) += std::fabs(x(from, i));
      }
  });
}
inline constexpr WorkloadEntry kAllReduce{"test:all_reduce", &declare_all_reduce};

}  // namespace aisp
