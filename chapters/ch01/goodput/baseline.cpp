// Baseline: every request is timed where it is served. A busy loop waits for the next tick of the clock so that the
// sample starts on an edge, the clock is read again afterwards, and the latency enters running statistics.
// What binds it: reading the clock. The machine is busy all the time; its goodput is the share spent on scores.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>
#include <chrono>

namespace {

using Clock = std::chrono::steady_clock;

// Latency of the requests seen so far.
struct Latency {
  std::int64_t count = 0;
  double sum = 0, sum_of_squares = 0, worst = 0;  // seconds
  void add(Clock::duration d) {
    const double seconds = std::chrono::duration<double>(d).count();
    ++count;
    sum += seconds;
    sum_of_squares += seconds * seconds;
    worst = std::max(worst, seconds);
  }
};

// Σ x[j]·w[j] in 16 running sums, so that the loop vectorises.
inline __attribute__((always_inline)) float score(std::int64_t n, const float* x, const float* w) {
  constexpr std::int64_t lanes = 16;
  float sum[lanes] = {};
  std::int64_t j = 0;
  for (; j + lanes <= n; j += lanes)
    for (std::int64_t l = 0; l < lanes; ++l) sum[l] += x[j + l] * w[j + l];
  float total = 0;
  for (; j < n; ++j) total += x[j] * w[j];
  for (std::int64_t l = 0; l < lanes; ++l) total += sum[l];
  return total;
}

AISP_SIMD void serve(aisp::Matrix<const float> x, aisp::Vector<const float> weight, aisp::Vector<float> y,
                     Latency& latency) {
  for (std::int64_t i = 0; i < x.dim(0); ++i) {
    const auto before = Clock::now();
    auto start = Clock::now();
    while (start == before) start = Clock::now();
    y[i] = score(x.dim(1), &x(i, 0), weight.data);
    latency.add(Clock::now() - start);
  }
}

class TimeEach {
 public:
  explicit TimeEach(const aisp::Setup&) {}
  void operator()(aisp::Matrix<const float> x, aisp::Vector<const float> weight, aisp::Vector<float> y) {
    serve(x, weight, y, latency_);
  }

 private:
  Latency latency_;
};

}  // namespace

AISP_VARIANT(TimeEach, .about = "busy wait and clock around each request");
