#include "device/cpu/float_state.hpp"

namespace aisp::device {

// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, 8.1.5 and 10.2.3; System V ABI, 3.4.1.
std::string describe_float_state(std::uint32_t state) {
  if (state == 0) return "";
  static constexpr const char* kRounding[] = {"", "down", "up", "to zero"};
  const std::uint32_t sse = state & 0xffff, x87 = state >> 16;
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (sse & 0x8000) add("flush-to-zero");
  if (sse & 0x0040) add("denormals-are-zero");
  if (const auto mode = (sse >> 13) & 3) add(std::string("rounds ") + kRounding[mode]);
  if ((sse & 0x1f80) != 0x1f80) add("traps exceptions");
  if (const auto mode = (x87 >> 10) & 3) add(std::string("x87 rounds ") + kRounding[mode]);
  if (((x87 >> 8) & 3) != 3) add("x87 precision below 64 bits");
  if ((x87 & 0x3f) != 0x3f) add("x87 traps exceptions");
  return text;
}

}  // namespace aisp::device
