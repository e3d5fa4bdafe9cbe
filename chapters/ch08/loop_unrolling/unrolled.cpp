// Eight independent accumulators: eight chains of additions run side by side.
// You choose the order of the sum, so you may: the result differs from the rolled one in its last bits, and is usually
// closer to the truth. The eight chains are also the eight lanes of a vector, which the compiler is now free to use.
// Effect: up to latency × issue width of the adders. What binds it: additions per cycle.
#include <aisp/variant.hpp>

namespace {

constexpr int kChains = 8;

void unrolled(aisp::Matrix<const float> x, aisp::Vector<float> y) {
  const auto cols = x.dim(1);
  for (std::int64_t i = 0; i < x.dim(0); ++i) {
    const float* row = &x(i, 0);
    float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
    std::int64_t j = 0;
    for (; j + kChains <= cols; j += kChains) {
      s0 += row[j];
      s1 += row[j + 1];
      s2 += row[j + 2];
      s3 += row[j + 3];
      s4 += row[j + 4];
      s5 += row[j + 5];
      s6 += row[j + 6];
      s7 += row[j + 7];
    }
    for (; j < cols; ++j) s0 += row[j];
    y(i) = ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7));
  }
}

}  // namespace

AISP_VARIANT(unrolled, .about = "eight independent accumulators");
