// What both variants share: the two iterations.
#pragma once

#include <aisp/cuda.hpp>

namespace rules {

constexpr int steps = 32;

__device__ inline float damp(float x) {
  float v = 0;
  for (int step = 0; step < steps; ++step) v = 0.5f * v + x;
  return v;
}

__device__ inline float divide(float x) {
  float v = 0;
  for (int step = 0; step < steps; ++step) v = x / (1 + fabsf(v));
  return v;
}

}  // namespace rules
