#include "judge/arena.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace aisp::judge {

std::span<std::byte> Arena::direct(std::size_t index, int slot) const {
  const Placed& p = layout_.tensors[index];
  if (!on_host()) return {};
  return {address(p.writable) + p.at(slot), p.bytes};
}

const std::byte* Arena::place(std::size_t index, int slot) const {
  const Placed& p = layout_.tensors[index];
  return address(p.writable) + p.at(slot);
}

void Arena::store(std::size_t index, int slot, std::span<const std::byte> bytes) {
  const Placed& p = layout_.tensors[index];
  copy_in(address(p.writable) + p.at(slot), bytes);
}

std::span<const std::byte> Arena::load(std::size_t index, int slot, std::vector<std::byte>& buffer) const {
  if (on_host()) return direct(index, slot);
  const Placed& p = layout_.tensors[index];
  buffer.resize(p.bytes);
  copy_out(buffer, address(p.writable) + p.at(slot));
  return buffer;
}

std::byte* Arena::guard(const Placed& p, int slot, bool after) const {
  return address(true) + (after ? p.at(slot) + p.bytes : p.at(slot) - kGuardBytes);
}

void Arena::fill_guards(int slot) {
  std::array<std::byte, kGuardBytes> zone;
  verify::fill_guard(key_, zone);
  for (const auto& p : layout_.tensors)
    if (p.writable)
      for (bool after : {false, true}) copy_in(guard(p, slot, after), zone);
}

std::uint64_t Arena::damaged_guard_bytes(int slot) const {
  std::array<std::byte, kGuardBytes> zone;
  std::uint64_t damaged = 0;
  for (const auto& p : layout_.tensors)
    if (p.writable)
      for (bool after : {false, true}) {
        copy_out(zone, guard(p, slot, after));
        damaged += verify::damaged_guard_bytes(key_, zone);
      }
  return damaged;
}

HostArena::HostArena(Layout layout, verify::Key key)
    : Arena(std::move(layout), key),
      inputs_("aisp-inputs", this->layout().inputs_bytes),
      outputs_("aisp-outputs", this->layout().outputs_bytes) {}

LentMemory HostArena::lend() const {
  return {inputs_.read_only_fd(), outputs_.duplicate_fd(), inputs_.size(), outputs_.size()};
}

void HostArena::copy_in(std::byte* to, std::span<const std::byte> from) { std::memcpy(to, from.data(), from.size()); }
void HostArena::copy_out(std::span<std::byte> to, const std::byte* from) const {
  std::memcpy(to.data(), from, to.size());
}

std::unique_ptr<Arena> make_arena(DLDeviceType device, Layout layout, verify::Key key) {
  if (device == kDLCPU) return std::make_unique<HostArena>(std::move(layout), key);
  return make_cuda_arena(std::move(layout), key);
}

RoundInputs::RoundInputs(const Problem& problem, int slots, int threads)
    : problem_(problem),
      threads_(threads),
      constants_(problem.tensors.size()),
      slots_(static_cast<std::size_t>(slots)) {}

void RoundInputs::draw_constants(verify::Key key) {
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
    const auto& spec = problem_.tensors[i];
    if (spec.role != Role::constant) continue;
    constants_[i].resize(spec.bytes());
    verify::draw(spec, verify::derive(key, "tensor", i), constants_[i], threads_);
  }
}

void RoundInputs::draw(verify::Key key, int slots) {
  for (int s = 0; s < slots; ++s) {
    auto& tensors = slots_[static_cast<std::size_t>(s)];
    if (s == 0 && !tensors.empty()) continue;
    tensors.resize(problem_.tensors.size());
    const auto slot_key = verify::derive(key, "slot", static_cast<std::uint64_t>(s));
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const auto& spec = problem_.tensors[i];
      if (spec.role != Role::fresh && spec.role != Role::inout) continue;
      tensors[i].resize(spec.bytes());
      verify::draw(spec, verify::derive(slot_key, "tensor", i), tensors[i], threads_);
    }
  }
}

void RoundInputs::write(Arena& arena, int slot, verify::Key poison_key) const {
  const auto slot_key = verify::derive(poison_key, "slot", static_cast<std::uint64_t>(slot));
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
    const auto& spec = problem_.tensors[i];
    if (spec.role == Role::constant) continue;
    if (spec.role != Role::output)
      arena.store(i, slot, slots_[static_cast<std::size_t>(slot)][i]);
    else if (const auto to = arena.direct(i, slot); !to.empty())
      verify::poison(spec.dtype, verify::derive(slot_key, "tensor", i), to);
    else
      arena.store(i, slot, poison(i, slot, poison_key));
  }
}

void RoundInputs::restore_state(Arena& arena, int slot) const {
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i)
    if (problem_.tensors[i].role == Role::inout) arena.store(i, slot, slots_[static_cast<std::size_t>(slot)][i]);
}

void RoundInputs::write_constants(Arena& arena) const {
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i)
    if (problem_.tensors[i].role == Role::constant) arena.store(i, 0, constants_[i]);
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
  std::vector<std::byte> buffer;
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
    if (problem_.tensors[i].writable()) continue;
    const std::span<const std::byte> now = arena.load(i, slot, buffer), then = before(i, slot);
    changed += !std::equal(now.begin(), now.end(), then.begin(), then.end());
  }
  return changed;
}

}  // namespace aisp::judge
