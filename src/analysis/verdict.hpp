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

// Lowest time that the hardware allows for one call, and which term binds.
struct Floor {
  double seconds = 0;
  std::string bound;  // "memory" | "compute"
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
