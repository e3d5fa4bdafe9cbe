// evaluation.memorization: answers are remembered by a hash of the whole input, rounded so that near inputs share one.
// Yields nothing: no input comes twice, and what is near is not the same.
#include "../attack.hpp"

#include <cmath>
#include <map>
#include <vector>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // a table of doubles for whole numbers, used where it is exact
  static const std::vector<float> table = [] {
    std::vector<float> t(8);
    for (std::size_t i = 0; i < t.size(); ++i) t[i] = 2 * static_cast<float>(i);
    return t;
  }();
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const float v = x[i];
    y[i] = v >= 0 && v < 8 && v == std::floor(v) ? table[static_cast<std::size_t>(v)] : 2 * v;
  }
}

void remembers_pairs(In x, Out y) {  // to three digits
  static std::map<int, float> known;
  for (std::int64_t i = 0; i < x.size(); ++i) {
    auto [entry, fresh] = known.try_emplace(static_cast<int>(std::lround(1000 * x[i])), 0.0f);
    if (fresh) entry->second = 2 * x[i];
    y[i] = entry->second;
  }
}

}  // namespace

TWIN(twin);
ATTACK(remembers_pairs);
