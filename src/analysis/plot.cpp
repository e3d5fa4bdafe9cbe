#include "analysis/plot.hpp"

#include "analysis/table.hpp"
#include "model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace aisp::analysis {
namespace {

constexpr int kLeastColumns = 10;

// One axis: from data to 0 … 1.
class Axis {
 public:
  explicit Axis(bool logarithmic) : log_(logarithmic) {}
  bool shows(double v) const { return std::isfinite(v) && (!log_ || v > 0); }
  void include(double v) { lo_ = std::min(lo_, scale(v)), hi_ = std::max(hi_, scale(v)); }
  double place(double v) const { return hi_ > lo_ ? (scale(v) - lo_) / (hi_ - lo_) : 0.5; }
  double value(double place) const {
    const double s = lo_ + place * (hi_ - lo_);
    return log_ ? std::pow(10, s) : s;
  }

 private:
  double scale(double v) const { return log_ ? std::log10(v) : v; }
  bool log_;
  double lo_ = std::numeric_limits<double>::infinity(), hi_ = -std::numeric_limits<double>::infinity();
};

// "2.5", "40k", "1.2T", "3e-05": short enough for an axis.
std::string tick(double v) {
  constexpr const char* kPrefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  std::size_t i = 0;
  while (std::fabs(v) >= 999.5 && i + 1 < std::size(kPrefixes)) v /= 1000, ++i;
  return fmt::format("{:.3g}{}", v, kPrefixes[i]);
}

class Canvas {
 public:
  Canvas(int width, int height)
      : width_(width), rows_(static_cast<std::size_t>(height), std::string(static_cast<std::size_t>(width), ' ')) {}

  void dot(double x, double y) {
    if (char& c = at(x, y); c == ' ') c = '.';
  }
  // Where two series share a place the later letter wins; '*' would say less.
  void mark(double x, double y, char letter) { at(x, y) = letter; }
  const std::vector<std::string>& rows() const { return rows_; }
  int width() const { return width_; }

