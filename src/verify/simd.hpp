// Eight doubles at a time, in whatever registers the clone of the function has.
#pragma once

#include <cstdint>
#include <cstring>

#include "verify/inline.hpp"

namespace aisp::verify {

typedef double Double8 __attribute__((vector_size(64)));
typedef std::int64_t Mask8 __attribute__((vector_size(64)));

AISP_INLINE void load(Double8& v, const double* p) { std::memcpy(&v, p, sizeof v); }
AISP_INLINE void absolute(Double8& v) { v = reinterpret_cast<Double8>(reinterpret_cast<Mask8>(v) & INT64_MAX); }

}  // namespace aisp::verify
