#include "tools/queueing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace aisp::tools {
namespace {

constexpr int kValues = 2000;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The standard normal's quantile by bisection of erfc: slow, exact to the last digits, called a few thousand times.
double normal_quantile(double share) {
  double lo = -10, hi = 10;
  for (int i = 0; i < 60; ++i) {
    const double middle = (lo + hi) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < share ? lo : hi) = middle;
  }
  return (lo + hi) / 2;
}

}  // namespace

double erlang_b(std::int64_t servers, double offered) {
  double blocked = 1;
  for (std::int64_t n = 1; n <= servers; ++n)
    blocked = offered * blocked / (static_cast<double>(n) + offered * blocked);
  return blocked;
}

double erlang_c(std::int64_t servers, double offered) {
  const double load = offered / static_cast<double>(servers);
  if (load >= 1) return 1;
  const double blocked = erlang_b(servers, offered);
  return blocked / (1 - load * (1 - blocked));
}

double Distribution::mean() const {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double Distribution::squared_cv() const {
  const double m = mean();
  double squares = 0;
  for (const double v : values) squares += (v - m) * (v - m);
  return squares / static_cast<double>(values.size()) / (m * m);
}

double Distribution::quantile(double share) const {
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

Distribution lognormal(double mean, double cv) {
  if (!(cv > 0)) return {{mean}};
  const double variance = std::log1p(cv * cv), sigma = std::sqrt(variance);
  Distribution d;
  for (int i = 0; i < kValues; ++i) d.values.push_back(std::exp(sigma * normal_quantile((i + 0.5) / kValues)));
  const double correction = mean / d.mean();  // the cut ends of the tails do not change the load
  for (double& v : d.values) v *= correction;
  return d;
}

MultiServerQueue::MultiServerQueue(double arrivals_per_second, Distribution service, std::int64_t servers)
    : service_(std::move(service)) {
  const double mean = service_.mean(), offered = arrivals_per_second * mean;
  utilisation_ = offered / static_cast<double>(servers);
  waiting_ = erlang_c(servers, offered);
  const double exponential = waiting_ * mean / (static_cast<double>(servers) - offered);  // M/M/c
  mean_wait_ = stable() ? exponential * (1 + service_.squared_cv()) / 2 : kInfinity;
}

double MultiServerQueue::sojourn_quantile(double share) const {
  if (!stable()) return kInfinity;
  const auto later_than = [&](double t) {  // P(wait + service > t)
    double sum = 0;
    for (const double s : service_.values)
      sum += s > t ? 1 : mean_wait_ > 0 ? waiting_ * std::exp(-(t - s) * waiting_ / mean_wait_) : 0;
    return sum / static_cast<double>(service_.values.size());
  };
  double lo = 0, hi = service_.values.back() + 1e-9;
  while (later_than(hi) > 1 - share) hi *= 2;
  for (int i = 0; i < 60; ++i) {
    const double middle = (lo + hi) / 2;
    (later_than(middle) > 1 - share ? lo : hi) = middle;
  }
  return hi;
}

}  // namespace aisp::tools
