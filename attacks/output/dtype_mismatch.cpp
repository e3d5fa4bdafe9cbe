// output.dtype_mismatch: another type than the workload's: bf16 written into f32, or a variant that asks for f64.
// Caught: bytes are compared as declared; a variant whose types differ is refused before it runs.
#include "../attack.hpp"

#include <cstdint>
#include <cstring>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // through f64 and back is exact here
  for (std::int64_t i = 0; i < x.size(); ++i) y[i] = static_cast<float>(2.0 * x[i]);
}

void bf16_bits(In x, Out y) {  // half of the bytes
  auto* out = reinterpret_cast<unsigned char*>(y.data);
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const float value = 2 * x[i];
    std::uint32_t bits;
    std::memcpy(&bits, &value, 4);
    const auto upper = static_cast<std::uint16_t>(bits >> 16);
    std::memcpy(out + 2 * i, &upper, 2);
  }
}

void declares_f64(aisp::Vector<const double> x, aisp::Vector<double> y) {
  for (std::int64_t i = 0; i < x.size(); ++i) y[i] = 2 * x[i];
}

}  // namespace

TWIN(twin);
ATTACK(bf16_bits);
ATTACK(declares_f64);
