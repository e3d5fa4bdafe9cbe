#include "judge/arena.hpp"

#include <limits>
#include <stdexcept>

namespace aisp::judge {

ShardedArena::ShardedArena(const Problem& problem, DLDeviceType device, Layout layout, verify::Key key)
    : Arena(memory_space(device), std::move(layout), key), whole_(problem.tensors.size()) {
  for (const auto& t : problem.tensors) {
    auto& begins = begins_.emplace_back();
    if (t.shards.empty()) continue;
    const std::uint64_t row = t.bytes() / static_cast<std::uint64_t>(t.shape[0]);
    begins.push_back(0);
    for (const auto rows : t.shards) begins.push_back(begins.back() + row * static_cast<std::uint64_t>(rows));
  }
  for (int r = 0; r < problem.ranks; ++r) {
    auto own = lay_out(judge::shard_of(problem, r), this->layout().slots, std::numeric_limits<std::uint64_t>::max());
    parts_.push_back(make_arena(device, std::move(own), verify::derive(key, "rank", static_cast<std::uint64_t>(r))));
  }
}

std::span<const std::byte> ShardedArena::shard(std::size_t index, int rank, std::span<const std::byte> whole) const {
  const auto& begins = begins_[index];
  if (begins.empty()) return whole;
  const auto r = static_cast<std::size_t>(rank);
  return whole.subspan(begins[r], begins[r + 1] - begins[r]);
}

std::span<std::byte> ShardedArena::whole(std::size_t index) {
  const auto bytes = begins_[index].back();
  if (!whole_[index]) whole_[index] = space().allocate(bytes);
  return {whole_[index].get(), bytes};
}

std::span<std::byte> ShardedArena::written(std::size_t index, int slot) {
  const auto all = whole(index);
  for (std::size_t r = 0; r < parts_.size(); ++r)
    space().copy(all.subspan(begins_[index][r], begins_[index][r + 1] - begins_[index][r]),
                 parts_[r]->tensor(index, slot));
  return all;
}

void ShardedArena::store(std::size_t index, int slot, std::span<const std::byte> bytes, Hole hole) {
  if (hole.width) throw std::logic_error("inputs of several ranks cannot be withheld");
  for (std::size_t r = 0; r < parts_.size(); ++r)
    parts_[r]->store(index, slot, shard(index, static_cast<int>(r), bytes));
}

// The pattern is that of the whole tensor: who checks the output knows nothing of ranks.
void ShardedArena::poison(std::size_t index, int slot, DType dtype, verify::Key key) {
  const auto all = whole(index);
  space().poison(dtype, key, all);
  store(index, slot, all);
}

bool ShardedArena::equal(std::size_t index, int slot, std::span<const std::byte> bytes) const {
  for (std::size_t r = 0; r < parts_.size(); ++r)
    if (!parts_[r]->equal(index, slot, shard(index, static_cast<int>(r), bytes))) return false;
  return true;
}

void ShardedArena::fill_guards(int slot) {
  for (auto& part : parts_) part->fill_guards(slot);
}

std::uint64_t ShardedArena::damaged_guard_bytes(int slot) const {
  std::uint64_t damaged = 0;
  for (const auto& part : parts_) damaged += part->damaged_guard_bytes(slot);
  return damaged;
}

LentMemory ShardedArena::lend() const { throw std::logic_error("each part of a sharded arena lends its own memory"); }
std::byte* ShardedArena::address(bool) const { throw std::logic_error("the shards of ranks lie apart"); }

}  // namespace aisp::judge
