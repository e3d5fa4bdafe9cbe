// Baseline: numbers and scales multiplied out to BF16, then a product of BF16. What binds it: a matrix twice as large
// is written and read again, and BF16 has half the rate of FP8.
#include "../block_scaled_baseline.hpp"

namespace {

struct Mxfp8 {
  using Number = __nv_fp8_e4m3;
  __device__ static double value(const Number* numbers, const std::uint8_t* scales, std::int64_t row,
                                 std::int64_t depth, std::int64_t k) {
    return ch09::mxfp8_at([=](std::int64_t i) { return static_cast<float>(numbers[i]); },
                          [=](std::int64_t i) { return scales[i]; }, row, depth, k);
  }
};

}  // namespace

AISP_VARIANT(block_scaled_baseline::Product<Mxfp8>, .about = "multiplied out to BF16, wmma");
