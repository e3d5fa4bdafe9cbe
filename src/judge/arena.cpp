#include "judge/arena.hpp"

#include <algorithm>
#include <cstring>

namespace aisp::judge {

Arena::Arena(const Problem&, Layout layout, verify::Key key)
    : layout_(std::move(layout)),
      inputs_("aisp-inputs", layout_.inputs_bytes),
      outputs_("aisp-outputs", layout_.outputs_bytes),
      key_(key) {}

std::span<std::byte> Arena::tensor(std::size_t index, int slot) const {
  const Placed& p = layout_.tensors[index];
  return (p.writable ? outputs_ : inputs_).at(p.at(slot), p.bytes);
}

std::span<std::byte> Arena::guard(const Placed& p, int slot, bool after) const {
  return outputs_.at(after ? p.at(slot) + p.bytes : p.at(slot) - kGuardBytes, kGuardBytes);
}

void Arena::fill_guards(int slot) {
  for (const auto& p : layout_.tensors)
    if (p.writable)
      for (bool after : {false, true}) verify::fill_guard(key_, guard(p, slot, after));
}

std::uint64_t Arena::damaged_guard_bytes(int slot) const {
  std::uint64_t damaged = 0;
  for (const auto& p : layout_.tensors)
    if (p.writable)
      for (bool after : {false, true}) damaged += verify::damaged_guard_bytes(key_, guard(p, slot, after));
  return damaged;
}

RoundInputs::RoundInputs(const Problem& problem, int slots)
    : problem_(problem), constants_(problem.tensors.size()), slots_(static_cast<std::size_t>(slots)) {}

void RoundInputs::draw_constants(verify::Key key) {
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
    const auto& spec = problem_.tensors[i];
    if (spec.role != Role::constant) continue;
    constants_[i].resize(spec.bytes());
    verify::draw(spec, verify::derive(key, "tensor", i), constants_[i]);
  }
}

void RoundInputs::draw(verify::Key key, int slots) {
  for (int s = 0; s < slots; ++s) {
    auto& tensors = slots_[static_cast<std::size_t>(s)];
    tensors.resize(problem_.tensors.size());
    const auto slot_key = verify::derive(key, "slot", static_cast<std::uint64_t>(s));
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const auto& spec = problem_.tensors[i];
      if (spec.role != Role::fresh && spec.role != Role::inout) continue;
      tensors[i].resize(spec.bytes());
      verify::draw(spec, verify::derive(slot_key, "tensor", i), tensors[i]);
    }
  }
}

void RoundInputs::write(Arena& arena, int slot, verify::Key poison_key) const {
  const auto slot_key = verify::derive(poison_key, "slot", static_cast<std::uint64_t>(slot));
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
    const auto& spec = problem_.tensors[i];
    const auto to = arena.tensor(i, slot);
    if (spec.role == Role::output)
      verify::poison(spec.dtype, verify::derive(slot_key, "tensor", i), to);
    else if (spec.role != Role::constant)
      std::memcpy(to.data(), slots_[static_cast<std::size_t>(slot)][i].data(), to.size());
  }
}

void RoundInputs::write_constants(Arena& arena) const {
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i)
    if (problem_.tensors[i].role == Role::constant)
      std::memcpy(arena.tensor(i, 0).data(), constants_[i].data(), constants_[i].size());
}

std::span<const std::byte> RoundInputs::before(std::size_t index, int slot) const {
  switch (problem_.tensors[index].role) {
    case Role::constant: return constants_[index];
    case Role::output: return {};
    default: return slots_[static_cast<std::size_t>(slot)][index];
  }
}

std::vector<std::byte> RoundInputs::poison(std::size_t index, int slot, verify::Key poison_key) const {
  const auto& spec = problem_.tensors[index];
  const auto slot_key = verify::derive(poison_key, "slot", static_cast<std::uint64_t>(slot));
  std::vector<std::byte> bytes(spec.bytes());
  verify::poison(spec.dtype, verify::derive(slot_key, "tensor", index), bytes);
  return bytes;
}

int RoundInputs::changed_inputs(const Arena& arena, int slot) const {
  int changed = 0;
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
    if (problem_.tensors[i].writable()) continue;
    const std::span<const std::byte> now = arena.tensor(i, slot), then = before(i, slot);
    changed += !std::equal(now.begin(), now.end(), then.begin(), then.end());
  }
  return changed;
}

}  // namespace aisp::judge
