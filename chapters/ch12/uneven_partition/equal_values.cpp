// An uneven partition: each thread gets half of the values, wherever the row is that lies across the middle; both sum
// their part of it, and the parts are added in the end. The offsets, which are sorted, say where the middle is: a
// binary search. Expected: up to 1.5 times the baseline. What binds it: half of the additions, or memory.
#include <aisp/variant.hpp>

#include <algorithm>

#include "../work_queue/two_threads.hpp"
#include "sum.hpp"

namespace {

class EqualValues {
 public:
  explicit EqualValues(const aisp::Setup&) {}
  void operator()(aisp::Vector<const float> values, aisp::Vector<const std::int32_t> offsets, aisp::Vector<float> y) {
    const auto rows = y.size();
    const auto middle = static_cast<std::int32_t>(values.size() / 2);
    // The last row that starts at or before the middle: its first part is thread 0's, the rest thread 1's.
    const auto across = std::upper_bound(offsets.begin(), offsets.begin() + rows, middle) - offsets.begin() - 1;
    const auto row = [&](std::int64_t r) { return ch12::sum(values.data + offsets[r], offsets[r + 1] - offsets[r]); };
    float part[2] = {};
    threads_.run([&](int thread) {
      if (thread == 0) {
        for (std::int64_t r = 0; r < across; ++r) y[r] = row(r);
        part[0] = ch12::sum(values.data + offsets[across], middle - offsets[across]);
      } else {
        part[1] = ch12::sum(values.data + middle, offsets[across + 1] - middle);
        for (auto r = across + 1; r < rows; ++r) y[r] = row(r);
      }
    });
    y[across] = part[0] + part[1];
  }

 private:
  ch12::TwoThreads threads_;
};

}  // namespace

AISP_VARIANT(EqualValues, .about = "half of the values to each of two threads", .threads = 2);
