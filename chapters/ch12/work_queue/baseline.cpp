// Baseline: a static split. Each of two threads gets half of the tasks, decided before the work is seen.
// Equal numbers of tasks are not equal amounts of work: the thread without the long sequences waits for the other.
// What binds it: the slower half.
#include <aisp/variant.hpp>

#include "smooth.hpp"
#include "two_threads.hpp"

namespace {

class StaticSplit {
 public:
  explicit StaticSplit(const aisp::Setup&) {}
  void operator()(aisp::Vector<const float> values, aisp::Vector<const std::int32_t> offsets, aisp::Vector<float> y) {
    const auto tasks = y.size();
    threads_.run([&](int thread) {
      const auto first = thread * tasks / 2, last = (thread + 1) * tasks / 2;
      for (auto t = first; t < last; ++t) y[t] = ch12::smooth(values, offsets, t);
    });
  }

 private:
  ch12::TwoThreads threads_;
};

}  // namespace

AISP_VARIANT(StaticSplit, .about = "half of the tasks to each of two threads", .threads = 2);
