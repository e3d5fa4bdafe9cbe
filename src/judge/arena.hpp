// The buffers of one variant, and the inputs of one round.
#pragma once

#include "judge/layout.hpp"
#include "judge/memory.hpp"
#include "verify/random.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace aisp::judge {

// What a variant reads and writes: slots × tensors in two memfds, guard zones around everything writable.
class Arena {
 public:
  Arena(const Problem&, Layout, verify::Key key);

  const Layout& layout() const { return layout_; }
  const SharedMemory& inputs() const { return inputs_; }
  const SharedMemory& outputs() const { return outputs_; }
  std::span<std::byte> tensor(std::size_t index, int slot) const;

  void fill_guards(int slot);
  std::uint64_t damaged_guard_bytes(int slot) const;

 private:
  std::span<std::byte> guard(const Placed&, int slot, bool after) const;

  Layout layout_;
  SharedMemory inputs_, outputs_;
  verify::Key key_;
};

// The judge's private copy of what the calls of one round read: the same for every variant, never mapped in a worker.
class RoundInputs {
 public:
  RoundInputs(const Problem&, int slots);

  void draw_constants(verify::Key key);
  // Draws fresh and inout tensors of slots [0, slots).
  void draw(verify::Key key, int slots);
  // Puts inputs into the arena's slot and poisons its outputs.
  void write(Arena&, int slot, verify::Key poison_key) const;
  void write_constants(Arena&) const;
  // Bytes of tensor `index` before the call; empty for outputs.
  std::span<const std::byte> before(std::size_t index, int slot) const;
  // What the slot's output held before the call, drawn again from the key.
  std::vector<std::byte> poison(std::size_t index, int slot, verify::Key poison_key) const;
  // How many readable, read-only tensors of the arena's slot differ from what was written.
  int changed_inputs(const Arena&, int slot) const;

 private:
  const Problem& problem_;
  std::vector<std::vector<std::byte>> constants_;           // by tensor
  std::vector<std::vector<std::vector<std::byte>>> slots_;  // by slot, tensor
};

}  // namespace aisp::judge
