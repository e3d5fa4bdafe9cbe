#pragma once

#include <cmath>

namespace aisp::cuda {

inline float power_of_two(float x) { return std::exp2(x); }

}  // namespace aisp::cuda
