// distributed.pipeline_bubble: a pipeline whose second stage waits, and of which the busy time alone is to count.
// Yields nothing: the step is timed from the common start to the last rank's answer, in every call; idle time is
// reported.
#include "ranks.hpp"

#include <unistd.h>

namespace {
using namespace attacks;

constexpr std::int64_t kParts = 4;

// Part by part: while the second stage works on one, the first makes the next.
void step(Ranks& ranks, In x, Out y, unsigned bubble) {
  const std::int64_t n = ranks.rank() == 0 ? x.size() : y.size();
  auto& values = received(n);
  for (std::int64_t p = 0; p < kParts; ++p) {
    const auto part = aisp::share_of(n, kParts, p);
    float* v = values.data() + part.begin;
    if (ranks.rank() == 0) {
      for (std::int64_t i = 0; i < part.count; ++i) v[i] = x[part.begin + i] + 1;
      ranks.send(1, v, part.count);
    } else {
      ranks.receive(0, v, part.count);
      if (bubble) usleep(bubble);
      for (std::int64_t i = 0; i < part.count; ++i) y[part.begin + i] = v[i] * v[i];
    }
  }
}

void twin(Ranks& ranks, In x, Out y) { step(ranks, x, y, 0); }
void claims_the_busy_stage(Ranks& ranks, In x, Out y) { step(ranks, x, y, 100); }

}  // namespace

TWIN(twin);
ATTACK(claims_the_busy_stage);
