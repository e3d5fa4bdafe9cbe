// Worker side: the calls of a batch, of which nobody here knows how many there are.
#pragma once

#include "judge/protocol.hpp"

#include <cstdint>

namespace aisp::judge {

class Batch {
 public:
  // Of the command that the judge's page holds now.
  Batch(const Command& command, WorkerPage& page, bool spin)
      : command_(command),
        page_(page),
        spin_(spin),
        sequence_(command.sequence.load(std::memory_order_acquire)),
        next_(command.first),
        allowed_(command.until.load(std::memory_order_acquire)) {}

  // The slot of the next call, or −1 when the batch is closed. Between the last call that the judge has allowed and its
  // next word this process waits, and may be stopped.
  std::int32_t next() {
    if (made_ == allowed_ && !wait_at_mark()) return -1;
    ++made_;
    const auto slot = next_;
    next_ = slot + 1 == command_.first + command_.count ? command_.first : slot + 1;
    return slot;
  }
  // The clock at the last mark: when the calls were done, whenever the judge said that they were all.
  std::int64_t marked_ns() const { return marked_ns_; }

 private:
  bool wait_at_mark();

  const Command& command_;
  WorkerPage& page_;
  bool spin_;
  std::uint32_t sequence_;
  std::int32_t next_;
  std::uint32_t made_ = 0, allowed_;  // calls
  std::int64_t marked_ns_ = 0;
};

// Tells the judge that a report or a mark has changed.
inline void ring(WorkerReport& page, bool spin) {
  page.bell.fetch_add(1, std::memory_order_release);
  if (!spin) futex_wake(page.bell);
}

}  // namespace aisp::judge
