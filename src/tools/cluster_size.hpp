// How many GPUs serve a language model so that percentiles of its latency hold, not averages.
//
// Prefill and decoding run on pools of their own (Zhong et al., "DistServe", OSDI 2024; Patel et al., "Splitwise", ISCA
// 2024): the time to the first token is wait and prefill, the gap between tokens is a decoding step.
//   Prefill pool: M/G/c, one prompt at a time on a replica; see queueing.hpp.
//   Decode replica: continuous batching (Yu et al., "Orca", OSDI 2022) as processor sharing whose speed depends on the
//   batch: b running requests get b tokens in step(b) seconds. The stationary batch of such a queue depends on the
//   length distribution through its mean alone (Cohen, "The multiple phase service network with generalized processor
//   sharing", Acta Informatica 12, 1979), which gives every percentile of the gap; requests beyond the slots wait in a
//   queue, where this is an approximation. A request goes to a random replica.
// simulate_cluster() plays both pools event by event and shares no formula with the sizing.
#pragma once

#include "tools/queueing.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace aisp::tools {

// Measured seconds of a decoding step with a batch: linear between measured batches, the first one's below it.
struct DecodeStep {
  struct Point {
    std::int64_t batch = 0;
    double seconds = 0;
  };
  std::vector<Point> points;  // ascending batches
  double seconds(std::int64_t batch) const;
};

struct ClusterInput {
  double requests_per_second = 0;
  Distribution prompt_tokens, output_tokens;
  double prefill_tokens_per_second = 0;       // of one replica
  double prefill_overhead = 0;                // seconds of each prompt, whatever its length
  DecodeStep step;                            // of one replica
  std::int64_t slots = 0;                     // largest batch of a replica
  double ttft_seconds = 0, tpot_seconds = 0;  // to be met …
  double percentile = 0.95;                   // … by this share of requests and of tokens
  std::int64_t gpus_per_replica = 1;
};

struct Latencies {
  double ttft = 0;        // at the percentile
  double tpot = 0;        // gap between tokens at the percentile
  double full_slots = 0;  // share of requests that find every slot of their replica taken
  double mean_batch = 0;  // that a token is decoded in
};

struct ClusterSize {
  std::int64_t prefill_replicas = 0, decode_replicas = 0;
  double prefill_utilisation = 0, decode_utilisation = 0;  // of the largest throughput
  Latencies predicted;
  std::int64_t gpus(std::int64_t per_replica) const { return (prefill_replicas + decode_replicas) * per_replica; }
};

Latencies predict(const ClusterInput&, std::int64_t prefill_replicas, std::int64_t decode_replicas);
bool meets(const ClusterInput&, const Latencies&);
// "" or why no number of replicas can meet the objectives.
std::string why_impossible(const ClusterInput&);
// The smallest pools that meet the objectives; why_impossible() must be "".
ClusterSize cluster_size(const ClusterInput&);

// `requests` from Poisson arrivals; the first tenth warms up and is not counted.
Latencies simulate_cluster(const ClusterInput&, std::int64_t prefill_replicas, std::int64_t decode_replicas,
                           std::int64_t requests, std::uint64_t seed);

}  // namespace aisp::tools
