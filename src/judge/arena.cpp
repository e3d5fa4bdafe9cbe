#include "judge/arena.hpp"

#include <algorithm>

namespace aisp::judge {

std::span<std::byte> Arena::tensor(std::size_t index, int slot) const {
  const Placed& p = layout_.tensors[index];
  return {address(p.writable) + p.at(slot), p.bytes};
}

void Arena::store(std::size_t index, int slot, std::span<const std::byte> bytes, Hole hole) {
  const auto to = tensor(index, slot);
  const auto copy = [&](std::size_t first, std::size_t count) {
    if (count) space_.copy(to.subspan(first, count), bytes.subspan(first, count));
  };
  const auto behind = hole.offset + hole.width;
  copy(0, hole.offset);
  copy(behind, bytes.size() - behind);
}

void Arena::poison(std::size_t index, int slot, DType dtype, verify::Key key) {
  space_.poison(dtype, key, tensor(index, slot));
}

bool Arena::equal(std::size_t index, int slot, std::span<const std::byte> bytes) const {
  return space_.equal(tensor(index, slot), bytes);
}

std::vector<std::span<std::byte>> Arena::guards(int slot) const {
  std::vector<std::span<std::byte>> zones;
  for (std::size_t i = 0; i < layout_.tensors.size(); ++i) {
    if (!layout_.tensors[i].writable) continue;
    const auto t = tensor(i, slot);
    zones.emplace_back(t.data() - kGuardBytes, kGuardBytes);
    zones.emplace_back(t.data() + t.size(), kGuardBytes);
  }
  return zones;
}

void Arena::fill_guards(int slot) {
  for (const auto zone : guards(slot)) space_.fill_guard(key_, zone);
}

std::uint64_t Arena::damaged_guard_bytes(int slot) const { return space_.damaged_guard_bytes(key_, guards(slot)); }

HostArena::HostArena(Layout layout, verify::Key key)
    : Arena(memory_space(kDLCPU), std::move(layout), key),
      inputs_("aisp-inputs", this->layout().inputs_bytes),
      outputs_("aisp-outputs", this->layout().outputs_bytes) {}

LentMemory HostArena::lend() const {
  return {inputs_.read_only_fd(), outputs_.duplicate_fd(), inputs_.size(), outputs_.size()};
}

std::unique_ptr<Arena> make_arena(DLDeviceType device, Layout layout, verify::Key key) {
  if (device == kDLCPU) return std::make_unique<HostArena>(std::move(layout), key);
  return make_cuda_arena(std::move(layout), key);
}

RoundInputs::RoundInputs(const Problem& problem, int slots, DLDeviceType device, int threads)
    : problem_(problem),
      space_(memory_space(device)),
      threads_(threads),
      constants_(problem.tensors.size()),
      slots_(static_cast<std::size_t>(slots)) {
  for (auto& tensors : slots_) tensors.resize(problem.tensors.size());
}

void RoundInputs::draw_into(MemorySpace::Block& block, std::size_t index, verify::Key key) {
  const auto& spec = problem_.tensors[index];
  if (!block) block = space_.allocate(spec.bytes());
  space_.draw(spec, verify::derive(key, "tensor", index), {block.get(), spec.bytes()}, threads_);
}

void RoundInputs::draw_constants(verify::Key key) {
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i)
    if (problem_.tensors[i].role == Role::constant) draw_into(constants_[i], i, key);
}

void RoundInputs::draw(verify::Key key, int slots) {
  for (int s = first_drawn_ ? 1 : 0; s < slots; ++s) {
    auto& tensors = slots_[static_cast<std::size_t>(s)];
    const auto slot_key = verify::derive(key, "slot", static_cast<std::uint64_t>(s));
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const auto role = problem_.tensors[i].role;
      if (role == Role::fresh || role == Role::inout) draw_into(tensors[i], i, slot_key);
    }
  }
  first_drawn_ = true;
}

void RoundInputs::write(Arena& arena, int slot, verify::Key poison_key) const { write(arena, slot, poison_key, false); }

void RoundInputs::write_withholding(Arena& arena, int slot, verify::Key poison_key) const {
  write(arena, slot, poison_key, true);
}

void RoundInputs::write(Arena& arena, int slot, verify::Key poison_key, bool withholding) const {
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
    const auto& spec = problem_.tensors[i];
    if (spec.role == Role::constant) continue;
    if (spec.role == Role::output)
      arena.poison(i, slot, spec.dtype, poison_key_of(poison_key, i, slot));
    else
      arena.store(i, slot, before(i, slot), withholding ? withheld_[i].hole : Hole{});
  }
}

void RoundInputs::withhold(verify::Key key, int calls) {
  // Small, so that whoever waits for some words of an input does not wait for these.
  constexpr std::size_t kWidth = 256;
  withheld_.resize(problem_.tensors.size());
  for (std::size_t i = 0; i < withheld_.size(); ++i) {
    const auto& spec = problem_.tensors[i];
    if (spec.role != Role::fresh && spec.role != Role::inout) continue;
    auto& [hole, bytes, capacity] = withheld_[i];
    hole.width = std::min<std::size_t>(spec.bytes(), kWidth);
    hole.offset = verify::below(verify::derive(key, "hole", i), spec.bytes() - hole.width + 1);
    const auto wanted = hole.width * static_cast<std::size_t>(calls);
    if (wanted > capacity) bytes = space_.allocate_staging(capacity = wanted);
    for (int s = 1; s <= calls; ++s)
      space_.copy_rows(bytes.get() + hole.width * static_cast<std::size_t>(s - 1), hole.width,
                       before(i, s).data() + hole.offset, hole.width, hole.width, 1);
  }
}

void RoundInputs::release(Arena& arena, int calls) const {
  for (std::size_t i = 0; i < withheld_.size(); ++i) {
    const auto& [hole, bytes, capacity] = withheld_[i];
    if (!capacity) continue;
    const auto stride = arena.layout().tensors[i].stride;
    space_.copy_rows(arena.tensor(i, 1).data() + hole.offset, std::max(stride, hole.width), bytes.get(), hole.width,
                     hole.width, static_cast<std::size_t>(calls));
  }
}

void RoundInputs::restore_state(Arena& arena, int slot) const {
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i)
    if (problem_.tensors[i].role == Role::inout) arena.store(i, slot, before(i, slot));
}

void RoundInputs::write_constants(Arena& arena) const {
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i)
    if (problem_.tensors[i].role == Role::constant) arena.store(i, 0, before(i, 0));
}

std::span<const std::byte> RoundInputs::before(std::size_t index, int slot) const {
  const auto& spec = problem_.tensors[index];
  if (spec.role == Role::output) return {};
  const auto& block = spec.role == Role::constant ? constants_[index] : slots_[static_cast<std::size_t>(slot)][index];
  return {block.get(), spec.bytes()};
}

verify::Key RoundInputs::poison_key_of(verify::Key poison_key, std::size_t index, int slot) {
  return verify::derive(verify::derive(poison_key, "slot", static_cast<std::uint64_t>(slot)), "tensor", index);
}

std::unique_ptr<Expectation> RoundInputs::expectation(int slot, verify::Key key) const {
  std::vector<std::span<const std::byte>> tensors;
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i) tensors.push_back(before(i, slot));
  return space_.expect(problem_, tensors, key, threads_);
}

int RoundInputs::changed_inputs(const Arena& arena, int slot) const {
  int changed = 0;
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i)
    if (!problem_.tensors[i].writable()) changed += !arena.equal(i, slot, before(i, slot));
  return changed;
}

}  // namespace aisp::judge
