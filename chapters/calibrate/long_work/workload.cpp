// About a millisecond of work of a GPU on little data: a chain of modular multiplications for each element. A closed
// form checks it, so that `aisp calibrate --device cuda` can afford hundreds of trials.
#include <aisp/workload.hpp>

using namespace aisp;

namespace {

constexpr std::uint64_t kPrime = 2147483647, kFactor = 48271;  // Lehmer's generator (Park, Miller, Stockmeyer, 1993)

std::uint64_t power(std::uint64_t base, std::uint64_t exponent) {
  std::uint64_t result = 1;
  for (; exponent; exponent >>= 1) {
    if (exponent & 1) result = result * base % kPrime;
    base = base * base % kPrime;
  }
  return result;
}

}  // namespace

AISP_WORKLOAD(w) {
  w.about("A number far along a Lehmer sequence, from each seed");
  const auto n = w.param("n", {.light = 1 << 14, .full = 1 << 14, .held_out = {1, 1 << 14}, .edges = {1}});
  const auto steps = w.param("steps", {.light = 80'000, .full = 80'000});
  w.input("seed", i64, {n}, integers(1, static_cast<std::int64_t>(kPrime) - 1));
  w.output("number", i64, {n});
  w.flops(2.0 * static_cast<double>(n * steps));
  w.reference([=](Case& c) {
    const auto seed = c.in<1>("seed");
    const auto number = c.out<1>("number");
    const auto jump = power(kFactor, static_cast<std::uint64_t>(steps));
    for (std::int64_t i = 0; i < n; ++i)
      number[i] = static_cast<double>(static_cast<std::uint64_t>(seed[i]) * jump % kPrime);
  });
}
