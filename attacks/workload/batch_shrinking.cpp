// workload.batch_shrinking: half of the batch is computed and handed out twice.
// Yields nothing: every sample has inputs of its own.
#include "../attack.hpp"

namespace {
using namespace attacks;

void sums(InMatrix x, OutMatrix y, std::int64_t sample, std::int64_t of) {
  for (std::int64_t k = 0; k < y.dim(1); ++k) {
    float s = 0;
    for (std::int64_t i = 0; i < 32; ++i) s += x(of, 32 * k + i);
    y(sample, k) = s;
  }
}

void twin(InMatrix x, OutMatrix y) {  // in another order
  for (std::int64_t b = y.dim(0) - 1; b >= 0; --b) sums(x, y, b, b);
}
void repeats_half(InMatrix x, OutMatrix y) {
  const std::int64_t half = (y.dim(0) + 1) / 2;
  for (std::int64_t b = 0; b < y.dim(0); ++b) sums(x, y, b, b % half);
}

}  // namespace

TWIN(twin);
ATTACK(repeats_half);
