// The reference of workload.cpp on the device.
#include "../attention_reference.hpp"

AISP_DEVICE_REFERENCE(c) {
  attention::reference(c, attention::Documents<std::int32_t>{c.in<std::int32_t, 1>("document").data});
}
