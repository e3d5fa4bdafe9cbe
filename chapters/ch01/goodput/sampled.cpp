// Sampled: one request in 64 is timed, with the baseline's busy loop around it; the others are only served.
// Expected: close to useful work alone, while the latency statistics stay meaningful.
// What binds it: reading the requests; the clock costs less than two reads per hundred requests.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>
#include <chrono>

namespace {

constexpr std::int64_t sample_every = 64;

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
  const auto requests = x.dim(0);
  for (std::int64_t first = 0; first < requests; first += sample_every) {
    const auto before = Clock::now();
    auto start = Clock::now();
    while (start == before) start = Clock::now();
    y[first] = score(x.dim(1), &x(first, 0), weight.data);
    latency.add(Clock::now() - start);
    const auto end = std::min(first + sample_every, requests);
    for (std::int64_t i = first + 1; i < end; ++i) y[i] = score(x.dim(1), &x(i, 0), weight.data);
  }
}

class TimeSome {
 public:
  explicit TimeSome(const aisp::Setup&) {}
  void operator()(aisp::Matrix<const float> x, aisp::Vector<const float> weight, aisp::Vector<float> y) {
    serve(x, weight, y, latency_);
  }

 private:
  Latency latency_;
};

}  // namespace

AISP_VARIANT(TimeSome, .about = "clock around one request in 64");
