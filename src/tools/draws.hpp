// Random numbers for simulations and examples: the same on every machine for one seed.
#pragma once

#include "verify/random.hpp"

#include <cmath>
#include <cstdint>
#include <numbers>

namespace aisp::tools {

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : random_(verify::Key{seed}) {}

  // In (0, 1), 53 bits.
  double uniform() { return random_.uniform() + 0x1p-54; }
  double exponential(double mean) { return -mean * std::log(uniform()); }
  double normal() {  // Box and Muller, one of the pair
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  verify::Stream random_;
};

}  // namespace aisp::tools
