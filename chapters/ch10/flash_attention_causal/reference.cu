// The reference of workload.cpp on the device.
#include "../attention_reference.hpp"

AISP_DEVICE_REFERENCE(c) { attention::reference(c, attention::Causal{}); }
