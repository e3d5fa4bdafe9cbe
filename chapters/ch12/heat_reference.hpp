// What the diffusion problems of this chapter declare, beside their sizes.
#pragma once

#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace ch12 {

inline void sweep_reference(const std::vector<double>& u, double rate, std::vector<double>& v) {
  const auto n = u.size();
  for (std::size_t i = 0; i < n; ++i)
    v[i] = (1 - 2 * rate) * u[i] + rate * (u[i > 0 ? i - 1 : 0] + u[i + 1 < n ? i + 1 : i]);
}

inline void declare_heat(aisp::Workload& w, std::int64_t n, std::int64_t sweeps) {
  using namespace aisp;
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.constant("rates", f32, {sweeps}, uniform(0.1, 0.45));
  w.output("y", f32, {n});
  w.accumulates(3 * sweeps);
  w.flops(4.0 * static_cast<double>(n * sweeps));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x"), rates = c.in<1>("rates");
    std::vector<double> u(x.begin(), x.end()), v(u.size()), magnitude(u.size());
    std::transform(u.begin(), u.end(), magnitude.begin(), [](double value) { return std::fabs(value); });
    for (const double rate : rates) {
      sweep_reference(u, rate, v);
      u.swap(v);
      sweep_reference(magnitude, rate, v);
      magnitude.swap(v);
    }
    std::copy(u.begin(), u.end(), c.out<1>("y").begin());
    std::copy(magnitude.begin(), magnitude.end(), c.scale<1>("y").begin());
  });
}

}  // namespace ch12
