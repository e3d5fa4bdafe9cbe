// What both CUDA variants share: four steps of the recurrence, with 16 bytes loaded and stored at a time where rows
// allow it. Lanes walk through rows of their own, so each access of a warp touches 32 lines however wide it is: with
// 4-byte accesses their number was what bound, and four chains gained nothing over one.
#pragma once

#include <aisp/cuda.hpp>

namespace ch06 {

// One step, where rows start anywhere, or four, where they start at multiples of 16 bytes. Writes y, returns the state.
__device__ inline float advance(float state, float decay, float x, float& y) { return y = decay * state + x; }
__device__ inline float advance(float state, float decay, float4 x, float4& y) {
  y.x = decay * state + x.x;
  y.y = decay * y.x + x.y;
  y.z = decay * y.y + x.z;
  return y.w = decay * y.z + x.w;
}

}  // namespace ch06
