// The profiling pass: a worker of its own for each variant, never one that is timed. Decoys are computed on, and
// nothing is verified: see docs/commands/profile.md.
#pragma once

#include "judge/judge.hpp"
#include "model/profile.hpp"

namespace aisp::judge {

struct ProfileOptions {
  double seconds = 0.3;  // of counted calls, and again of sampled ones, for each variant
  bool samples = true;   // take call chains too
};

// On the CPU or, where settings.device says so, on CUDA under CUPTI, where the options have no meaning. What a variant
// does wrong ends in its profile's status; throws std::runtime_error when the target cannot be declared, or the user
// interrupted.
model::TargetProfile profile_target(const WorkloadEntry&, const std::vector<Contestant>&, const Settings&,
                                    const device::CpuFacts&, const ProfileOptions&, const Progress&);

}  // namespace aisp::judge
