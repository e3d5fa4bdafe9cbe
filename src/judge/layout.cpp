#include "judge/layout.hpp"

#include <algorithm>

namespace aisp::judge {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t round_up(std::uint64_t n, std::uint64_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

// Big tensors start on a page, each 256 bytes further than the last, so that streams do not collide in the same cache
// sets.
std::uint64_t place(std::uint64_t cursor, std::uint64_t bytes, std::size_t index) {
  if (bytes < kPage) return round_up(cursor, 64);
  const std::uint64_t stagger = (index % 8) * 256;
  return round_up(cursor, kPage) + stagger;
}

}  // namespace

Problem shard_of(const Problem& problem, int rank) {
  Problem shard = problem;
  for (auto& t : shard.tensors)
    if (!t.shards.empty()) t.shape[0] = t.shards[static_cast<std::size_t>(rank)];
  return shard;
}

Layout lay_out(const Problem& problem, int max_slots, std::uint64_t memory_bytes) {
  Layout layout;
  std::uint64_t constants = 0, inputs = 0, outputs = 0;
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    const auto& spec = problem.tensors[i];
    Placed p;
    p.writable = spec.writable();
    p.bytes = spec.bytes();
    std::uint64_t& cursor = p.writable ? outputs : spec.role == Role::constant ? constants : inputs;
    if (p.writable) cursor += kGuardBytes;
    p.offset = place(cursor, p.bytes, i);
    cursor = p.offset + p.bytes + (p.writable ? kGuardBytes : 0);
    layout.tensors.push_back(p);
  }
  const auto pad = [](std::uint64_t n) { return round_up(n, n < kPage ? 64 : kPage); };
  const std::uint64_t input_stride = pad(inputs), output_stride = pad(outputs);
  constants = round_up(constants, kPage);
  layout.slot_bytes = input_stride + output_stride;
  const std::uint64_t fit = memory_bytes / std::max<std::uint64_t>(layout.slot_bytes, 1);
  layout.slots =
      static_cast<int>(std::clamp<std::uint64_t>(fit, 2, static_cast<std::uint64_t>(std::max(max_slots, 2))));
  for (std::size_t i = 0; i < layout.tensors.size(); ++i) {
    auto& p = layout.tensors[i];
    if (p.writable)
      p.stride = output_stride;
    else if (problem.tensors[i].role == Role::fresh) {
      p.stride = input_stride;
      p.offset += constants;
    }
  }
  const auto slots = static_cast<std::uint64_t>(layout.slots);
  layout.inputs_bytes = std::max(kPage, round_up(constants + input_stride * slots, kPage));
  layout.outputs_bytes = std::max(kPage, round_up(output_stride * slots, kPage));
  return layout;
}

}  // namespace aisp::judge
