#include "analysis/figures.hpp"

#include "analysis/distribution.hpp"
#include "analysis/document.hpp"
#include "analysis/table.hpp"
#include "analysis/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace aisp::analysis {
namespace {

// Where a value stands between two others, 0 … 1, by distance or by ratio.
struct Axis {
  double lo = 0, hi = 1;
  bool logarithmic = false;
  double operator()(double x) const {
    const double share = logarithmic ? std::log(x / lo) / std::log(hi / lo) : (x - lo) / (hi - lo);
    return std::clamp(share, 0.0, 1.0);
  }
};

// About four round values of an axis.
std::vector<double> ticks(const Axis& axis) {
  std::vector<double> values;
  if (axis.logarithmic) {
    const int lo = static_cast<int>(std::floor(std::log10(axis.lo))),
              hi = static_cast<int>(std::floor(std::log10(axis.hi)));
    const auto within = [&](double x) { return x >= axis.lo && x <= axis.hi; };
    for (int e = lo; e <= hi; e += std::max(1, (hi - lo) / 4))
      if (within(std::pow(10, e))) values.push_back(std::pow(10, e));
    if (values.size() > 2) return values;
    values.clear();
    for (int e = lo; e <= hi; ++e)
      for (const double m : {1.0, 2.0, 5.0})
        if (within(m * std::pow(10, e))) values.push_back(m * std::pow(10, e));
    return values;
  }
  const double rough = (axis.hi - axis.lo) / 4, magnitude = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * magnitude;
  for (const double m : {5.0, 2.0, 1.0})
    if (m * magnitude >= rough) step = m * magnitude;
  const double first = std::ceil(axis.lo / step) * step;
  for (int i = 0; first + i * step <= axis.hi * (1 + 1e-12); ++i) values.push_back(first + i * step);
  return values;
}

std::string axis_row(const Axis& axis, const std::function<std::string(double)>& label) {
  std::string out = "<div class=\"row\"><div class=\"axis\" aria-hidden=\"true\">";
  constexpr double kApart = 0.17;  // labels on a phone need as much of the width
  double last = -1;                // the middle of the label before
  for (const double x : ticks(axis)) {
    const double share = axis(x);
    const bool begins = share<0.04, ends = share> 0.96;  // such labels lie within the axis, beside their tick
    const double middle = share + (begins ? kApart / 2 : ends ? -kApart / 2 : 0);
    if (middle - last < kApart) continue;
    last = middle;
    out += fmt::format("<span{} style=\"left:{:.2f}%\">{}</span>",
                       begins ? " class=\"first\""
                       : ends ? " class=\"last\""
                              : "",
                       100 * share, html_escaped(label(x)));
  }
  return out + "</div></div>\n";
}

std::string row(const std::string& name, const std::string& svg, const std::string& figures) {
  return fmt::format("<div class=\"row\"><span class=\"name\">{}</span>{}<span class=\"figures\">{}</span></div>\n",
                     html_escaped(name), svg, figures);
}

// 1000 wide whatever the screen is; strokes keep their width.
std::string strip(int height, const std::string& label, const std::string& content) {
  return fmt::format(
      "<svg viewBox=\"0 0 1000 {}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">{}</svg>", height,
      html_escaped(label), content);
}

std::string shortened(std::string name) {
  constexpr std::size_t kLongest = 28;  // bytes
  if (name.size() <= kLongest) return name;
  name.resize(kLongest);
  while (!name.empty() && (static_cast<unsigned char>(name.back()) & 0xc0) == 0x80) name.pop_back();
  return name + "…";
}

const model::VariantVerdict* judged(const model::TargetVerdict* verdict, const std::string& variant) {
  if (verdict)
    for (const auto& v : verdict->variants)
      if (v.name == variant) return &v;
  return nullptr;
}

}  // namespace

// ------------------------------------------------------------------------------------------------------- speedups

