// Queues in closed form: what sizing needs, without averages standing in for percentiles.
//
// Sources: Erlang's formulas by the recursion of the ITU-D Teletraffic Engineering Handbook (2005, §7.3); waiting in
// M/G/c by the two-moment approximation of Lee and Longton (1959), exact for c = 1 (Pollaczek and Khinchine) and for
// exponential service, with the waiting time of those who wait taken as exponential (Tijms, A First Course in
// Stochastic Models, 2003, §9.6).
#pragma once

#include <cstdint>
#include <vector>

namespace aisp::tools {

// Probability that all `servers` are busy with `offered` erlangs: lost calls (B), and waiting ones (C; 1 when the load
// is not below the servers).
double erlang_b(std::int64_t servers, double offered);
double erlang_c(std::int64_t servers, double offered);

// A distribution as equally likely values in ascending order: the midpoints of its quantiles.
struct Distribution {
  std::vector<double> values;
  double mean() const;
  double squared_cv() const;  // variance over squared mean
  double quantile(double share) const;
};
Distribution lognormal(double mean, double cv);  // cv = 0: always the mean

// M/G/c: Poisson arrivals, `service` seconds each, first come first served.
class MultiServerQueue {
 public:
  MultiServerQueue(double arrivals_per_second, Distribution service, std::int64_t servers);
  double utilisation() const { return utilisation_; }
  bool stable() const { return utilisation_ < 1; }
  double probability_of_waiting() const { return waiting_; }
  double mean_wait() const { return mean_wait_; }
  // Of wait plus service, seconds; infinity when not stable.
  double sojourn_quantile(double share) const;

 private:
  Distribution service_;
  double utilisation_ = 0, waiting_ = 0, mean_wait_ = 0;
};

}  // namespace aisp::tools
