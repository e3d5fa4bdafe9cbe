// A work queue: an atomic counter hands out the next few tasks to whichever thread is free.
// Chunks keep the counter's cache line from moving between the cores for every task; they must stay small against the
// whole, since at the end one thread waits for the other's last chunk.
// Effect: the time of the slower half becomes half of the sum. What binds it: the latency of a step, on two cores.
#include <aisp/variant.hpp>

#include <algorithm>
#include <atomic>

#include "smooth.hpp"
#include "two_threads.hpp"

namespace {

constexpr std::int64_t kChunk = 4;

class Queue {
 public:
  explicit Queue(const aisp::Setup&) {}
  void operator()(aisp::Vector<const float> values, aisp::Vector<const std::int32_t> offsets, aisp::Vector<float> y) {
    const auto tasks = y.size();
    std::atomic<std::int64_t> next{0};
    threads_.run([&](int) {
      for (std::int64_t first; (first = next.fetch_add(kChunk, std::memory_order_relaxed)) < tasks;)
        for (auto t = first; t < std::min(first + kChunk, tasks); ++t) y[t] = ch12::smooth(values, offsets, t);
    });
  }

 private:
  ch12::TwoThreads threads_;
};

}  // namespace

AISP_VARIANT(Queue, .about = "an atomic counter hands out chunks of tasks", .threads = 2);
