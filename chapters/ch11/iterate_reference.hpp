// The iteration of iterate.hpp in double, on the host and on the device.
#pragma once

#include <aisp/tensor.hpp>

#include <cmath>

namespace ch11 {

AISP_HD inline double iterated(double x) {
  double v = 0;
  for (int step = 0; step < 64; ++step) v = x / (1 + std::fabs(v));
  return v;
}

// The errors of 1 + |v| steps add up before they are damped.
AISP_HD inline double iterated_scale(double v) { return std::fabs(v) * (1 + std::fabs(v)); }

}  // namespace ch11
