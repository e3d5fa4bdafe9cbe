// Baseline: numbers and scales multiplied out to BF16, then a product of BF16. What binds it: a matrix four times as
// large is written and read again, and BF16 has a quarter of the rate of NVFP4.
#include "../block_scaled_baseline.hpp"

namespace {

struct Nvfp4 {
  using Number = std::uint8_t;
  __device__ static double value(const Number* numbers, const std::uint8_t* scales, std::int64_t row,
                                 std::int64_t depth, std::int64_t k) {
    return ch09::nvfp4_at([=](std::int64_t i) { return numbers[i]; }, [=](std::int64_t i) { return scales[i]; }, row,
                          depth, k);
  }
};

}  // namespace

AISP_VARIANT(block_scaled_baseline::Product<Nvfp4>, .about = "multiplied out to BF16, wmma");
