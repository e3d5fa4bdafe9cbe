#include "judge/batch.hpp"

namespace aisp::judge {

bool Batch::wait_at_mark() {
  marked_ns_ = now_ns();
  page_.mark.store(mark_of(sequence_, made_), std::memory_order_release);
  ring(page_, spin_);
  while ((allowed_ = command_.until.load(std::memory_order_acquire)) == made_) {
    if (spin_)
      cpu_relax();
    else
      futex_wait(command_.until, made_, 10);
  }
  return allowed_ != kClosed;
}

}  // namespace aisp::judge
