// Staged: one thread decodes, another filters, and between them stands a bounded queue of a few records each. Effect:
// the time of the slower stage instead of the sum. The queue is bounded so that what was decoded is filtered while it
// is still in a close cache, and so that a fast first stage waits instead of filling memory. What binds it: the slower
// stage, and a cache line that moves between the cores for every few records.
#include <aisp/variant.hpp>

#include <algorithm>
#include <atomic>
#include <vector>

#include "../../ch12/work_queue/two_threads.hpp"
#include "decode.hpp"
#include "filter.hpp"

namespace {

constexpr std::int64_t kRecords = 8, kPlaces = 4;  // records in a place of the queue, and places

class Staged {
 public:
  explicit Staged(const aisp::Setup& setup)
      : samples_(setup.shape("w")[0]), x_(static_cast<std::size_t>(kPlaces * kRecords * samples_)) {}

  void operator()(aisp::Matrix<const std::uint8_t> packed, aisp::Matrix<const float> w, aisp::Matrix<float> y) {
    const auto records = packed.dim(0), steps = (records + kRecords - 1) / kRecords;
    std::atomic<std::int64_t> decoded{0}, filtered{0};
    const auto each = [&](std::int64_t step, auto body) {
      for (std::int64_t r = step * kRecords; r < std::min(records, (step + 1) * kRecords); ++r)
        body(r, x_.data() + (step % kPlaces * kRecords + r % kRecords) * samples_);
    };
    threads_.run([&](int thread) {
      for (std::int64_t step = 0; step < steps; ++step) {
        if (thread == 1) {
          await(filtered, step - kPlaces + 1);
          each(step, [&](std::int64_t r, float* x) { ch11::decode(&packed(r, 0), packed.dim(1), x, samples_); });
          publish(decoded, step + 1);
        } else {
          await(decoded, step + 1);
          each(step, [&](std::int64_t r, float* x) { ch11::filter(x, w, &y(r, 0)); });
          publish(filtered, step + 1);
        }
      }
    });
  }

 private:
  using Counter = std::atomic<std::int64_t>;

  static void publish(Counter& counter, std::int64_t value) {
    counter.store(value, std::memory_order_release);
    counter.notify_one();
  }
  static void await(Counter& counter, std::int64_t least) {
    for (int spins = 0;; ++spins) {
      const auto now = counter.load(std::memory_order_acquire);
      if (now >= least) return;
      if (spins < ch12::kSpins)
        ch12::spin();
      else
        counter.wait(now, std::memory_order_acquire);
    }
  }

  std::int64_t samples_;
  std::vector<float> x_;  // (place, record, sample)
  ch12::TwoThreads threads_;
};

}  // namespace

AISP_VARIANT(Staged, .about = "two threads and a bounded queue between them", .threads = 2);
