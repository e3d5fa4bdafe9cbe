// Statistics of paired benchmarks as pure functions. Sources: sign-test intervals, Conover, Practical Nonparametric
// Statistics, 3rd ed., §3.4; dip-like bimodality by the largest gap, documented at the function.
#pragma once

#include "model/verdict.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aisp::stats {

inline constexpr int kMinPairs = 6;
inline constexpr double kMinEffect = 0.005;  // the smallest relative effect ever called FAST or SLOW

double median(std::vector<double> values);              // NaN when empty
double quantile(std::vector<double> values, double q);  // linear interpolation, Hyndman–Fan type 7

struct MedianInterval {
  double median = 0;
  model::Interval interval;
  double confidence = 0;  // exact coverage for a continuous distribution; 0 = fewer than kMinPairs values
};

// Exact sign-test interval [x(k), x(n+1−k)] of the median with at least `confidence` coverage where n allows it
// (n = 6 reaches 0.96875); fewer than kMinPairs values: no interval (confidence 0).
MedianInterval median_interval(std::vector<double> values, double confidence = 0.95);

// One restart's paired times: seconds per call in the same rounds.
struct PairedTimes {
  std::vector<double> baseline, variant;
};

struct Ratio {
  double speedup = 0;  // exp(median log(baseline / variant)) over all pairs
  model::Interval interval;
  double confidence = 0;
  int pairs = 0;
};

// The interval is the wider (per side) of the one within restarts (all pairs) and the one between restarts (the range
// of the per-restart medians, when there are at least two restarts). Non-positive or non-finite times throw.
Ratio paired_ratio(std::span<const PairedTimes> restarts, double confidence = 0.95);

// FAST when the interval lies above 1 + effect, SLOW when below 1/(1 + effect), SAME when within both,
// UNRESOLVED otherwise or without an interval; effect = max(kMinEffect, aa_floor).
model::Word classify(const Ratio&, double aa_floor);

// A/A floor: the relative half-width of the effect that identical variants show: with several A/A ratios, the
// `confidence` quantile of |log ratio|, as exp(q) − 1.
double aa_floor(std::span<const double> aa_ratios, double confidence = 0.95);

// A/A floor of one run from a second copy of the baseline that took turns with it ("twin"): the largest effect that it
// proves in any restart, that is the end nearer to 1 of that restart's interval, 0 when the interval holds 1. It is
// what sets two processes of one program apart for as long as they live (where their memory lies). Noise within a
// process is the variant's interval's part; counting it twice would hide true effects on a loaded machine. One restart
// is one draw and can be small by luck: docs/statistics.md has the error rates.
double twin_floor(std::span<const PairedTimes> restarts);

// A note like "bimodal: 40 % of samples near 1.21 ms, 60 % near 0.98 ms" when the samples fall in two groups that are
// clearly apart, else nothing.
std::optional<std::string> bimodality(std::span<const double> seconds);

// How many pairs a run should take to resolve `effect` given the pilot's paired log-ratio spread (MAD-based), within
// [kMinPairs, max_pairs].
int plan_pairs(std::span<const double> pilot_log_ratios, double effect, int max_pairs);

}  // namespace aisp::stats