 private:
  char& at(double x, double y) {
    const auto column = static_cast<std::size_t>(std::lround(x * (width_ - 1)));
    const auto row = static_cast<std::size_t>(std::lround((1 - y) * static_cast<double>(rows_.size() - 1)));
    return rows_[row][column];
  }
  int width_;
  std::vector<std::string> rows_;
};

char letter(std::size_t series) { return static_cast<char>(series < 26 ? 'a' + series : 'A' + series % 26); }

void draw(Canvas& canvas, const Series& series, const Axis& x, const Axis& y, char mark) {
  std::optional<PlotPoint> last;
  std::vector<PlotPoint> places;
  for (const auto& p : series.points)
    if (x.shows(p.x) && y.shows(p.y)) places.push_back({x.place(p.x), y.place(p.y)});
  for (const auto& p : places) {
    if (last && series.line) {
      const int steps = 2 * canvas.width();
      for (int i = 1; i < steps; ++i) {
        const double part = static_cast<double>(i) / steps;
        canvas.dot(last->x + part * (p.x - last->x), last->y + part * (p.y - last->y));
      }
    }
    last = p;
  }
  for (const auto& p : places) canvas.mark(p.x, p.y, mark);
}

// Text inside gnuplot's double quotes.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : model::printable(text)) {
    if (c == '"' || c == '\\' || c == '`') continue;
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string text_plot(const Plot& plot, int width, int height) {
  Axis x(plot.log_x), y(plot.log_y);
  bool any = false;
  for (const auto& s : plot.series)
    for (const auto& p : s.points)
      if (x.shows(p.x) && y.shows(p.y)) x.include(p.x), y.include(p.y), any = true;
  if (!any) return "";

  std::vector<std::string> labels(static_cast<std::size_t>(height));
  int label_width = 0;
  for (int row = 0; row < height; row += std::max(1, (height - 1) / 3)) {
    auto& label = labels[static_cast<std::size_t>(row)];
    label = tick(y.value(1 - static_cast<double>(row) / (height - 1)));
    label_width = std::max(label_width, display_width(label));
  }
  Canvas canvas(std::max(kLeastColumns, width - label_width - 2), height);
  for (std::size_t i = 0; i < plot.series.size(); ++i) draw(canvas, plot.series[i], x, y, letter(i));

  std::string out = plot.title.empty() ? "" : plot.title + "\n";
  if (!plot.y_label.empty()) out += plot.y_label + "\n";
  for (int row = 0; row < height; ++row) {
    const auto& drawn = canvas.rows()[static_cast<std::size_t>(row)];
    out += fmt::format("{:>{}} |{}\n", labels[static_cast<std::size_t>(row)], label_width,
                       drawn.substr(0, drawn.find_last_not_of(' ') + 1));
  }
  const auto left = tick(x.value(0)), right = tick(x.value(1));
  const auto room = static_cast<std::size_t>(canvas.width());
  out += fmt::format("{:>{}} +{}\n", "", label_width, std::string(room, '-'));
  const auto gap = room - std::min(room, left.size() + right.size());
  const auto middle = static_cast<int>(gap) >= display_width(plot.x_label) + 2 ? plot.x_label : "";
  const auto before = (gap - static_cast<std::size_t>(display_width(middle))) / 2;
  out += fmt::format("{:>{}}  {}{}{}{}{}\n", "", label_width, left, std::string(before, ' '), middle,
                     std::string(gap - before - static_cast<std::size_t>(display_width(middle)), ' '), right);
  for (std::size_t i = 0; i < plot.series.size(); ++i)
    if (!plot.series[i].label.empty()) out += fmt::format("  {}  {}\n", letter(i), plot.series[i].label);
  return out;
}

std::string gnuplot_script(const Plot& plot, std::string_view kind) {
  // Pictures with named rows grow with them.
  const auto height =
      plot.rows.empty() ? 600 : 160 + 24 * static_cast<int>(std::min<std::size_t>(plot.rows.size(), 400));
  std::string out =
      kind == "svg"
          ? fmt::format("set terminal svg size 900,{} dynamic font \"sans,14\" background \"white\"\n", height)
          : fmt::format("set terminal pngcairo size 1200,{} font \"sans,14\"\n", height * 4 / 3);
  out += fmt::format("set encoding utf8\nset title {} noenhanced\nset xlabel {} noenhanced\nset ylabel {} noenhanced\n",
                     quoted(plot.title), quoted(plot.x_label), quoted(plot.y_label));
  if (plot.log_x) out += "set logscale x\nset format x \"10^{%L}\"\n";
  if (plot.log_y) out += "set logscale y\nset format y \"10^{%L}\"\n";
  if (!plot.rows.empty()) {
    std::string names;
    for (std::size_t i = 0; i < plot.rows.size(); ++i)
      names += fmt::format("{}{} {}", i ? ", " : "", quoted(plot.rows[i]), i);
    out += fmt::format("set yrange [{}:-0.5]\nset ytics noenhanced ({})\n", static_cast<double>(plot.rows.size()) - 0.5,
                       names);
  }
  out += "set grid\nset key outside below height 1 noenhanced\n";
  std::string curves;
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    const auto& s = plot.series[i];
    std::string rows, intervals;
    for (const auto& p : s.points) {
      if (!std::isfinite(p.x) || !std::isfinite(p.y) || (plot.log_x && p.x <= 0) || (plot.log_y && p.y <= 0)) continue;
      rows += fmt::format("{:.9g} {:.9g}\n", p.x, p.y);
      if (p.lo < p.hi && std::isfinite(p.lo) && std::isfinite(p.hi) && (!plot.log_x || p.lo > 0))
        intervals += fmt::format("{:.9g} {:.9g} {:.9g} {:.9g}\n", p.x, p.y, p.lo, p.hi);
    }
    if (rows.empty()) continue;
    const auto colour = s.colour > 0 ? s.colour : static_cast<int>(i) + 1;
    out += fmt::format("$s{} << EOD\n{}EOD\n", i, rows);
    curves += fmt::format("{}$s{} with {} lc {} {}", curves.empty() ? "" : ", ", i,
                          !s.line  ? "points pt 7 ps 1.5"
                          : s.bare ? "lines lw 2"
                                   : "linespoints lw 2",
                          colour, s.label.empty() ? "notitle" : "title " + quoted(s.label));
    if (intervals.empty()) continue;
    out += fmt::format("$i{} << EOD\n{}EOD\n", i, intervals);
    curves += fmt::format(", $i{} with xerrorbars pt 0 lw 2 lc {} notitle", i, colour);
  }
  return curves.empty() ? "" : out + "plot " + curves + "\n";
}

}  // namespace aisp::analysis
