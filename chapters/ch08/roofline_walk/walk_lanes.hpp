// What the CPU variants share: passes over the vector, each of which takes every element the same number of steps
// further, 64 elements at a time in vector registers, so that no multiply-add waits for the one before it.
#pragma once

#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <cstring>

namespace ch08 {

constexpr int walk_steps = 256;

template <int steps>
[[gnu::always_inline]] inline void walk_in_passes(aisp::Vector<const float> x, aisp::Vector<float> y) {
  static_assert(walk_steps % steps == 0);
  constexpr std::int64_t lanes = 16, chains = 4;
  typedef float Lanes __attribute__((vector_size(4 * lanes)));
  for (int done = 0; done < walk_steps; done += steps) {
    const float* from = done ? y.data : x.data;
    std::int64_t i = 0;
    for (; i + chains * lanes <= y.size(); i += chains * lanes) {
      Lanes v[chains];
      std::memcpy(v, from + i, sizeof v);
      for (int s = 0; s < steps; ++s)
        for (auto& u : v) u += (u - u * u) * (1.0f / 128);
      std::memcpy(y.data + i, v, sizeof v);
    }
    for (; i < y.size(); ++i) {
      float u = from[i];
      for (int s = 0; s < steps; ++s) u += (u - u * u) * (1.0f / 128);
      y[i] = u;
    }
  }
}

}  // namespace ch08
