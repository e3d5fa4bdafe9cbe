// One variant's part of the profiling pass: on the CPU, and on a device.
#pragma once

#include "judge/profile.hpp"
#include "judge/runner.hpp"

namespace aisp::judge {

inline constexpr int kProfileSlots = 17;  // one for the first call, the others for batches

void profile_pass(const Problem&, const Contestant&, const Layout&, const RoundInputs&, const RunnerOptions&,
                  const ProfileOptions&, verify::Key key, model::VariantProfile&);
// Where there is no CUPTI the status stays not_run and the message says why.
void device_profile_pass(const Problem&, const Contestant&, const Layout&, const RoundInputs&, const RunnerOptions&,
                         const ProfileOptions&, verify::Key key, model::VariantProfile&);

}  // namespace aisp::judge
