// evidence → verdict. Pure: the same evidence always gives the same verdict, today or from an old run.
#pragma once

#include "analysis/publishable.hpp"
#include "model/evidence.hpp"
#include "model/verdict.hpp"

namespace aisp::analysis {

model::TargetVerdict verdict(const model::TargetEvidence&, Accepted = {});

// What `threads` threads, or the GPU, can do at best in this problem; 0 = no bound is known.
struct Roofs {
  double flops = 0, bytes = 0;  // per second
};
Roofs roofs_of(const model::TargetEvidence&, int threads);

// How much too low a ceiling may be, so that honest work can be faster than the floor by as much. Measured at leisure
// by calibrate or bench peak, and with nothing unaccounted for: kCeilingError. Measured in half a second beside the
// run: kQuickError. Not measured, or exceeded by some honest work: kUnsureError, that is
// - arithmetic on a CPU: the ceiling is of multiply-adds, and cores with separate pipes for adds can add beside them;
// - warm memory on a GPU: its L2 keeps a part of a working set that exceeds it, at most
//   kLargestGpuCache; a set many times as large leaves kCeilingError. (Of a CPU the ceiling allows for that.)
inline constexpr double kCeilingError = 0.05, kQuickError = 0.10, kUnsureError = 0.20;
inline constexpr double kLargestGpuCache = 192.0 * (1 << 20);

// Lowest time that the hardware allows for one call, and which term binds.
struct Floor {
  double seconds = 0;
  std::string bound;  // "memory" | "compute"
  double error = 0;   // of the ceiling that it follows from, as a share
};
Floor floor_of(const model::TargetEvidence&, int threads);
// Whether the ceiling of FLOP/s bounds the target's time. Narrower tensors can go through units that work faster than
// the arithmetic they accumulate in (VNNI, AVX512-BF16, AMX, tensor cores): it is no bound then, unless it is the
// ceiling of those.
bool compute_bounds(const model::TargetEvidence&);

// Whether a peer said before its first call that it cannot run, as where its library is not installed. It is told, and
// fails nothing.
bool absent_peer(const model::VariantEvidence&);

// The worst exit code of several, in the order 6 4 3 5 1 0 (cli.md).
int worst_exit_code(int a, int b);

}  // namespace aisp::analysis
