// The two stages, the same in every variant; the reference decodes with it, too, since there is nothing to round.
#pragma once

#include <algorithm>
#include <cstdint>

namespace ch11 {

inline void decode(const std::uint8_t* bytes, std::int64_t count, float* x, std::int64_t samples) {
  std::uint32_t value = 0, sample = 0;
  int shift = 0;
  std::int64_t t = 0;
  for (std::int64_t i = 0; i < count && t < samples; ++i) {
    if (shift < 16) value |= (bytes[i] & 0x7fu) << shift;
    shift += 7;
    if (bytes[i] & 0x80u) continue;
    value &= 0xffffu;
    sample += (value >> 1) ^ (0u - (value & 1u));
    x[t++] = static_cast<float>(static_cast<std::int16_t>(sample)) * 0x1p-15f;
    value = 0;
    shift = 0;
  }
  std::fill(x + t, x + samples, 0.0f);
}

}  // namespace ch11
