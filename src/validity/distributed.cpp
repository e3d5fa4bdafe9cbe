#include "validity/checks.hpp"

#include <algorithm>

namespace aisp::validity {
namespace {

std::string numbers(const std::vector<std::int64_t>& all) { return fmt::format("{}", fmt::join(all, ", ")); }

const model::VariantEvidence* baseline_of(const model::TargetEvidence& e, const model::VariantEvidence& v) {
  return e.variants.empty() || &e.variants.front() == &v ? nullptr : &e.variants.front();
}

// As many ranks as stated, each once, on the hosts on which the baseline's are.
bool check_ranks(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  constexpr const char* kTopology = "distributed.topology_mismatch";
  constexpr const char* kAdvice = "start as many ranks as the workload states, on the hosts it is compared on";
  bool numbered = static_cast<std::int64_t>(v.ranks.size()) == e.ranks.ranks;
  for (std::size_t r = 0; numbered && r < v.ranks.size(); ++r) numbered = v.ranks[r].rank == static_cast<int>(r);
  if (!numbered) {
    std::vector<std::int64_t> seen;
    for (const auto& r : v.ranks) seen.push_back(r.rank);
    found.add(kTopology, fmt::format("ranks {}", seen.empty() ? "none" : numbers(seen)),
              fmt::format("{} ranks, 0 to {}", e.ranks.ranks, e.ranks.ranks - 1), kAdvice);
    return false;
  }
  const auto* baseline = baseline_of(e, v);
  for (std::size_t r = 0; baseline && baseline->ranks.size() == v.ranks.size() && r < v.ranks.size(); ++r)
    if (v.ranks[r].host != baseline->ranks[r].host) {
      found.add(kTopology, fmt::format("rank {} on host '{}'", r, v.ranks[r].host),
                fmt::format("'{}', as the baseline", baseline->ranks[r].host), kAdvice);
      break;
    }
  return true;
}

void check_links(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  if (e.ranks.links.empty()) return;
  for (const auto& r : v.ranks)
    for (const auto& link : r.links) {
      const bool stated = std::any_of(e.ranks.links.begin(), e.ranks.links.end(),
                                      [&](const auto& l) { return l.from == r.rank && l.to == link.to; });
      if (stated || link.messages == 0) continue;
      std::vector<std::int64_t> allowed;
      for (const auto& l : e.ranks.links)
        if (l.from == r.rank) allowed.push_back(l.to);
      found.add(
          "distributed.topology_mismatch",
          fmt::format("rank {} sent {} message{} to rank {}", r.rank, link.messages, plural(link.messages), link.to),
          fmt::format("messages to rank{} {} alone", allowed.size() == 1 ? "" : "s",
                      allowed.empty() ? "none" : numbers(allowed)),
          "send along the links that the workload states");
      return;
    }
}

void check_sizes(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  const auto& stated = e.ranks.message_bytes;
  if (stated.empty()) return;
  std::int64_t others = 0, first = 0, all = 0;
  for (const auto& r : v.ranks) {
    others += r.other_sizes, all += r.other_sizes;
    for (const auto& size : r.sizes) {
      all += size.count;
      // A message without content is a signal, and carries no part of a bucket.
      if (size.bytes == 0 || std::find(stated.begin(), stated.end(), size.bytes) != stated.end()) continue;
      if (others == 0) first = size.bytes;
      others += size.count;
    }
  }
  if (others)
    found.add("distributed.gradient_bucketing",
              fmt::format("{} of {} messages have another size, for example {} bytes", others, all, first),
              fmt::format("messages of {} bytes", numbers(stated)),
              "send buckets of the size that the workload states");
}

// What was bound to each rank, against the declaration and so against every other contestant.
void check_shards(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  for (const auto& r : v.ranks)
    for (std::size_t t = 0; t < e.tensors.size(); ++t) {
      const auto& tensor = e.tensors[t];
      const auto at = static_cast<std::size_t>(r.rank);
      const auto stated = at < tensor.shards.size() ? tensor.shards[at] : tensor.shape.empty() ? 0 : tensor.shape[0];
      const auto seen = t < r.shards.size() ? r.shards[t] : 0;
      if (seen == stated) continue;
      found.add("distributed.shard_size",
                fmt::format("rank {} has {} row{} of '{}'", r.rank, seen, plural(seen), tensor.name),
                fmt::format("{}, as every contestant", stated), "shard as the workload states");
      return;
    }
}

void check_bytes(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  if (e.ranks.least_bytes <= 0 || v.timed_calls == 0) return;
  double sent = 0;
  for (const auto& r : v.ranks) sent += static_cast<double>(r.bytes_sent);
  sent /= static_cast<double>(v.timed_calls);
  if (sent < e.ranks.least_bytes)
    found.add("distributed.collective_short_circuit", fmt::format("{:.0f} bytes sent in a call, by all ranks", sent),
              fmt::format("at least {:.0f}: with fewer no rank can know what it must", e.ranks.least_bytes),
              "find out what the ranks know without being told");
}

void check_busy(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  const auto busier = [](const auto& a, const auto& b) { return a.cpu_seconds < b.cpu_seconds; };
  const auto [idlest, busiest] = std::minmax_element(v.ranks.begin(), v.ranks.end(), busier);
  if (e.ranks.least_busy <= 0 || idlest == v.ranks.end() || busiest->cpu_seconds < kBusiestSeconds) return;
  if (idlest->cpu_seconds < e.ranks.least_busy * busiest->cpu_seconds)
    found.add("distributed.rank_skipping",
              fmt::format("rank {} worked {}, rank {} {}", idlest->rank, ms(idlest->cpu_seconds), busiest->rank,
                          ms(busiest->cpu_seconds)),
              fmt::format("at least {:.0f} % of the busiest rank", 100 * e.ranks.least_busy),
              "let every rank do its share");
}

// The worker brings its rank to a barrier between two calls of a batch, so that none runs ahead into the next.
void check_barriers(const model::VariantEvidence& v, Findings& found) {
  const auto least = static_cast<std::int64_t>(v.timed_calls) - static_cast<std::int64_t>(v.samples.size());
  for (const auto& r : v.ranks)
    if (r.barriers < least) {
      found.add("distributed.barrier_timing", fmt::format("rank {} came to {} barriers", r.rank, r.barriers),
                fmt::format("at least {}: one between two calls of a batch", least),
                "leave the worker's own calls alone");
      return;
    }
}

}  // namespace

void check_distributed(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  if (v.samples.empty()) return;  // nothing was timed
  if (e.ranks.ranks == 0 && v.ranks.empty()) return;
  if (!check_ranks(e, v, found)) return;
  check_links(e, v, found);
  check_sizes(e, v, found);
  check_shards(e, v, found);
  check_bytes(e, v, found);
  check_busy(e, v, found);
  check_barriers(v, found);
}

}  // namespace aisp::validity