std::string speedup_figure(const record::RunData& run) {
  struct Bar {
    const model::VariantVerdict* v;
    std::string target;
  };
  std::vector<Bar> bars;
  double most = 1;
  for (const auto& t : run.verdicts)
    for (const auto& v : t.variants) {
      if (!can_be_drawn(v.speedup)) continue;  // withheld, or the baseline's
      bars.push_back({&v, t.target});
      most = std::max({most, v.speedup, can_be_drawn(v.speedup_interval.hi) ? v.speedup_interval.hi : 0});
    }
  if (bars.empty()) return "";
  const Axis axis{0, most * 1.02};
  const double one = 1000 * axis(1);
  std::string out =
      "<figure class=\"bars\">\n<figcaption>Speedup over the baseline: median of paired ratios, its interval, and the "
      "baseline's speed (dashed)</figcaption>\n";
  std::string target;
  for (const auto& [v, of] : bars) {
    if (of != target) out += fmt::format("<div class=\"group\">{}</div>\n", html_escaped(of));
    target = of;
    const auto word = model::to_string(v->word);
    std::string content = fmt::format(
        "<rect class=\"bar\" y=\"3\" width=\"{:.0f}\" height=\"14\"/><path class=\"one\" d=\"M{:.0f} 0V20\"/>",
        1000 * axis(v->speedup), one);
    if (v->confidence > 0 && can_be_drawn(v->speedup_interval.lo) && can_be_drawn(v->speedup_interval.hi)) {
      const double lo = 1000 * axis(v->speedup_interval.lo), hi = 1000 * axis(v->speedup_interval.hi);
      content += fmt::format("<path class=\"whisker\" d=\"M{0:.0f} 10H{1:.0f}M{0:.0f} 5V15M{1:.0f} 5V15\"/>", lo, hi);
    }
    const auto speedup = format_speedup(v->speedup), interval = format_interval(v->speedup_interval);
    auto svg = strip(20, fmt::format("{} {}, {}", speedup, interval, word), content);
    svg.insert(4, fmt::format(" class=\"{}\"", word));
    out += row(v->name, svg,
               fmt::format("{} <small>{}</small> <span class=\"word {}\">{}</span>", speedup, interval, word, word));
  }
  out += axis_row(axis, [](double x) { return fmt::format("{:g}×", x); });
  return out + "</figure>\n";
}

// -------------------------------------------------------------------------------------------------------- samples

std::string samples_figure(const model::TargetEvidence& e, int bins) {
  const auto all = distributions_of(e, static_cast<std::size_t>(bins));
  if (all.variants.empty()) return "";
  const Axis axis{all.lo, all.hi, all.logarithmic};
  auto out = fmt::format(
      "<figure class=\"samples\">\n<figcaption>Time per call of every sample{}: how often, the median, and its "
      "interval (shaded)</figcaption>\n",
      axis.logarithmic ? ", logarithmic" : "");
  for (const auto& [name, samples, counts, m] : all.variants) {
    const int tallest = *std::max_element(counts.begin(), counts.end());
    std::string path = "M0 36";
    int before = 36;
    for (int i = 0; i < bins; ++i) {
      const int y = 36 - 32 * counts[static_cast<std::size_t>(i)] / tallest;
      if (y != before) path += fmt::format("H{}V{}", 1000 * i / bins, y);
      before = y;
    }
    if (before != 36) path += "H1000V36";
    std::string content = fmt::format("<path class=\"density\" d=\"{}Z\"/>", path);
    if (m.confidence > 0) {
      const double lo = 1000 * axis(m.interval.lo), hi = 1000 * axis(m.interval.hi);
      content += fmt::format("<rect class=\"interval\" x=\"{:.1f}\" width=\"{:.1f}\" height=\"36\"/>", lo, hi - lo);
    }
    content += fmt::format("<path class=\"median\" d=\"M{0:.1f} 0V36\"/><path class=\"grid\" d=\"M0 36H1000\"/>",
                           1000 * axis(m.median));
    const auto median = format_seconds(m.median);
    out += row(name, strip(36, fmt::format("{} samples, median {}", samples, median), content),
               fmt::format("{} <small>{} sample{}</small>", median, samples, samples == 1 ? "" : "s"));
  }
  out += axis_row(axis, [](double x) { return format_seconds(x); });
  return out + "</figure>\n";
}

// ------------------------------------------------------------------------------------------------------- roofline

