// Memory that tensors of a contest lie in, the host's or a device's, and what the judge does to them there. Drawing,
// poisoning and comparing give the same bits and the same counts in each.
#pragma once

#include <aisp/plugin.h>
#include <aisp/problem.hpp>

#include "device/cpu/facts.hpp"
#include "model/evidence.hpp"
#include "verify/random.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace aisp::judge {

// What a call must have computed from given inputs.
class Expectation {
 public:
  virtual ~Expectation() = default;
  // Compares `outputs[i]`, tensor i after a call (read-only tensors: ignored). An output tensor held the poison of
  // `poison_keys[i]` before it.
  virtual std::vector<model::Comparison> check(const std::vector<std::span<std::byte>>& outputs,
                                               const std::vector<verify::Key>& poison_keys) const = 0;
};

class MemorySpace {
 public:
  using Block = std::unique_ptr<std::byte[], std::function<void(std::byte*)>>;
  virtual ~MemorySpace() = default;

  // Memory of the judge alone, aligned for every dtype, not initialised.
  virtual Block allocate(std::size_t bytes) = 0;
  // Memory of the host that the device's copy engine reaches.
  virtual Block allocate_staging(std::size_t bytes) = 0;
  // Gives memory that is kept for the next allocation back to the system.
  virtual void trim() {}

  // All below may return before it is done and follow each other in order; `to` and `bytes` lie in this space, and
  // `threads` are those of the host, where it is the host that works.
  virtual void draw(const TensorSpec&, verify::Key, std::span<std::byte> to, int threads = 1) = 0;
  virtual void poison(DType, verify::Key, std::span<std::byte> bytes) = 0;
  virtual void fill_guard(verify::Key, std::span<std::byte> zone) = 0;
  // Also between this space and the host's. What comes from the host may change once this returns; what goes to the
  // host is there.
  virtual void copy(std::span<std::byte> to, std::span<const std::byte> from) = 0;
  // Copies `rows` of `width` bytes that lie `pitch` apart, without a kernel: the device's copy engine does it.
  virtual void copy_rows(std::byte* to, std::size_t to_pitch, const std::byte* from, std::size_t from_pitch,
                         std::size_t width, std::size_t rows) = 0;
  // Empties the caches of this space of everything but memory of the judge's own: `bytes` of it.
  virtual void evict(std::uint64_t bytes) = 0;
  virtual const char* eviction() const = 0;                              // what is done to them: "written"
  virtual std::uint64_t cache_bytes(const device::CpuFacts&) const = 0;  // of the last level
  virtual std::uint64_t free_bytes(const device::CpuFacts&) const = 0;
  // Returns when all of it is done and to be seen by a worker.
  virtual void settle() = 0;

  virtual bool equal(std::span<const std::byte>, std::span<const std::byte>) = 0;
  // Bytes of the zones that changed since fill_guard.
  virtual std::uint64_t damaged_guard_bytes(verify::Key, const std::vector<std::span<std::byte>>& zones) = 0;

  // `tensors[i]` lies in this space and holds tensor i as the call saw it (outputs: empty); it is referred to, and so
  // is the problem. `key` makes the multipliers of a probabilistic check: see verify::Oracle. Throws what the reference
  // throws.
  virtual std::unique_ptr<Expectation> expect(const Problem&, const std::vector<std::span<const std::byte>>& tensors,
                                              verify::Key key, int threads = 1) = 0;

  // Draws the inputs of a small problem and computes what a call must make of them, here and on the host. Throws
  // std::runtime_error when the two differ: then this space cannot judge that target.
  virtual void prove(const Problem&, verify::Key) {}
};

// The space of that kind of device, made on first use. Throws when this build or machine has none.
MemorySpace& memory_space(DLDeviceType);

std::unique_ptr<MemorySpace> make_cuda_space();

}  // namespace aisp::judge
