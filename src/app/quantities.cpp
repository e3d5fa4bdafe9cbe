#include "app/quantities.hpp"

#include "app/names.hpp"
#include "app/print.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace aisp::app {
namespace {

std::string prefixed(double value, const std::string& unit, bool binary = false) {
  constexpr const char* kDecimal[] = {"", "k", "M", "G", "T", "P", "E"};
  constexpr const char* kBinary[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  const auto& kPrefixes = binary ? kBinary : kDecimal;
  const double step = binary ? 1024 : 1000;
  std::size_t i = 0;
  while (std::fabs(value) >= step - 0.5 && i + 1 < std::size(kPrefixes)) value /= step, ++i;
  const double size = std::fabs(value);
  if (size >= 1e6) return fmt::format("{:.3g} {}{}", value, kPrefixes[i], unit);  // beyond the last prefix
  if (binary) return fmt::format("{:.{}f} {}{}", value, size >= 99.95 ? 1 : 2, kPrefixes[i], unit);
  const int digits = i == 0 && value == std::floor(value) ? 0 : size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}{}", value, digits, kPrefixes[i], unit);
}

// Four digits; whole numbers in full, up to where doubles hold them.
std::string plain(double value) {
  const double size = std::fabs(value);
  const bool full = size < 1e15 && (value == std::floor(value) || size >= 9999.5);
  return full ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}

std::string dollars(double value) {
  if (value != 0 && std::fabs(value) < 1) return fmt::format("${:#.3g}", value);
  if (std::fabs(value) >= 1e15) return fmt::format("${:.3g}", value);
  return fmt::format("${:.{}f}", value, std::fabs(value) < 1000 ? 2 : 0);
}

// The number that the whole text is; nothing for anything else, NaN and the infinities included.
std::optional<double> finite(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data() + (text.starts_with('+') ? 1 : 0), end, value);
  if (error != std::errc{} || last != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

std::string quantity_text(double value, const std::string& unit) {
  if (!std::isfinite(value)) return std::isnan(value) ? "–" : value > 0 ? "∞" : "−∞";
  if (unit == "s") return human_seconds(value);
  if (unit == "B" && std::fabs(value) >= 999.5) return prefixed(value, unit) + " = " + prefixed(value, unit, true);
  if (unit == "B" || unit == "B/s" || unit == "FLOP/s") return prefixed(value, unit);
  if (unit.starts_with('$')) return dollars(value) + unit.substr(1);
  return plain(value) + (unit.empty() ? "" : " " + unit);
}

Json quantities_json(const std::vector<Quantity>& quantities) {
  Json j = Json::object();
  for (const auto& q : quantities)
    j[q.key] = {{"value", std::isfinite(q.value) ? Json(q.value) : Json(nullptr)}, {"unit", q.unit}};
  return j;
}

std::string quantities_table(const std::vector<Quantity>& quantities) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& q : quantities) rows.push_back({q.label, quantity_text(q.value, q.unit), q.note});
  return aligned(rows);
}

void print_quantities(const Context& context, const std::vector<Quantity>& quantities) {
  if (context.json)
    print_json(quantities_json(quantities));
  else
    print_out("{}", quantities_table(quantities));
}

CLI::Validator number(double lo, double hi, const std::string& unit, Bound bound) {
  const auto range =
      fmt::format("{}{} {:g} {} {:g}", unit.empty() ? "" : "of " + unit + " ", bound == Bound::above ? "above" : "from",
                  lo, bound == Bound::above ? "up to" : "to", hi);
  return CLI::Validator(
      [=](std::string& text) {
        const auto value = finite(text);
        if (value && *value >= lo && *value <= hi && !(bound == Bound::above && *value == lo)) return std::string{};
        return fmt::format("'{}' is not a number {}", one_line(text.substr(0, 40)), range);
      },
      "");
}

CLI::Validator positive(const std::string& unit, double hi) { return number(0, hi, unit, Bound::above); }

CLI::Validator whole_number(std::int64_t lo, std::int64_t hi, const std::string& unit) {
  return CLI::Validator(
      [=](std::string& text) {
        const auto value = finite(text);
        const bool octal = text.size() > 1 && text.front() == '0';  // to CLI11
        const bool whole = value && !octal && text.find_first_not_of("0123456789") == std::string::npos;
        if (whole && *value >= static_cast<double>(lo) && *value <= static_cast<double>(hi)) return std::string{};
        return fmt::format("'{}' is not a whole number of {}{} to {}", one_line(text.substr(0, 40)),
                           unit.empty() ? "" : unit + " from ", lo, hi);
      },
      "");
}

}  // namespace aisp::app
