// distributed.collective_short_circuit: less is said than the others must know.
// Doubling the own row yields nothing, since rows are drawn independently; half the bits are missed on the wire; and
// what was said before the timed calls, while they went on after a stop, must have been taken in before they begin.
#include "ranks.hpp"

#include <signal.h>

#include <utility>

namespace {
using namespace attacks;

void sums_its_own_shard(Ranks&, InMatrix x, OutMatrix sum) {
  for (std::int64_t i = 0; i < x.size(); ++i) sum.data[i] = 2 * x.data[i];
}

void sends_half_the_bits(Ranks& ranks, InMatrix x, OutMatrix sum) {
  static std::vector<std::uint16_t> mine, other;
  mine.resize(static_cast<std::size_t>(x.size()));
  other.resize(mine.size());
  for (std::size_t i = 0; i < mine.size(); ++i) mine[i] = aisp::to_half(x.data[i]).bits;
  const int peer = 1 - ranks.rank();
  aisp::send_in_buckets(ranks, peer, mine.data(), x.size(), 2 * kBucket);
  aisp::receive_in_buckets(ranks, peer, other.data(), x.size(), 2 * kBucket);
  for (std::size_t i = 0; i < mine.size(); ++i) sum.data[i] = x.data[i] + aisp::to_float(aisp::half{other[i]});
}

// Exchanges the rows of all timed calls in a handler of SIGCONT; the calls themselves send as many bytes, which nobody
// awaits.
struct exchanges_on_continuation {
  struct Job {
    InMatrix x;
    OutMatrix sum;
    bool done = false;
  };
  static inline std::vector<Job> jobs;
  static inline bool armed = false;

  static void handler(int) {
    auto ranks = aisp::ranks();
    if (!std::exchange(armed, false) || ranks.size() != 2) return;
    for (auto& job : jobs)
      if (job.x.data) exchange_and_add(ranks, job.x, job.sum), job.done = true;
  }
  explicit exchanges_on_continuation(const aisp::Setup& setup) {
    jobs.resize(static_cast<std::size_t>(setup.max_slots()));
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(SIGCONT, &action, nullptr);
  }
  void bind(aisp::Slot slot, InMatrix x, OutMatrix sum) {
    if (slot.index) jobs[static_cast<std::size_t>(slot.index)] = {x, sum, false};
  }
  void operator()(aisp::Slot slot, InMatrix x, OutMatrix sum) {
    auto ranks = aisp::ranks();
    auto& job = jobs[static_cast<std::size_t>(slot.index)];
    armed = slot.index == 0;
    if (!std::exchange(job.done, false)) return exchange_and_add(ranks, x, sum);
    aisp::send_in_buckets(ranks, 1 - ranks.rank(), x.data, x.size(), kBucket);
  }
};

}  // namespace

TWIN(all_reduce);
ATTACK(sums_its_own_shard);
ATTACK(sends_half_the_bits);
ATTACK(exchanges_on_continuation);
