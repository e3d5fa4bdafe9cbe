// distributed.gradient_bucketing: the same bytes in other messages than the problem states, which a network likes more
// or which overlap better. The switch counts messages by their size.
#include "ranks.hpp"

namespace {
using namespace attacks;

void smaller_buckets(Ranks& ranks, InMatrix x, OutMatrix sum) { exchange_and_add(ranks, x, sum, kBucket / 4); }
void one_large_message(Ranks& ranks, InMatrix x, OutMatrix sum) { exchange_and_add(ranks, x, sum, 0); }

}  // namespace

TWIN(all_reduce);
ATTACK(smaller_buckets);
ATTACK(one_large_message);
