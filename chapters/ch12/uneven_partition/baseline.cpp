// Baseline: an equal number of rows to each of two threads. The first half of the rows holds three quarters of the
// values. What binds it: the thread that has them.
#include <aisp/variant.hpp>

#include "../work_queue/two_threads.hpp"
#include "sum.hpp"

namespace {

class EqualRows {
 public:
  explicit EqualRows(const aisp::Setup&) {}
  void operator()(aisp::Vector<const float> values, aisp::Vector<const std::int32_t> offsets, aisp::Vector<float> y) {
    const auto rows = y.size();
    threads_.run([&](int thread) {
      const auto first = thread * rows / 2, last = (thread + 1) * rows / 2;
      for (auto r = first; r < last; ++r) y[r] = ch12::sum(values.data + offsets[r], offsets[r + 1] - offsets[r]);
    });
  }

 private:
  ch12::TwoThreads threads_;
};

}  // namespace

AISP_VARIANT(EqualRows, .about = "half of the rows to each of two threads", .threads = 2);
