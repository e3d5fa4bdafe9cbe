// What the attacks on problems of several ranks share: the honest reduction of two ranks in buckets.
#pragma once

#include <aisp/collectives.hpp>

#include "../attack.hpp"

namespace attacks {

using aisp::Ranks;

inline constexpr std::int64_t kBucket = 4096;  // values, as attack:allreduce states

inline std::vector<float>& received(std::int64_t count) {
  static std::vector<float> values;
  values.resize(static_cast<std::size_t>(count));
  return values;
}

// Each of two ranks sends its row to the other and adds the other's.
inline void exchange_and_add(Ranks& ranks, InMatrix x, OutMatrix sum, std::int64_t bucket = kBucket) {
  auto& other = received(x.size());
  const int peer = 1 - ranks.rank();
  aisp::send_in_buckets(ranks, peer, x.data, x.size(), bucket);
  aisp::receive_in_buckets(ranks, peer, other.data(), x.size(), bucket);
  for (std::int64_t i = 0; i < x.size(); ++i) sum.data[i] = x.data[i] + other[static_cast<std::size_t>(i)];
}

inline void all_reduce(Ranks& ranks, InMatrix x, OutMatrix sum) { exchange_and_add(ranks, x, sum); }

// The work of attack:halves on some elements.
__attribute__((noinline)) inline void climb(const float* x, float* y, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    float v = x[i];
    for (int step = 0; step < 64; ++step) v = __builtin_sqrtf(v * v + 1);
    y[i] = v;
  }
}
inline void own_half(Ranks&, In x, Out y) { climb(x.data, y.data, x.size()); }

}  // namespace attacks
