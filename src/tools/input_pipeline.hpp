// An input pipeline that really runs: workers read batches from a file and transform them into a ring of buffers, the
// consumer computes on them in order. What a data loader does beside a training step, small enough to sweep.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace aisp::tools {

struct PipelineWork {
  std::int64_t batches = 0;
  std::int64_t elements = 0;  // of one batch: one byte each in the file, one float each after the transform
  int transform_passes = 1;   // over the batch
  int compute_passes = 1;
  double read_delay_seconds = 0;  // added to every read: storage that is far away
  std::uint64_t bytes() const { return static_cast<std::uint64_t>(batches * elements); }
};

struct PipelineShape {
  int workers = 0;  // 0: the consumer reads and transforms itself
  int buffers = 1;  // batches that may be ready or in the making at a time
};

struct PipelineTimes {
  double seconds = 0;                           // of all batches
  double waited = 0;                            // of it, the consumer without a batch
  double read = 0, transform = 0, compute = 0;  // summed over batches, on the threads that did them
  double result = 0;                            // of the computation: the same for every shape, to the last bit
};

// A file of `work.bytes()` pseudo-random bytes. Throws std::runtime_error.
void write_pipeline_input(const std::filesystem::path&, const PipelineWork&);
// Throws std::runtime_error when the file cannot be read, and when `interrupted` gets set.
PipelineTimes run_pipeline(const std::filesystem::path&, const PipelineWork&, const PipelineShape&,
                           const std::atomic<bool>* interrupted = nullptr);

// The least time that `shape` could take on `cores`, given what each stage took: computing, producing over the workers,
// both over the buffers (a buffer is taken throughout), and all of the arithmetic over the cores; a delay needs no
// core.
double pipeline_bound(const PipelineWork&, const PipelineShape&, const PipelineTimes& synchronous, int cores);

}  // namespace aisp::tools
