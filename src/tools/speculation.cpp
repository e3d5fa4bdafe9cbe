#include "tools/speculation.hpp"

#include "tools/draws.hpp"

#include <cmath>

namespace aisp::tools {
namespace {

double round_cost(std::int64_t n, const SpeculationCost& c) {
  return n == 0 ? 1 : 1 + static_cast<double>(n) * (c.draft + c.verify) + c.round;
}

}  // namespace

double expected_tokens(double a, std::int64_t n) {
  double sum = 1;  // 1 + a + … + aⁿ, which holds at a = 1 too
  for (std::int64_t i = 0; i < n; ++i) sum = 1 + a * sum;
  return sum;
}

double speculation_speedup(double a, std::int64_t n, const SpeculationCost& cost) {
  return expected_tokens(a, n) / round_cost(n, cost);
}

double operations_factor(double a, std::int64_t n, double draft_operations) {
  const auto length = static_cast<double>(n);
  return (length * draft_operations + length + 1) / expected_tokens(a, n);
}

std::int64_t best_draft_length(double a, const SpeculationCost& cost, std::int64_t longest) {
  std::int64_t best = 0;
  for (std::int64_t n = 1; n <= longest; ++n)
    if (speculation_speedup(a, n, cost) > speculation_speedup(a, best, cost)) best = n;
  return best;
}

SimulatedSpeedup simulate_speculation(double a, std::int64_t n, const SpeculationCost& cost, std::int64_t rounds,
                                      std::uint64_t seed) {
  Draws draws(seed);
  double sum = 0, squares = 0;
  for (std::int64_t r = 0; r < rounds; ++r) {
    std::int64_t accepted = 0;
    while (accepted < n && draws.uniform() < a) ++accepted;
    const auto tokens = static_cast<double>(accepted + 1);
    sum += tokens, squares += tokens * tokens;
  }
  const auto count = static_cast<double>(rounds);
  SimulatedSpeedup s;
  s.tokens_per_round = sum / count;
  s.tokens_error = std::sqrt(std::max(0.0, squares / count - s.tokens_per_round * s.tokens_per_round) / count);
  s.speedup = s.tokens_per_round / round_cost(n, cost);
  s.speedup_error = s.tokens_error / round_cost(n, cost);
  return s;
}

}  // namespace aisp::tools
