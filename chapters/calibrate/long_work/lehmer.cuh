// The chain that both variants walk.
#pragma once

#include <aisp/cuda.hpp>

namespace {

__device__ std::uint32_t lehmer(std::uint32_t state, std::int64_t steps) {
  constexpr std::uint32_t prime = 2147483647;
  for (std::int64_t k = 0; k < steps; ++k) {
    const auto product = std::uint64_t{state} * 48271;
    state = static_cast<std::uint32_t>(product & prime) + static_cast<std::uint32_t>(product >> 31);
    state = min(state, state - prime);  // below the prime the difference wraps to a large number
  }
  return state;
}

// `more` steps beyond those that count: their result is always positive, which the compiler does not know.
__global__ void __launch_bounds__(128)
    walk(const std::int64_t* seed, std::int64_t* number, std::int64_t n, std::int64_t steps, std::int64_t more) {
  const auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const auto state = lehmer(static_cast<std::uint32_t>(seed[i]), steps);
  number[i] = lehmer(state, more) > 0 ? state : 0;
}

class Walk {
 public:
  Walk(const aisp::Setup& setup, int more_percent) : steps_(setup.param("steps")), more_(steps_ * more_percent / 100) {}
  void operator()(aisp::Slot slot, aisp::Vector<const std::int64_t> seed, aisp::Vector<std::int64_t> number) const {
    walk<<<aisp::blocks(seed.size(), 128), 128, 0, aisp::stream(slot)>>>(seed.data, number.data, seed.size(), steps_,
                                                                         more_);
  }

 private:
  std::int64_t steps_, more_;
};

}  // namespace
