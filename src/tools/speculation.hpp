// Speculative decoding: how much faster generation gets when a cheap draft proposes tokens that the model verifies in
// one step.
//
// Model (Leviathan, Kalman, Matias, "Fast Inference from Transformers via Speculative Decoding", ICML 2023): each
// drafted token is accepted with probability a, independently. A round of n drafted tokens yields
// E = (1 − a^(n+1)) / (1 − a) tokens (equation 1) and costs 1 + n·(c + v) + o steps of the model: c for one draft step
// (the paper's c; 0 for n-gram lookup), v for each further token that is verified in the same step (0 in the paper:
// memory-bound), o for everything else of a round. Speedup = E / cost (theorem 3.8 with v = o = 0).
#pragma once

#include <cstdint>
#include <vector>

namespace aisp::tools {

struct SpeculationCost {  // in steps of the model that is sped up
  double draft = 0;
  double verify = 0;
  double round = 0;
};

double expected_tokens(double acceptance, std::int64_t draft_length);
double speculation_speedup(double acceptance, std::int64_t draft_length, const SpeculationCost&);
// Arithmetic relative to plain decoding when a drafted token takes `draft_operations` of the model's (theorem 3.11).
double operations_factor(double acceptance, std::int64_t draft_length, double draft_operations = 0);
// The draft length of 0 … `longest` with the largest speedup; 0 = do not speculate.
std::int64_t best_draft_length(double acceptance, const SpeculationCost&, std::int64_t longest);

struct SimulatedSpeedup {
  double tokens_per_round = 0;
  double tokens_error = 0;  // standard error of the mean
  double speedup = 0, speedup_error = 0;
};
// Rounds drawn one by one: accept drafted tokens until the first refusal, then one token of the model itself.
SimulatedSpeedup simulate_speculation(double acceptance, std::int64_t draft_length, const SpeculationCost&,
                                      std::int64_t rounds, std::uint64_t seed);

}  // namespace aisp::tools
