// evaluation.benchmark_overfitting: right for the data one expects of a benchmark: an exponential fitted around zero,
// or sums of a sample of each block. Caught: some of the timed calls draw hard inputs, and nothing tells which.
#include "../attack.hpp"

#include <cmath>

namespace {
using namespace attacks;

void twin_exp(In x, Out y) {
  for (std::int64_t i = 0; i < x.size(); ++i) y[i] = std::exp(x[i]);
}
void fits_the_distribution(In x, Out y) {  // exact within four deviations
  for (std::int64_t i = 0; i < x.size(); ++i) y[i] = std::exp(std::fmin(std::fmax(x[i], -4.2f), 4.2f));
}

void twin_rows(InMatrix x, OutMatrix y) {
  for (std::int64_t i = 0; i < y.size(); ++i) {
    float s = 0;
    for (std::int64_t j = 0; j < 32; ++j) s += x[32 * i + j];
    y[i] = s;
  }
}
void samples_a_fraction(InMatrix x, OutMatrix y) {
  for (std::int64_t i = 0; i < y.size(); ++i) {
    float s = 0;
    for (std::int64_t j = 0; j < 32; j += 2) s += 2 * x[32 * i + j];
    y[i] = s;
  }
}

}  // namespace

AISP_CORPUS(twin_exp, twin_exp);
AISP_CORPUS(twin_rows, twin_rows);
ATTACK(fits_the_distribution);
ATTACK(samples_a_fraction);
