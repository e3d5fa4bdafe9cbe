// What both variants share: the first pointers, and one pass that shortens every chain.
#pragma once

#include <aisp/cuda.hpp>

namespace ch12 {

constexpr int kJumpThreads = 256;

static __global__ void __launch_bounds__(kJumpThreads)
    point_back(const std::int32_t* step, std::int32_t* parent, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * kJumpThreads + threadIdx.x;
  if (i < n) parent[i] = static_cast<std::int32_t>(step[i] <= i ? i - step[i] : i);
}

// In place: another thread may change parent[p] meanwhile, but whatever is found there is an ancestor. `changed` is set
// when any pointer was, and left alone otherwise.
static __global__ void __launch_bounds__(kJumpThreads)
    jump(volatile std::int32_t* parent, std::int64_t n, volatile int* changed) {
  const auto i = std::int64_t{blockIdx.x} * kJumpThreads + threadIdx.x;
  if (i >= n) return;
  const std::int32_t p = parent[i], further = parent[p];
  if (further == p) return;
  parent[i] = further;
  *changed = 1;
}

}  // namespace ch12
