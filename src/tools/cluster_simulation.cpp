// The cluster played event by event: the check on cluster_size.cpp, with none of its formulas.
#include "tools/cluster_size.hpp"
#include "tools/draws.hpp"

#include "stats/stats.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <queue>
#include <utility>

namespace aisp::tools {
namespace {

template <class T> using Earliest = std::priority_queue<T, std::vector<T>, std::greater<>>;

double draw(Draws& draws, const Distribution& d) {
  return d.values[std::min(static_cast<std::size_t>(draws.uniform() * static_cast<double>(d.values.size())),
                           d.values.size() - 1)];
}

struct Request {
  double at = 0;  // seconds
  std::int64_t tokens = 0;
  bool counted = false;
};

struct Tally {
  std::vector<double> tokens_in_batch;  // decoded in steps of each batch
  double full = 0, counted = 0;
};

// One replica: steps follow each other while there are requests; between steps those that wait take free slots.
void decode(const ClusterInput& in, const std::vector<Request>& requests, Tally& tally) {
  Earliest<std::int64_t> ends;  // the step after which each running request is done
  std::deque<Request> waiting;
  std::size_t next = 0;
  std::int64_t step = 0;
  double now = 0;
  while (next < requests.size() || !waiting.empty() || !ends.empty()) {
    if (ends.empty() && waiting.empty()) now = std::max(now, requests[next].at);
    for (; next < requests.size() && requests[next].at <= now; ++next) {
      const auto present = static_cast<std::int64_t>(ends.size() + waiting.size());
      tally.full += requests[next].counted && present >= in.slots ? 1 : 0;
      tally.counted += requests[next].counted ? 1 : 0;
      waiting.push_back(requests[next]);
    }
    for (; !waiting.empty() && static_cast<std::int64_t>(ends.size()) < in.slots; waiting.pop_front())
      ends.push(step + waiting.front().tokens);
    const auto batch = static_cast<std::int64_t>(ends.size());
    now += in.step.seconds(batch);
    tally.tokens_in_batch[static_cast<std::size_t>(batch)] += static_cast<double>(batch);
    ++step;
    while (!ends.empty() && ends.top() <= step) ends.pop();
  }
}

}  // namespace

Latencies simulate_cluster(const ClusterInput& in, std::int64_t prefill_replicas, std::int64_t decode_replicas,
                           std::int64_t requests, std::uint64_t seed) {
  Draws draws(seed);
  Earliest<double> free;  // when each prefill replica is free again
  for (std::int64_t i = 0; i < prefill_replicas; ++i) free.push(0);
  std::vector<std::vector<Request>> replicas(static_cast<std::size_t>(decode_replicas));
  std::vector<double> ttft;
  double now = 0;
  for (std::int64_t i = 0; i < requests; ++i) {
    now += draws.exponential(1 / in.requests_per_second);
    const double start = std::max(now, free.top());
    const double done = start + in.prefill_overhead + draw(draws, in.prompt_tokens) / in.prefill_tokens_per_second;
    free.pop(), free.push(done);
    const bool counted = i >= requests / 10;
    if (counted) ttft.push_back(done - now);
    const auto tokens =
        std::max<std::int64_t>(1, static_cast<std::int64_t>(draw(draws, in.output_tokens) + draws.uniform()));
    const auto replica = static_cast<std::size_t>(draws.uniform() * static_cast<double>(decode_replicas));
    replicas[std::min(replica, replicas.size() - 1)].push_back({done, tokens, counted});
  }
  Tally tally;
  tally.tokens_in_batch.assign(static_cast<std::size_t>(in.slots) + 1, 0);
  for (auto& r : replicas) {
    std::sort(r.begin(), r.end(), [](const Request& a, const Request& b) { return a.at < b.at; });
    decode(in, r, tally);
  }

  Latencies out;
  out.ttft = stats::quantile(ttft, in.percentile);
  out.full_slots = tally.counted > 0 ? tally.full / tally.counted : 0;
  double tokens = 0, seen = 0;
  for (const double t : tally.tokens_in_batch) tokens += t;
  for (std::int64_t b = 1; b <= in.slots; ++b) {
    const double weight = tally.tokens_in_batch[static_cast<std::size_t>(b)] / tokens;
    out.mean_batch += weight * static_cast<double>(b);
    if (seen < in.percentile && weight > 0) out.tpot = in.step.seconds(b);
    seen += weight;
  }
  return out;
}

}  // namespace aisp::tools
