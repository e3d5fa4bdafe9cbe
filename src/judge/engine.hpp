// Worker side: what calls run on. The engine maps the lent memory and knows how to tell when work is done.
#pragma once

#include <aisp/plugin.h>

#include "judge/batch.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace aisp::judge {

// One call: returns the variant's message, or NULL.
using Call = std::function<const char*(std::int32_t slot)>;

class Engine {
 public:
  virtual ~Engine() = default;
  virtual DLDevice device() const = 0;
  virtual void* stream() const { return nullptr; }
  virtual std::byte* inputs() const = 0;  // where slot 0 of the read-only arena lies for the variant
  virtual std::byte* outputs() const = 0;

  // The least that a call can be: what the null variant does.
  virtual void nothing() {}
  // Makes the slots' memory present, so that no timed call pays for first touches.
  virtual void populate(std::int32_t first, std::int32_t count) = 0;
  // Returns when everything that callbacks started is done; throws on a device error.
  virtual void settle() = 0;
  // Runs calls one after another to completion; the time they took, in ns.
  virtual std::uint64_t run(const Call&, Batch) = 0;
  // Queues calls behind a closed gate, without waiting; then waits for them: the sum of their times, in ns.
  virtual void enqueue(const Call&, Batch) = 0;
  virtual std::uint64_t wait() = 0;
};

struct OutOfDeviceMemory : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The callback's message as an exception: std::bad_alloc or OutOfDeviceMemory for memory, std::runtime_error otherwise.
void throw_if(const char* message);

std::unique_ptr<Engine> make_host_engine(const JudgePage&);
// Throws when this build or this machine has no CUDA.
std::unique_ptr<Engine> make_cuda_engine(const JudgePage&, WorkerPage&);

// Where the driver and the toolkit's libraries lie on this machine, separated by colons.
std::string cuda_library_folders();

}  // namespace aisp::judge
