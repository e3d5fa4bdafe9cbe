// Walsh-Hadamard transform of length 64, along the columns of a matrix: y[j, i] = Σ (−1)^popcount(j & k)·x[k, i].
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Walsh-Hadamard transform of length 64 along columns");
  w.teaching("the baseline asks the compiler for full occupancy, which this kernel cannot have without spilling");
  constexpr std::int64_t length = 64;
  const auto n = w.param("n", {.light = 16384, .full = 1 << 19, .held_out = {1, 3000}, .edges = {1, 1025}});
  w.input("x", f32, {length, n}, mixed(normal(0, 1)));
  w.output("y", f32, {length, n});
  w.accumulates(6);
  w.flops(6.0 * length * static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto y = c.out<2>("y"), scale = c.scale<2>("y");
    for (std::int64_t i = 0; i < n; ++i) {
      double v[length], magnitude = 0;
      for (std::int64_t k = 0; k < length; ++k) magnitude += std::fabs(v[k] = x(k, i));
      for (std::int64_t half = 1; half < length; half *= 2)
        for (std::int64_t k = 0; k < length; ++k)
          if (!(k & half)) {
            const double a = v[k], b = v[k + half];
            v[k] = a + b;
            v[k + half] = a - b;
          }
      for (std::int64_t j = 0; j < length; ++j) {
        y(j, i) = v[j];
        scale(j, i) = magnitude;
      }
    }
  });
}