std::string roofline_figure(const model::TargetEvidence& e, const model::TargetVerdict* verdict) {
  struct Point {
    std::string name, word;
    double rate;
    double y = 0, label_y = 0;
  };
  int threads = 1;
  std::vector<Point> points;
  for (const auto& v : e.variants)
    if (const auto* j = judged(verdict, v.name); j && can_be_drawn(j->median_seconds)) {
      threads = std::max(threads, v.width());
      const auto word = &v == &e.variants.front() ? "baseline" : j->speedup > 0 ? to_string(j->word) : "bad";
      points.push_back({v.name, word, e.flops / j->median_seconds});
    }
  const auto roofs = roofs_of(e, threads);
  for (const double x : {e.flops, e.bytes, roofs.flops, roofs.bytes})
    if (!can_be_drawn(x)) return "";
  if (points.empty()) return "";
  const double intensity = e.flops / e.bytes, ridge = roofs.flops / roofs.bytes;

  constexpr double left = 52, right = 392, top = 14, bottom = 236;
  double slowest = roofs.flops;
  for (const auto& p : points) slowest = std::min(slowest, p.rate);
  const Axis x{std::min(intensity, ridge) / 6, std::max(intensity, ridge) * 6, true};
  const Axis y{std::min(slowest, roofs.bytes * x.lo) / 2, roofs.flops * 2.5, true};
  const auto at_x = [&](double v) { return left + (right - left) * x(v); };
  const auto at_y = [&](double v) { return bottom - (bottom - top) * y(v); };

  std::string svg = fmt::format("<rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>", left, top,
                                right - left, bottom - top);
  for (const double v : ticks(x))
    svg += fmt::format("<text class=\"quiet\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:g}</text>", at_x(v),
                       bottom + 14, v);
  for (const double v : ticks(y))
    svg += fmt::format("<text class=\"quiet\" x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", left - 5,
                       at_y(v) + 4, format_scaled(v));
  svg += fmt::format(
      "<text class=\"quiet\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">FLOP per byte of memory traffic</text>",
      (left + right) / 2, bottom + 28);
  svg += fmt::format(
      "<text class=\"quiet\" transform=\"translate(11 {}) rotate(-90)\" text-anchor=\"middle\">FLOP/s</text>",
      (top + bottom) / 2);
  svg += fmt::format("<path class=\"roof\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}H{}\"/>", at_x(x.lo),
                     at_y(roofs.bytes * x.lo), at_x(ridge), at_y(roofs.flops), right);
  svg += fmt::format("<path class=\"intensity\" d=\"M{0:.1f} {1:.1f}V{2}\"/>", at_x(intensity),
                     at_y(std::min(roofs.flops, roofs.bytes * intensity)), bottom);
  svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">arithmetic {}</text>", right - 4,
                     at_y(roofs.flops) - 5, format_scaled(roofs.flops, "FLOP/s"));
  const double slope_x = at_x(ridge) - at_x(x.lo), slope_y = at_y(roofs.bytes * x.lo) - at_y(roofs.flops);
  svg += fmt::format("<text transform=\"translate({:.1f} {:.1f}) rotate({:.1f})\" x=\"6\" y=\"-6\">memory {}</text>",
                     at_x(x.lo), at_y(roofs.bytes * x.lo), -std::atan2(slope_y, slope_x) * 180 / M_PI,
                     format_scaled(roofs.bytes, "B/s"));

  // Names beside their points, pushed apart where they would lie on each other.
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.rate > b.rate; });
  constexpr double kLine = 12.5;
  double lowest = top;
  for (auto& p : points) {
    p.y = at_y(p.rate);
    p.label_y = std::max(p.y, lowest + kLine);
    lowest = p.label_y;
  }
  double limit = bottom - 4;
  for (auto p = points.rbegin(); p != points.rend(); ++p) {
    p->label_y = std::min(p->label_y, limit);
    limit = p->label_y - kLine;
  }
  const double px = at_x(intensity);
  const bool to_left = px > (left + right) / 2;
  for (const auto& p : points) {
    const double label_x = px + (to_left ? -22 : 22);
    svg += fmt::format("<path class=\"leader\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>", px, p.y, label_x, p.label_y);
    svg += fmt::format("<circle class=\"point {}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>", p.word, px, p.y);
    const auto name = shortened(p.name);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>", label_x + (to_left ? -3 : 3),
                       p.label_y + 4, to_left ? "end" : "start", html_escaped(name));
  }
  const auto who =
      e.device == "cpu" ? fmt::format("{} thread{}", threads, threads == 1 ? "" : "s") : std::string("the device");
  return fmt::format(
      "<figure class=\"roofline\">\n<figcaption>Roofline of {}: {:.3g} FLOP per byte, so {} binds. Ceilings from "
      "{}</figcaption>\n<svg viewBox=\"0 0 400 270\" role=\"img\" aria-label=\"Roofline\">{}</svg>\n</figure>\n",
      who, intensity, intensity < ridge ? "memory" : "arithmetic", html_escaped(e.ceilings.source.substr(0, 200)), svg);
}

}  // namespace aisp::analysis
