// The reference of workload.cpp on the device.
#include "../heat_device_reference.hpp"

AISP_DEVICE_REFERENCE(c) { ch12::heat_on_device(c); }
