#include "analysis/run_plots.hpp"

#include "analysis/distribution.hpp"
#include "analysis/roofline.hpp"
#include "analysis/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace aisp::analysis {
namespace {

constexpr std::size_t kBins = 72;

std::string file_name(std::string text) {
  for (char& c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-') c = '_';
  return text.substr(0, 100);
}

// One row for each variant, one series for each verdict.
Plot speedups(const std::vector<const model::TargetVerdict*>& targets, const std::string& title) {
  Plot plot;
  plot.title = title, plot.x_label = "speedup over the baseline, median of paired ratios and its interval";
  std::map<std::string, Series> by_word;
  for (const auto* t : targets)
    for (const auto& v : t->variants) {
      if (!can_be_drawn(v.speedup)) continue;  // withheld, or the baseline's
      PlotPoint p{v.speedup, static_cast<double>(plot.rows.size())};
      if (v.confidence > 0) p.lo = v.speedup_interval.lo, p.hi = v.speedup_interval.hi;
      plot.rows.push_back(t->target + " " + v.name);
      auto& series = by_word[to_string(v.word)];
      series.label = to_string(v.word), series.line = false;
      series.points.push_back(p);
    }
  if (plot.rows.empty()) return plot;
  plot.series.push_back({"the baseline", {{1, -0.5}, {1, static_cast<double>(plot.rows.size()) - 0.5}}});
  plot.series.back().bare = true;
  for (auto& [word, series] : by_word) plot.series.push_back(std::move(series));
  return plot;
}

// The outline of each variant's histogram, and its median with the interval above.
Plot samples(const model::TargetEvidence& e) {
  Plot plot;
  plot.title = e.target + ": time per call of every sample", plot.x_label = "µs", plot.y_label = "samples";
  const auto all = distributions_of(e, kBins);
  plot.log_x = all.logarithmic;
  int most = 0;
  for (const auto& d : all.variants) most = std::max(most, *std::max_element(d.counts.begin(), d.counts.end()));
  for (const auto& d : all.variants) {
    Series outline{fmt::format("{}: median {}", d.variant, format_seconds(d.median.median)), {}};
    outline.bare = true;
    for (std::size_t b = 0; b < d.counts.size(); ++b)
      for (const auto edge : {all.edge(b), all.edge(b + 1)})
        outline.points.push_back({1e6 * edge, static_cast<double>(d.counts[b])});
    Series median{
        "", {{1e6 * d.median.median, most * (1.05 + 0.05 * static_cast<double>(plot.series.size() / 2))}}, false};
    if (d.median.confidence > 0)
      median.points[0].lo = 1e6 * d.median.interval.lo, median.points[0].hi = 1e6 * d.median.interval.hi;
    outline.colour = median.colour = static_cast<int>(plot.series.size() / 2) + 1;
    plot.series.push_back(std::move(outline)), plot.series.push_back(std::move(median));
  }
  return plot;
}

}  // namespace

std::vector<NamedPlot> run_plots(const record::RunData& run) {
  std::vector<NamedPlot> all;
  const auto add = [&](std::string name, Plot plot) {
    if (!plot.series.empty()) all.push_back({std::move(name), std::move(plot)});
  };
  std::vector<std::string> chapters;  // in the order of the run
  std::map<std::string, std::vector<const model::TargetVerdict*>> targets;
  for (const auto& v : run.verdicts) {
    const auto chapter = v.target.substr(0, v.target.find(':'));
    if (!targets.contains(chapter)) chapters.push_back(chapter);
    targets[chapter].push_back(&v);
  }
  for (const auto& chapter : chapters)
    add(file_name(chapter) + ".speedups", speedups(targets[chapter], chapter + ", run " + run.manifest.run));
  for (const auto& e : run.evidence) {
    add(file_name(e.target) + ".samples", samples(e));
    if (const auto* verdict = run.verdict_of(e.target)) {
      Roofline roofline{"Roofline of " + e.target + ", run " + run.manifest.run, {}, {}, {}};
      add_target(roofline, e, *verdict);
      add(file_name(e.target) + ".roofline", roofline_plot(roofline));
    }
  }
  // Names that a file name cannot tell apart get a number.
  std::set<std::string> taken;
  for (auto& plot : all)
    for (int n = 2; !taken.insert(plot.name).second; ++n)
      plot.name = plot.name.substr(0, plot.name.find('~')) + fmt::format("~{}", n);
  return all;
}

}  // namespace aisp::analysis
