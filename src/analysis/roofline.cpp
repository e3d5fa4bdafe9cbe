#include "analysis/roofline.hpp"

#include "analysis/table.hpp"
#include "analysis/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace aisp::analysis {
namespace {

std::string roof_rate(const Roof& roof) { return format_scaled(roof.rate, roof.compute ? "FLOP/s" : "B/s"); }

std::string cut(const std::string& text, std::size_t width) {
  return text.size() <= width || width < 2 ? text : text.substr(0, width - 1) + "…";
}

std::vector<Limit> limits_of(const Roofline& r, const std::vector<Load>& loads, double measured_seconds) {
  std::vector<Limit> all;
  for (const auto& load : loads) {
    const auto& roof = r.roofs[load.roof];
    if (!(load.work > 0) || !(roof.rate > 0)) continue;
    const double seconds = load.work / roof.rate;
    all.push_back({&roof, load.work, seconds, measured_seconds > 0 ? seconds / measured_seconds : 0});
  }
  std::stable_sort(all.begin(), all.end(), [](const Limit& a, const Limit& b) { return a.seconds > b.seconds; });
  return all;
}

// Aligned columns under a header. Where they do not fit, the first column and the last, what binds, move to a line of
// their own.
std::string folding_table(const std::vector<std::vector<std::string>>& rows, int width) {
  std::vector<int> widths(rows.front().size());
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], display_width(row[c]));
  int total = 2 * static_cast<int>(widths.size() - 1);
  for (const int w : widths) total += w;
  const bool folded = total > width;
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    const std::size_t columns = folded ? row.size() - 1 : row.size();
    for (std::size_t c = folded ? 1 : 0; c < columns; ++c)
      line += row[c] + std::string(static_cast<std::size_t>(widths[c] - display_width(row[c]) + 2), ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    if (folded && &row != &rows.front()) {
      const auto head = row.front() + ": " + row.back();
      out += cut(head, static_cast<std::size_t>(std::max(20, width))) + "\n";
    }
    out += (folded ? "  " : "") + line + "\n";
  }
  return out;
}

std::string intensity_text(double flops, double bytes) {
  return flops > 0 && bytes > 0 ? fmt::format("{:.3g}", flops / bytes) : "–";
}

std::string bytes_text(double bytes) { return bytes > 0 ? format_scaled(bytes, "B") : "–"; }

// What the kernels moved, beside what the problem declares: "" where nothing was counted.
std::string measured_table(const Roofline& r, int width) {
  std::vector<std::vector<std::string>> rows{
      {"kernel", "on device", "declared", "HBM", "FLOP/B", "roof", "L2", "FLOP/B", "roof", "what binds"}};
  std::string profiled;
  for (const auto& p : r.points) {
    if (!p.measured) continue;
    const auto all = measured_limits(r, p);
    const auto share = [&](const char* roof) {
      for (const auto& l : all)
        if (l.roof->name == roof) return format_share(l.share);
      return std::string("–");
    };
    double declared = 0;
    for (const auto& load : p.loads)
      if (!r.roofs[load.roof].compute) declared = std::max(declared, load.work);
    const auto& m = *p.measured;
    rows.push_back({p.label, format_seconds(m.device_seconds), bytes_text(declared), bytes_text(m.hbm_bytes),
                    intensity_text(p.flops, m.hbm_bytes), share("HBM"), bytes_text(m.l2_bytes),
                    intensity_text(p.flops, m.l2_bytes), share("L2"), binding_text(all)});
    if (profiled.find(m.profiled) == std::string::npos) profiled += (profiled.empty() ? "" : ", ") + m.profiled;
  }
  if (rows.size() == 1) return "";
  return "\ntraffic of one call as ncu counted it, " + profiled + ":\n" + folding_table(rows, width);
}

}  // namespace

std::size_t Roofline::roof(const Roof& wanted) {
  for (std::size_t i = 0; i < roofs.size(); ++i)
    if (roofs[i].name == wanted.name && roofs[i].rate == wanted.rate) return i;
  roofs.push_back(wanted);
  return roofs.size() - 1;
}

std::vector<Limit> limits(const Roofline& r, const RooflinePoint& p) { return limits_of(r, p.loads, p.seconds); }

std::vector<Limit> measured_limits(const Roofline& r, const RooflinePoint& p) {
  return p.measured ? limits_of(r, p.measured->loads, p.seconds) : std::vector<Limit>{};
}

std::string binding_text(const std::vector<Limit>& all) {
  if (all.empty()) return "no work declared";
  const auto& first = all.front();
  if (first.share >= kNear) return first.roof->name + " binds";
  return "none binds; nearest is " + first.roof->name;
}

