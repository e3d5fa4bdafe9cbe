// Eight chains: as four chains, with twice as many channels in flight.
// Expected: better than four chains by less than two, since eight loads and eight stores a step begin to bind.
// What binds it: issue width and stores, no longer latency.
#include <aisp/variant.hpp>

namespace {

constexpr std::int64_t chains = 8;

// Channels c … c + Chains − 1, step by step.
template <std::int64_t Chains>
void advance(std::int64_t c, aisp::Matrix<const float> x, aisp::Vector<const float> decay, aisp::Matrix<float> y) {
  const auto steps = x.dim(1);
  const float* in = &x(c, 0);
  float* out = &y(c, 0);
  float state[Chains] = {}, factor[Chains];
  for (std::int64_t i = 0; i < Chains; ++i) factor[i] = decay[c + i];
  for (std::int64_t t = 0; t < steps; ++t)
    for (std::int64_t i = 0; i < Chains; ++i) out[i * steps + t] = state[i] = factor[i] * state[i] + in[i * steps + t];
}

void eight_chains(aisp::Matrix<const float> x, aisp::Vector<const float> decay, aisp::Matrix<float> y) {
  std::int64_t c = 0;
  for (; c + chains <= x.dim(0); c += chains) advance<chains>(c, x, decay, y);
  for (; c < x.dim(0); ++c) advance<1>(c, x, decay, y);
}

}  // namespace

AISP_VARIANT(eight_chains, .about = "eight independent chains interleaved");
