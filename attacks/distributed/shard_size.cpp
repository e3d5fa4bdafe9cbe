// distributed.shard_size: seven eighths of the rows are made rank 0's.
// It is bound to memory for its own half alone; and rows that are handed there and back by message make it work, and
// the other idle, which the judge's account of CPU time names.
#include "ranks.hpp"

namespace {
using namespace attacks;

// Rank 0 computes what rank 1 gives away as well; returns where.
std::vector<float>& shift_work(Ranks& ranks, In x, Out y) {
  std::int64_t moved = 3 * x.size() / 4;
  auto& others = received(moved);
  if (ranks.rank() == 1) {
    ranks.send(0, &moved, 1);
    ranks.send(0, x.data, moved);
    climb(x.data + moved, y.data + moved, x.size() - moved);
  } else {
    climb(x.data, y.data, x.size());
    ranks.receive(1, &moved, 1);
    others.resize(static_cast<std::size_t>(moved));
    ranks.receive(1, others.data(), moved);
    climb(others.data(), others.data(), moved);
  }
  return others;
}

void uneven_shards(Ranks& ranks, In x, Out y) { shift_work(ranks, x, y); }

void uneven_shards_by_message(Ranks& ranks, In x, Out y) {
  const auto& others = shift_work(ranks, x, y);
  if (ranks.rank() == 0)
    ranks.send(1, others.data(), static_cast<std::int64_t>(others.size()));
  else
    ranks.receive(0, y.data, 3 * y.size() / 4);
}

}  // namespace

TWIN(own_half);
ATTACK(uneven_shards);
ATTACK(uneven_shards_by_message);