void add_target(Roofline& r, const model::TargetEvidence& e, const model::TargetVerdict& verdict) {
  for (std::size_t i = 0; i < e.variants.size(); ++i) {
    const auto& v = e.variants[i];
    const auto judged = std::find_if(verdict.variants.begin(), verdict.variants.end(),
                                     [&](const model::VariantVerdict& candidate) { return candidate.name == v.name; });
    const std::string label = e.target + ":" + v.name;
    if (judged == verdict.variants.end() || !judged->correct || !(judged->median_seconds > 0)) {
      r.left_out.push_back(label + ": no time of a correct result");
      continue;
    }
    RooflinePoint p{label, judged->median_seconds, e.flops, {}};
    const int threads = e.device == "cpu" ? v.width() : 1;  // a GPU's ceilings are the whole device's
    const std::string of = threads == 1 ? "" : fmt::format(", {} threads", threads);
    const bool compute = compute_bounds(e);
    if (e.ceilings.flops > 0 && e.flops > 0 && compute)
      p.loads.push_back(
          {r.roof({"compute " + (e.ceilings.arithmetic.empty() ? e.arithmetic : e.ceilings.arithmetic) + of, true,
                   threads * e.ceilings.flops, e.ceilings.source}),
           e.flops});
    if (e.ceilings.bytes > 0 && e.bytes > 0)
      p.loads.push_back({r.roof({"memory" + of, false, threads * e.ceilings.bytes, e.ceilings.source}), e.bytes});
    if (p.loads.empty()) {
      r.left_out.push_back(label + ": no ceiling is known for its work");
      continue;
    }
    if (e.flops > 0 && !compute) p.note = "narrow types may use faster units than " + e.arithmetic + "'s";
    r.points.push_back(std::move(p));
  }
}

std::string roofline_table(const Roofline& r, int width) {
  std::vector<std::vector<std::string>> rows{{"kernel", "time", "rate", "traffic", "FLOP/B", "roof", "what binds"}};
  for (const auto& p : r.points) {
    const auto all = limits(r, p);
    const double flops = p.flops;
    double bytes = 0;  // of the memory level that binds first
    for (auto it = all.rbegin(); it != all.rend(); ++it)
      if (!it->roof->compute) bytes = it->work;
    rows.push_back({p.label, format_seconds(p.seconds),
                    flops > 0 && p.seconds > 0 ? format_scaled(flops / p.seconds, "FLOP/s") : "–",
                    bytes > 0 && p.seconds > 0 ? format_scaled(bytes / p.seconds, "B/s") : "–",
                    intensity_text(flops, bytes), all.empty() ? "–" : format_share(all.front().share),
                    binding_text(all)});
  }
  std::string out = folding_table(rows, width);
  for (const auto& p : r.points)
    if (!p.note.empty()) out += p.label + ": " + p.note + "\n";
  out += measured_table(r, width);
  out += "\nroofs:\n";
  for (const auto& roof : r.roofs)
    out += fmt::format("  {}: {}{}\n", roof.name, roof_rate(roof), roof.source.empty() ? "" : " (" + roof.source + ")");
  for (const auto& why : r.left_out) out += "left out: " + why + "\n";
  return out;
}

Plot roofline_plot(const Roofline& r) {
  Plot plot{r.title, "FLOP per byte", "FLOP/s", true, true, {}};
  double lo = std::numeric_limits<double>::infinity(), hi = 0, top = 0;
  std::vector<Series> points;
  const auto place = [&](const RooflinePoint& p, const std::string& label, const std::vector<Limit>& all) {
    Series s{label, {}, false};
    for (const auto& limit : all) {
      if (limit.roof->compute || !(p.flops > 0) || !(p.seconds > 0)) continue;
      const double intensity = p.flops / limit.work;
      s.points.push_back({intensity, p.flops / p.seconds});
      lo = std::min(lo, intensity), hi = std::max(hi, intensity);
    }
    if (!s.points.empty()) points.push_back(std::move(s));
  };
  for (const auto& p : r.points) {
    place(p, p.label, limits(r, p));
    place(p, p.label + ", measured traffic", measured_limits(r, p));
  }
  if (points.empty()) return plot;
  for (const auto& roof : r.roofs)
    if (roof.compute) top = std::max(top, roof.rate);
  for (const auto& roof : r.roofs)
    if (!roof.compute && roof.rate > 0) hi = std::max(hi, top / roof.rate);  // the ridge is in the picture
  lo /= 2, hi *= 2;
  for (const auto& roof : r.roofs) {
    const double end = roof.compute || top == 0 ? hi : std::min(hi, top / roof.rate);
    Series line{roof.name + ": " + roof_rate(roof), {}};
    line.points.push_back(
        {roof.compute ? lo : std::min(lo, end), roof.compute ? roof.rate : std::min(lo, end) * roof.rate});
    line.points.push_back({end, roof.compute ? roof.rate : end * roof.rate});
    plot.series.push_back(std::move(line));
  }
  for (auto& p : points) plot.series.push_back(std::move(p));
  return plot;
}

}  // namespace aisp::analysis
