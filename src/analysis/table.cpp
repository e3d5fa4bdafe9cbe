#include "analysis/table.hpp"

#include "record/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace aisp::analysis {
namespace {

const std::string kNone = "–";

// Three significant digits; `value` is at least 1 or the smallest unit is in use.
std::string three_digits(double value) {
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}", value, decimals);
}

struct Unit {
  double size;
  const char* name;
};

std::string with_unit(double value, std::span<const Unit> ascending) {
  std::size_t i = 0;
  // 999.6 rounds to 1000 and belongs to the next unit already.
  while (i + 1 < ascending.size() && value / ascending[i + 1].size >= 0.9995) ++i;
  return three_digits(value / ascending[i].size) + " " + ascending[i].name;
}

bool is_plain(double value) { return std::isfinite(value) && value > 0; }

// ------------------------------------------------------------------------------------------------------- UTF-8

// The code point at `text[i]`, moving i behind it; a stray byte counts as one character.
std::uint32_t next_code_point(std::string_view text, std::size_t& i) {
  const auto lead = static_cast<unsigned char>(text[i++]);
  const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
  std::uint32_t point = more ? lead & (0x3fu >> more) : lead;
  for (int k = 0; k < more && i < text.size() && (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80; ++k)
    point = point << 6 | (static_cast<unsigned char>(text[i++]) & 0x3fu);
  return point;
}

int width_of(std::uint32_t p) {
  const auto within = [p](std::uint32_t lo, std::uint32_t hi) { return p >= lo && p <= hi; };
  if (within(0x300, 0x36f) || within(0x200b, 0x200f) || within(0xfe00, 0xfe0f)) return 0;
  return within(0x1100, 0x115f) || within(0x2e80, 0xa4cf) || within(0xac00, 0xd7a3) || within(0xf900, 0xfaff) ||
                 within(0xfe30, 0xfe6f) || within(0xff00, 0xff60) || within(0xffe0, 0xffe6) ||
                 within(0x1f300, 0x1f64f) || within(0x1f900, 0x1f9ff) || within(0x20000, 0x3fffd)
             ? 2
             : 1;
}

std::string cut(std::string_view text, int width) {
  if (display_width(text) <= width) return std::string(text);
  int used = 0;
  std::size_t i = 0, end = 0;
  while (i < text.size()) {
    used += width_of(next_code_point(text, i));
    if (used > width - 1) break;
    end = i;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string pad(const std::string& text, int width, bool right) {
  const std::string fill(static_cast<std::size_t>(std::max(0, width - display_width(text))), ' ');
  return right ? fill + text : text + fill;
}

// ------------------------------------------------------------------------------------------------------ columns

struct Column {
  const char* title;
  std::string Row::*cell;
  bool right;
};
constexpr Column kTarget{"target", &Row::target, false}, kVariant{"variant", &Row::variant, false},
    kMedian{"median", &Row::median, true}, kSpeedup{"speedup", &Row::speedup, true},
    kInterval{"interval", &Row::interval, true}, kVerdict{"verdict", &Row::verdict, false},
    kSol{"%SOL", &Row::sol, true}, kVerified{"verified", &Row::verified, true};
constexpr int kGap = 2, kLeastName = 4;

const char* colour_of(const std::string& verdict) {
  if (verdict == "FAST") return "\x1b[32m";
  if (verdict == "SLOW") return "\x1b[33m";
  if (verdict == "UNRESOLVED") return "\x1b[36m";
  if (verdict == "SAME" || verdict == "baseline" || verdict == kNone) return "";
  return "\x1b[1;31m";
}

int column_width(const Column& column, std::span<const Row> rows) {
  int width = display_width(column.title);
  for (const auto& row : rows) width = std::max(width, display_width(row.*column.cell));
  return width;
}

}  // namespace

std::string format_seconds(double seconds) {
  static constexpr std::array<Unit, 4> units{{{1e-9, "ns"}, {1e-6, "µs"}, {1e-3, "ms"}, {1, "s"}}};
  return is_plain(seconds) ? with_unit(seconds, units) : kNone;
}

std::string format_bytes(double bytes) {
  static constexpr std::array<Unit, 5> units{
      {{1, "B"}, {0x1p10, "KiB"}, {0x1p20, "MiB"}, {0x1p30, "GiB"}, {0x1p40, "TiB"}}};
  return !is_plain(bytes) ? kNone : bytes < 1000 ? fmt::format("{:.0f} B", bytes) : with_unit(bytes, units);
}

std::string format_scaled(double value, std::string_view unit) {
  constexpr std::array kPrefixes{"", "k", "M", "G", "T", "P"};
  std::size_t i = 0;
  while (value >= 999.5 && i + 1 < kPrefixes.size()) value /= 1000, ++i;
  const auto behind = kPrefixes[i] + std::string(unit);
  return fmt::format("{:.3g}{}{}", value, behind.empty() ? "" : " ", behind);
}

std::string format_speedup(double ratio) { return is_plain(ratio) ? three_digits(ratio) + "×" : kNone; }

std::string format_interval(const model::Interval& i) {
  return is_plain(i.lo) && is_plain(i.hi) ? three_digits(i.lo) + "–" + format_speedup(i.hi) : kNone;
}

std::string format_share(double share) {
  if (!is_plain(share)) return kNone;
  return share < 0.0995 ? fmt::format("{:.1f} %", share * 100) : fmt::format("{:.0f} %", share * 100);
}

int display_width(std::string_view utf8) {
  int width = 0;
  for (std::size_t i = 0; i < utf8.size();) width += width_of(next_code_point(utf8, i));
  return width;
}

std::vector<Row> rows_of(const model::TargetEvidence& evidence, const model::TargetVerdict* verdict) {
  const auto name = [](const std::string& text) { return record::shown(text, 60); };
  if (!evidence.error.empty() || evidence.variants.empty())
    return {{name(evidence.target), kNone, kNone, kNone, kNone, evidence.error.empty() ? "not run" : "error", kNone,
             kNone}};
  std::vector<Row> rows;
  for (std::size_t i = 0; i < evidence.variants.size(); ++i) {
    const auto& v = evidence.variants[i];
    const model::VariantVerdict* judged = nullptr;
    bool violates = false;
    if (verdict) {
      for (const auto& candidate : verdict->variants)
        if (candidate.name == v.name) judged = &candidate;
      for (const auto& violation : verdict->violations) violates |= violation.variant == v.name;
    }
    Row row{name(evidence.target), name(v.name), kNone, kNone, kNone, "not judged", kNone, kNone};
    if (v.peer) row.variant += " (peer)";
    if (v.timed_calls) row.verified = fmt::format("{}/{}", v.verified_timed_calls, v.timed_calls);
    if (v.status != model::Status::ok) {
      row.verdict = to_string(v.status);
    } else if (judged) {
      row.median = format_seconds(judged->median_seconds);
      row.sol = format_share(judged->sol);
      if (violates)
        row.verdict = "VIOLATION";
      else if (!judged->correct)
        row.verdict = "WRONG";
      else if (i == 0)
        row.verdict = "baseline";
      else {
        row.verdict = to_string(judged->word);
        row.speedup = format_speedup(judged->speedup);
        if (judged->speedup > 0) row.interval = format_interval(judged->speedup_interval);
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string render_table(std::span<const Row> given, int width, bool colour) {
  std::vector<Row> rows(given.begin(), given.end());
  std::vector<Column> columns{kTarget, kVariant, kMedian, kSpeedup, kInterval, kVerdict, kSol, kVerified};
  const auto total = [&] {
    int sum = kGap * (static_cast<int>(columns.size()) - 1);
    for (const auto& c : columns) sum += column_width(c, rows);
    return sum;
  };
  const auto drop = [&](const Column& column) {
    std::erase_if(columns, [&](const Column& c) { return c.cell == column.cell; });
  };
  for (const auto& column : {kInterval, kVerified, kSol, kMedian})
    if (total() > width) drop(column);
  const bool folded = total() > width;  // targets on lines of their own, variants indented below
  if (folded) {
    drop(kTarget);
    for (auto& row : rows) row.variant = "  " + row.variant;
    const int room = std::max(kLeastName, width - (total() - column_width(kVariant, rows)));
    for (auto& row : rows) {
      row.target = cut(row.target, std::max(kLeastName, width));
      row.variant = cut(row.variant, room);
    }
  }

  std::string out;
  const auto line = [&](auto cell, bool header, const std::string& verdict) {
    std::string text;
    for (const auto& column : columns) {
      auto padded = pad(cell(column), column_width(column, rows), column.right);
      const std::string sgr = !colour                        ? ""
                              : header                       ? "\x1b[1m"
                              : column.cell == kVerdict.cell ? colour_of(verdict)
                                                             : "";
      if (&column == &columns.back())
        while (padded.ends_with(' ')) padded.pop_back();
      if (!text.empty()) text.append(kGap, ' ');
      text += sgr.empty() ? padded : sgr + padded + "\x1b[0m";
    }
    out += text + "\n";
  };
  line([](const Column& c) { return std::string(c.title); }, true, "");
  std::string previous;
  for (auto& row : rows) {
    const auto target = row.target;
    if (target == previous)
      row.target.clear();
    else if (folded)
      out += target + "\n";
    previous = target;
    const int target_width = folded ? 0 : column_width(kTarget, given);
    line([&](const Column& c) { return c.cell == kTarget.cell ? pad(row.target, target_width, false) : row.*c.cell; },
         false, row.verdict);
  }
  return out;
}

}  // namespace aisp::analysis
