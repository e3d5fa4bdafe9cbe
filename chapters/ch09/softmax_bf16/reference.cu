// The reference of workload.cpp on the device: a warp for each row.
#include "../softmax_reference.hpp"

AISP_DEVICE_REFERENCE(c) { ch09::softmax_reference<aisp::bfloat16>(c); }
