#include "analysis/trend.hpp"

#include "analysis/compare_runs.hpp"
#include "stats/change_points.hpp"
#include "stats/stats.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace aisp::analysis {
namespace {

bool counts(const record::StoredVariant& v) {
  return v.status == model::Status::ok && v.correct && !v.violates && std::isfinite(v.median_seconds) &&
         v.median_seconds > 0;
}

double level(const Trend& series, std::size_t begin, std::size_t end) {
  std::vector<double> seconds;
  for (std::size_t i = begin; i < end; ++i) seconds.push_back(series.points[i].variant.median_seconds);
  return stats::median(std::move(seconds));
}

std::vector<Step> steps_of(const Trend& series) {
  std::vector<double> logs;
  for (const auto& point : series.points) logs.push_back(std::log(point.variant.median_seconds));
  const auto changes = stats::change_points(logs);
  std::vector<Step> steps;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto begin = i == 0 ? 0 : changes[i - 1].at, end = i + 1 < changes.size() ? changes[i + 1].at : logs.size();
    const Step step{changes[i].at, level(series, begin, changes[i].at), level(series, changes[i].at, end),
                    changes[i].p};
    if (std::abs(std::log(step.ratio())) > std::log1p(kLeastChange)) steps.push_back(step);
  }
  return steps;
}

}  // namespace

std::vector<Trend> trends(std::vector<record::HistoryPoint> points) {
  std::vector<Trend> all;
  std::map<std::tuple<std::string, std::string, std::string, std::string, std::string, std::string>, std::size_t> index;
  for (auto& point : points) {
    const auto& t = point.target;
    const auto& hardware = t.device == "cuda" ? point.gpu : point.host;
    const auto [place, added] =
        index.try_emplace({t.target, point.variant.name, t.device, t.scale, t.params, hardware}, all.size());
    if (added)
      all.push_back({t.target, point.variant.name, t.device, t.scale, t.params, point.host, point.gpu, {}, 0, {}});
    auto& series = all[place->second];
    if (counts(point.variant))
      series.points.push_back(std::move(point));
    else
      ++series.left_out;
  }
  for (auto& series : all) {
    auto& kept = series.points;
    if (kept.size() > kTrendLength) kept.erase(kept.begin(), kept.end() - kTrendLength);
    series.steps = steps_of(series);
  }
  return all;
}

std::string sparkline(const Trend& series, std::size_t width) {
  constexpr const char* bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr double kFlat = 0.05;  // a range narrower than this is drawn as if it were this wide
  std::vector<double> logs;
  for (const auto& point : series.points) logs.push_back(std::log(point.variant.median_seconds));
  if (logs.size() > width) logs.erase(logs.begin(), logs.end() - static_cast<std::ptrdiff_t>(width));
  if (logs.empty()) return "";
  const auto [least, most] = std::minmax_element(logs.begin(), logs.end());
  const double middle = (*least + *most) / 2, range = std::max(*most - *least, kFlat);
  std::string line;
  for (const double x : logs) line += bars[std::clamp(static_cast<int>((((x - middle) / range) + 0.5) * 8), 0, 7)];
  return line;
}

}  // namespace aisp::analysis
