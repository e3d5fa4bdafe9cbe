// Random numbers for simulations and examples: the same on every machine for one seed.
#pragma once

#include "verify/random.hpp"

#include <cmath>
#include <cstdint>
#include <numbers>

namespace aisp::tools {

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : key_{seed} {}

  // In (0, 1), 53 bits.
  double uniform() {
    if (next_ == 4) block_ = verify::philox(key_, counter_++), next_ = 0;
    const auto high = block_.word[next_], low = block_.word[next_ + 1];
    next_ += 2;
    const std::uint64_t bits = (std::uint64_t{high} << 32 | low) >> 11;
    return (static_cast<double>(bits) + 0.5) * 0x1p-53;
  }
  double exponential(double mean) { return -mean * std::log(uniform()); }
  double normal() {  // Box and Muller, one of the pair
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  verify::Key key_;
  verify::Block block_{};
  std::uint64_t counter_ = 0;
  unsigned next_ = 4;
};

}  // namespace aisp::tools
