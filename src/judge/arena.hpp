// The buffers of one variant, and the inputs of one round.
#pragma once

#include <aisp/plugin.h>

#include "judge/layout.hpp"
#include "judge/memory.hpp"
#include "verify/random.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace aisp::judge {

// What a variant reads and writes: slots × tensors in two regions that the judge owns and lends to the worker as file
// descriptors, with guard zones around everything writable. HostArena is memfds; CudaArena (arena_cuda.cpp) is exported
// device memory.
class Arena {
 public:
  Arena(Layout layout, verify::Key key) : layout_(std::move(layout)), key_(key) {}
  virtual ~Arena() = default;

  const Layout& layout() const { return layout_; }
  void store(std::size_t index, int slot, std::span<const std::byte> bytes);
  // The tensor's bytes: the memory itself where the judge can read it, else a copy in `buffer`.
  std::span<const std::byte> load(std::size_t index, int slot, std::vector<std::byte>& buffer) const;
  // The tensor's memory when the judge can write it directly; empty otherwise.
  std::span<std::byte> direct(std::size_t index, int slot) const;
  // Where the tensor lies, for whoever can read that kind of memory.
  const std::byte* place(std::size_t index, int slot) const;
  void fill_guards(int slot);
  std::uint64_t damaged_guard_bytes(int slot) const;

  virtual LentMemory lend() const = 0;
  // Returns when everything stored is where the worker's device reads it.
  virtual void settle() {}

 protected:
  virtual std::byte* address(bool writable) const = 0;  // where the region lies for the judge
  virtual bool on_host() const { return true; }
  virtual void copy_in(std::byte* to, std::span<const std::byte> from) = 0;
  virtual void copy_out(std::span<std::byte> to, const std::byte* from) const = 0;

 private:
  std::byte* guard(const Placed&, int slot, bool after) const;

  Layout layout_;
  verify::Key key_;
};

class HostArena : public Arena {
 public:
  HostArena(Layout, verify::Key);
  std::byte* region(bool writable) const { return address(writable); }
  LentMemory lend() const override;

 protected:
  std::byte* address(bool writable) const override { return writable ? outputs_.data() : inputs_.data(); }
  void copy_in(std::byte* to, std::span<const std::byte> from) override;
  void copy_out(std::span<std::byte> to, const std::byte* from) const override;

 private:
  SharedMemory inputs_, outputs_;
};

// The arena of that kind of device.
std::unique_ptr<Arena> make_arena(DLDeviceType, Layout, verify::Key);

// Exported memory of the CUDA device 0; throws when this build or machine has no CUDA.
std::unique_ptr<Arena> make_cuda_arena(Layout, verify::Key);

// The judge's private copy of what the calls of one round read: the same for every variant, never mapped in a worker.
class RoundInputs {
 public:
  // `threads` draw at a time; what they draw does not depend on it.
  RoundInputs(const Problem&, int slots, int threads = 1);

  void draw_constants(verify::Key key);
  // Draws fresh and inout tensors of slots [0, slots); slot 0, whose calls are discarded, keeps what it got first.
  void draw(verify::Key key, int slots);
  // Puts inputs into the arena's slot and poisons its outputs.
  void write(Arena&, int slot, verify::Key poison_key) const;
  // Puts inout tensors alone back as they were before the slot's call.
  void restore_state(Arena&, int slot) const;
  void write_constants(Arena&) const;
  // Bytes of tensor `index` before the call; empty for outputs.
  std::span<const std::byte> before(std::size_t index, int slot) const;
  // What the slot's output held before the call, drawn again from the key.
  std::vector<std::byte> poison(std::size_t index, int slot, verify::Key poison_key) const;
  // How many readable, read-only tensors of the arena's slot differ from what was written.
  int changed_inputs(const Arena&, int slot) const;

 private:
  const Problem& problem_;
  int threads_;
  std::vector<std::vector<std::byte>> constants_;           // by tensor
  std::vector<std::vector<std::vector<std::byte>>> slots_;  // by slot, tensor
};

}  // namespace aisp::judge
