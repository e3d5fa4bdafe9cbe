#include "tools/cluster_size.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace aisp::tools {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Distribution prefill_seconds(const ClusterInput& in) {
  auto d = in.prompt_tokens;
  for (double& v : d.values) v = in.prefill_overhead + v / in.prefill_tokens_per_second;
  return d;
}

double tokens_per_second(const ClusterInput& in, std::int64_t batch) {
  return static_cast<double>(batch) / in.step.seconds(batch);
}

double best_throughput(const ClusterInput& in) {  // of one replica with all slots taken
  return tokens_per_second(in, in.slots);
}

// The stationary batch of a replica that `arriving` tokens a second are asked of.
void predict_decode(const ClusterInput& in, double arriving, Latencies& out) {
  const double tail = arriving / best_throughput(in);  // ratio of neighbouring states beyond the slots
  if (tail >= 1) {
    out.tpot = kInfinity, out.full_slots = 1;
    return;
  }
  std::vector<double> state{1};  // unnormalised probability of 0, 1, … slots requests
  double all = 1;
  for (std::int64_t b = 1; b <= in.slots; ++b) {
    state.push_back(state.back() * arriving / tokens_per_second(in, b));
    all += state.back();
    if (all > 1e200) {  // normalise on the way: the weights of long queues overflow
      for (double& s : state) s /= all;
      all = 1;
    }
  }
  const double queue = state.back() * tail / (1 - tail);  // all states with more requests than slots
  out.full_slots = (state.back() + queue) / (all + queue);
  state.back() += queue;

  double tokens = 0;
  for (std::int64_t b = 1; b <= in.slots; ++b) tokens += state[static_cast<std::size_t>(b)] * tokens_per_second(in, b);
  double seen = 0;
  for (std::int64_t b = 1; b <= in.slots; ++b) {
    const double weight = state[static_cast<std::size_t>(b)] * tokens_per_second(in, b) / tokens;
    out.mean_batch += weight * static_cast<double>(b);
    if (seen < in.percentile) out.tpot = in.step.seconds(b);
    seen += weight;
  }
}

}  // namespace

double DecodeStep::seconds(std::int64_t batch) const {
  if (batch <= points.front().batch) return points.front().seconds;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const auto& [from, before] = points[i - 1];
    const auto& [to, after] = points[i];
    if (batch <= to)
      return before + (after - before) * static_cast<double>(batch - from) / static_cast<double>(to - from);
  }
  return points.back().seconds;
}

Latencies predict(const ClusterInput& in, std::int64_t prefill_replicas, std::int64_t decode_replicas) {
  Latencies out;
  out.ttft =
      MultiServerQueue(in.requests_per_second, prefill_seconds(in), prefill_replicas).sojourn_quantile(in.percentile);
  predict_decode(in, in.requests_per_second * in.output_tokens.mean() / static_cast<double>(decode_replicas), out);
  return out;
}

bool meets(const ClusterInput& in, const Latencies& l) {
  return l.ttft <= in.ttft_seconds && l.tpot <= in.tpot_seconds && l.full_slots <= 1 - in.percentile;
}

std::string why_impossible(const ClusterInput& in) {
  const double prefill = prefill_seconds(in).quantile(in.percentile);
  if (prefill >= in.ttft_seconds)
    return fmt::format(
        "the prefill of a prompt at the {:g} % percentile takes {:.4g} s without any wait, more than {:g} s",
        100 * in.percentile, prefill, in.ttft_seconds);
  if (in.step.seconds(1) > in.tpot_seconds)
    return fmt::format("a decoding step with one request takes {:.4g} s, more than {:g} s", in.step.seconds(1),
                       in.tpot_seconds);
  return "";
}

ClusterSize cluster_size(const ClusterInput& in) {
  // Latencies fall as a pool grows: double until they are met, then halve the gap.
  const auto least = [](const auto& good) {
    std::int64_t lo = 0, hi = 1;
    while (!good(hi)) lo = hi, hi *= 2;
    while (hi - lo > 1) {
      const auto middle = lo + (hi - lo) / 2;
      (good(middle) ? hi : lo) = middle;
    }
    return hi;
  };
  const auto service = prefill_seconds(in);
  ClusterSize size;
  size.prefill_replicas = least([&](std::int64_t n) {
    return MultiServerQueue(in.requests_per_second, service, n).sojourn_quantile(in.percentile) <= in.ttft_seconds;
  });
  const double tokens = in.requests_per_second * in.output_tokens.mean();
  size.decode_replicas = least([&](std::int64_t n) {
    Latencies l;
    predict_decode(in, tokens / static_cast<double>(n), l);
    return l.tpot <= in.tpot_seconds && l.full_slots <= 1 - in.percentile;
  });
  size.predicted = predict(in, size.prefill_replicas, size.decode_replicas);
  size.prefill_utilisation = in.requests_per_second * service.mean() / static_cast<double>(size.prefill_replicas);
  size.decode_utilisation = tokens / (best_throughput(in) * static_cast<double>(size.decode_replicas));
  return size;
}

}  // namespace aisp::tools
