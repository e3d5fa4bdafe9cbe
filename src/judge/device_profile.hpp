// What a variant does on the device, from a recording under CUPTI: the timeline of its calls and what they add up to.
#pragma once

#include "judge/activity.hpp"
#include "model/profile.hpp"

namespace aisp::judge {

// Fills in kernels, spans and counters from the phase "run". Calls that put no work on the device leave a profile whose
// status is failed: an empty table would look like a result. Pure.
void fill_device_profile(const Recording&, model::VariantProfile&);

}  // namespace aisp::judge
