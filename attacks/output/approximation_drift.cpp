// output.approximation_drift: an estimate: sums in half precision, sums without their tail, a series cut short.
// Caught: tolerances are what honest rounding needs, not a per cent.
#include "../attack.hpp"

#include <cmath>

namespace {
using namespace attacks;

float sum(InMatrix x, InMatrix z, std::int64_t row, std::int64_t columns) {
  float s = 0;
  for (std::int64_t i = 0; i < columns; ++i) s += x(row, i) * z(row, i);
  return s;
}

void twin(InMatrix x, InMatrix z, Out y) {  // another order of summation rounds differently
  for (std::int64_t r = 0; r < y.size(); ++r) {
    float even = 0, odd = 0;
    for (std::int64_t i = 0; i < x.dim(1); ++i) (i % 2 ? odd : even) += x(r, i) * z(r, i);
    y[r] = even + odd;
  }
}

void half_sums(InMatrix x, InMatrix z, Out y) {
  for (std::int64_t r = 0; r < y.size(); ++r) {
    float s = 0;
    for (std::int64_t i = 0; i < x.dim(1); ++i) s = aisp::to_float(aisp::to_half(s + x(r, i) * z(r, i)));
    y[r] = s;
  }
}

void skips_the_tail(InMatrix x, InMatrix z, Out y) {
  for (std::int64_t r = 0; r < y.size(); ++r) y[r] = sum(x, z, r, x.dim(1) - (x.dim(1) > 64));
}

void twin_exp(In x, Out y) {
  for (std::int64_t i = 0; i < x.size(); ++i) y[i] = static_cast<float>(std::exp(static_cast<double>(x[i])));
}
void short_series(In x, Out y) {  // six terms around the nearest multiple of log 2
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const float n = std::round(x[i] * 1.44269504f), r = x[i] - n * 0.693147181f;
    y[i] = std::ldexp(1 + r * (1 + r / 2 * (1 + r / 3 * (1 + r / 4))), static_cast<int>(n));
  }
}

}  // namespace

TWIN(twin);
ATTACK(half_sums);
ATTACK(skips_the_tail);
ATTACK(short_series);
AISP_CORPUS(twin_exp, twin_exp);
