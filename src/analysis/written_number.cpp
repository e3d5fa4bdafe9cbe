#include "analysis/written_number.hpp"

#include "record/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace aisp::analysis {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "-1,234.5e6" in parts: the digits between separators, the separators, the exponent.
struct Parts {
  bool negative = false;
  std::vector<std::string_view> digits;
  std::string separators;
  std::string_view exponent;
};

// Nothing for what no style writes.
std::optional<Parts> split(std::string_view cell) {
  Parts p;
  if (!cell.empty() && (cell.front() == '-' || cell.front() == '+')) {
    p.negative = cell.front() == '-';
    cell.remove_prefix(1);
  }
  const auto e = std::min(cell.find_first_of("eE"), cell.size());
  p.exponent = cell.substr(e);
  cell = cell.substr(0, e);
  for (std::size_t from = 0; from <= cell.size();) {
    const auto to = std::min(cell.find_first_of(".,", from), cell.size());
    p.digits.push_back(cell.substr(from, to - from));
    if (to < cell.size()) p.separators += cell[to];
    from = to + 1;
  }
  const auto all_digits = [](std::string_view s) { return std::all_of(s.begin(), s.end(), is_digit); };
  if (!std::all_of(p.digits.begin(), p.digits.end(), all_digits)) return std::nullopt;
  const bool some = std::any_of(p.digits.begin(), p.digits.end(), [](auto s) { return !s.empty(); });
  auto power = p.exponent.substr(std::min<std::size_t>(1, p.exponent.size()));
  if (!power.empty() && (power.front() == '-' || power.front() == '+')) power.remove_prefix(1);
  return some && all_digits(power) && power.empty() == p.exponent.empty() ? std::optional(p) : std::nullopt;
}

// The first `count` groups are "1", "12" or "123", then three digits each.
bool grouped(const Parts& p, std::size_t count) {
  for (std::size_t i = 1; i < count; ++i)
    if (p.digits[i].size() != 3) return false;
  return count < 2 || (!p.digits[0].empty() && p.digits[0].size() <= 3 && p.digits[0] != "0");
}

// The number of groups before the decimal point, when `decimal` is that point; 0 when the parts contradict it.
std::size_t groups_before(const Parts& p, char decimal) {
  const auto points = std::count(p.separators.begin(), p.separators.end(), decimal);
  if (points > 1 || (points == 1 && p.separators.back() != decimal)) return 0;
  const auto groups = p.digits.size() - static_cast<std::size_t>(points);
  return grouped(p, groups) ? groups : 0;
}

}  // namespace

void NumberStyle::learn(std::string_view cell) {
  const auto p = split(cell);
  if (!p || p->separators.empty()) return;
  const bool dot = groups_before(*p, '.') > 0, comma = groups_before(*p, ',') > 0;
  char told = dot == comma ? 0 : dot ? '.' : ',';
  if (dot && comma && !p->exponent.empty()) told = p->separators.front();  // nobody groups before an exponent
  if (!told || told == decimal_) return;
  if (decimal_)
    throw std::runtime_error(fmt::format("has '{}' and '{}': one has a decimal comma, the other a decimal point",
                                         witness_, record::shown(cell, 40)));
  decimal_ = told;
  witness_ = record::shown(cell, 40);
}

std::optional<double> NumberStyle::read(std::string_view cell) const {
  const auto p = split(cell);
  if (!p) return std::nullopt;
  if (!decimal_ && p->separators == ",")
    throw std::runtime_error(
        fmt::format("has '{}', which is {}{} or {}.{}, and no other number tells; write it with LC_ALL=C",
                    record::shown(cell, 40), p->digits[0], p->digits[1], p->digits[0], p->digits[1]));
  const auto groups = groups_before(*p, decimal_ ? decimal_ : '.');
  if (groups == 0) return std::nullopt;
  std::string plain = p->negative ? "-" : "";
  for (std::size_t i = 0; i < p->digits.size(); ++i) {
    if (i == groups) plain += '.';
    plain += p->digits[i];
  }
  plain += p->exponent;
  double value = 0;
  const char* end = plain.data() + plain.size();
  const auto [last, error] = std::from_chars(plain.data(), end, value);
  if (error != std::errc{} || last != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace aisp::analysis
