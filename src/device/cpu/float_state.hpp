// The floating-point state of a thread: how results are rounded, whether subnormals are flushed, how precise x87 is.
#pragma once

#include <cstdint>
#include <string>

namespace aisp::device {

// The control bits of this thread, without the flags of what happened; 0 on other processors than x86.
inline std::uint32_t float_state() {
#if defined(__x86_64__)
  std::uint32_t mxcsr = 0;
  std::uint16_t x87 = 0;
  asm volatile("stmxcsr %0" : "=m"(mxcsr));
  asm volatile("fnstcw %0" : "=m"(x87));
  return (mxcsr & 0xffc0u) | (std::uint32_t{x87} << 16);
#else
  return 0;
#endif
}

// In words, what differs from the state in which Linux starts a process; "" = nothing.
std::string describe_float_state(std::uint32_t);

}  // namespace aisp::device
