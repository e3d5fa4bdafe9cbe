// The buffers of one variant, and the inputs of one round.
#pragma once

#include <aisp/plugin.h>

#include "judge/layout.hpp"
#include "judge/memory.hpp"
#include "judge/space.hpp"
#include "verify/random.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace aisp::judge {

// A place within a tensor that is written last.
struct Hole {
  std::size_t offset = 0, width = 0;  // bytes
};

// What a variant reads and writes: slots × tensors in two regions that the judge owns and lends to the worker as file
// descriptors, with guard zones around everything writable. HostArena is memfds; CudaArena (arena_cuda.cpp) is exported
// device memory.
class Arena {
 public:
  Arena(MemorySpace& space, Layout layout, verify::Key key) : space_(space), layout_(std::move(layout)), key_(key) {}
  virtual ~Arena() = default;

  const Layout& layout() const { return layout_; }
  // The tensor's memory, in the space of the arena.
  std::span<std::byte> tensor(std::size_t index, int slot) const;
  // All of a tensor that was written, in one piece: its memory, or a copy that lasts until the next.
  virtual std::span<std::byte> written(std::size_t index, int slot) { return tensor(index, slot); }
  // Stores all of the tensor but the bytes of `hole`.
  virtual void store(std::size_t index, int slot, std::span<const std::byte> bytes, Hole hole = {});
  virtual void poison(std::size_t index, int slot, DType, verify::Key);
  virtual bool equal(std::size_t index, int slot, std::span<const std::byte> bytes) const;
  virtual void fill_guards(int slot);
  virtual std::uint64_t damaged_guard_bytes(int slot) const;

  virtual LentMemory lend() const = 0;
  // Leaves nothing of the slots in the caches; `bytes` is more than they hold.
  void evict(std::uint64_t bytes) { space_.evict(bytes); }
  // Returns when everything stored is where the worker's device reads it.
  void settle() { space_.settle(); }

 protected:
  virtual std::byte* address(bool writable) const = 0;  // where the region lies for the judge
  MemorySpace& space() const { return space_; }

 private:
  std::vector<std::span<std::byte>> guards(int slot) const;

  MemorySpace& space_;
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

 private:
  SharedMemory inputs_, outputs_;
};

// The arena of that kind of device.
std::unique_ptr<Arena> make_arena(DLDeviceType, Layout, verify::Key);

// Exported memory of the CUDA device 0; throws when this build or machine has no CUDA.
std::unique_ptr<Arena> make_cuda_arena(Layout, verify::Key);

// The shards of several ranks, each in an arena of its own: what one of them is lent holds nothing of another's.
class ShardedArena : public Arena {
 public:
  ShardedArena(const Problem&, DLDeviceType, Layout, verify::Key);
  const Arena& part(int rank) const { return *parts_[static_cast<std::size_t>(rank)]; }

  std::span<std::byte> written(std::size_t index, int slot) override;
  void store(std::size_t index, int slot, std::span<const std::byte> bytes, Hole hole = {}) override;
  void poison(std::size_t index, int slot, DType, verify::Key) override;
  bool equal(std::size_t index, int slot, std::span<const std::byte> bytes) const override;
  void fill_guards(int slot) override;
  std::uint64_t damaged_guard_bytes(int slot) const override;
  LentMemory lend() const override;  // throws: each part lends its own

 protected:
  std::byte* address(bool writable) const override;  // throws

 private:
  std::span<std::byte> whole(std::size_t index);
  // Where a rank's shard lies in the whole tensor; all of it when every rank reads it.
  std::span<const std::byte> shard(std::size_t index, int rank, std::span<const std::byte> whole) const;

  std::vector<std::unique_ptr<Arena>> parts_;       // by rank
  std::vector<std::vector<std::uint64_t>> begins_;  // by tensor: of each rank's shard, and the end; empty: not split
  std::vector<MemorySpace::Block> whole_;           // by tensor, when first asked for
};

// The judge's private copy of what the calls of one round read, in the space that its arenas lie in: the same for every
// variant, never mapped in a worker.
class RoundInputs {
 public:
  // `threads` of the host draw and compute at a time; the results do not depend on it.
  RoundInputs(const Problem&, int slots, DLDeviceType, int threads = 1);

  void draw_constants(verify::Key key);
  // Draws fresh and inout tensors of slots [0, slots); slot 0, whose calls are discarded, keeps what it got first.
  void draw(verify::Key key, int slots);
  // Puts inputs into the arena's slot and poisons its outputs.
  void write(Arena&, int slot, verify::Key poison_key) const;

  // For calls that are queued before their inputs exist: a random place of each input, the same in every slot, is held
  // back by write_withholding() and put in by release(), a copy of some microseconds that needs no kernel. So whatever
  // computes as soon as the inputs seem to be there has read something else. withhold() chooses the places for slots
  // [1, 1 + calls), once their inputs are drawn.
  void withhold(verify::Key key, int calls);
  void write_withholding(Arena&, int slot, verify::Key poison_key) const;
  void release(Arena&, int calls) const;

  // Puts inout tensors alone back as they were before the slot's call.
  void restore_state(Arena&, int slot) const;
  void write_constants(Arena&) const;
  // Bytes of tensor `index` before the call; empty for outputs.
  std::span<const std::byte> before(std::size_t index, int slot) const;
  // The key of what output `index` of a slot held before the call that was written with `poison_key`.
  static verify::Key poison_key_of(verify::Key poison_key, std::size_t index, int slot);
  // What a call on that slot must compute; `key` as in verify::Oracle.
  std::unique_ptr<Expectation> expectation(int slot, verify::Key key) const;
  // How many readable, read-only tensors of the arena's slot differ from what was written.
  int changed_inputs(const Arena&, int slot) const;

 private:
  void write(Arena&, int slot, verify::Key poison_key, bool withholding) const;
  // A tensor's private copy, allocated when first drawn.
  void draw_into(MemorySpace::Block&, std::size_t index, verify::Key key);

  const Problem& problem_;
  MemorySpace& space_;
  int threads_;
  bool first_drawn_ = false;
  std::vector<MemorySpace::Block> constants_;           // by tensor
  std::vector<std::vector<MemorySpace::Block>> slots_;  // by slot, tensor

  struct Withheld {
    Hole hole;
    MemorySpace::Block bytes;  // of slots 1, 2, …, one after another
    std::size_t capacity = 0;
  };
  std::vector<Withheld> withheld_;  // by tensor
};

}  // namespace aisp::judge
