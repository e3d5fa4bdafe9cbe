// Where every tensor of every slot lies in the two arenas: read-only inputs, writable outputs with guard zones.
#pragma once

#include <aisp/problem.hpp>

#include <cstdint>
#include <vector>

namespace aisp::judge {

inline constexpr std::size_t kGuardBytes = 256;  // before and after every writable tensor

struct Placed {
  bool writable = false;     // which arena
  std::uint64_t offset = 0;  // of slot 0
  std::uint64_t stride = 0;  // from slot to slot; 0 for constants
  std::uint64_t bytes = 0;
  std::uint64_t at(int slot) const { return offset + stride * static_cast<std::uint64_t>(slot); }
};

struct Layout {
  std::vector<Placed> tensors;  // in declaration order
  int slots = 0;
  std::uint64_t inputs_bytes = 0, outputs_bytes = 0;  // arena sizes, whole pages, at least one
  std::uint64_t slot_bytes = 0;                       // inputs and outputs of one slot
};

// The problem as one of its ranks sees it: its shards for tensors.
Problem shard_of(const Problem&, int rank);

// As many slots as fit into `memory_bytes`, at least 2 (a discarded call and a timed one) and at most `max_slots`.
Layout lay_out(const Problem&, int max_slots, std::uint64_t memory_bytes);

}  // namespace aisp::judge
