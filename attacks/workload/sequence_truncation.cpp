// workload.sequence_truncation: the oldest quarter of a long sequence is left out.
// Yields nothing: every position has a value of its own and reaches the output.
#include "../attention.hpp"

namespace {
using namespace attacks;

void twin(InMatrix q, InMatrix k, InMatrix v, OutMatrix y) {
  attention(q, k, v, y, [](auto row, auto j) { return j <= row; });
}
void drops_the_tail(InMatrix q, InMatrix k, InMatrix v, OutMatrix y) {
  const auto oldest = k.dim(0) / 4;
  attention(q, k, v, y, [=](auto row, auto j) { return j <= row && (row <= oldest || j >= oldest); });
}

}  // namespace

TWIN(twin);
ATTACK(drops_the_tail);
