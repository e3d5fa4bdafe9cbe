#include "record/extra_args.hpp"

#include "record/text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <sstream>
#include <stdexcept>

namespace aisp::record {
namespace {

constexpr std::int64_t kLargest = std::int64_t{1} << 40;

}  // namespace

ExtraArgs parse_extra_args(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) throw std::runtime_error("no '=' between the target and its parameters");
  ExtraArgs args{std::string(text.substr(0, equals)), {}};
  std::istringstream words{std::string(text.substr(equals + 1))};
  for (std::string flag, number; words >> flag; number.clear()) {
    if (!flag.starts_with("--") || flag.size() == 2)
      throw std::runtime_error(fmt::format("'{}' stands where a --parameter should", shown(flag, 40)));
    std::int64_t value = 0;
    words >> number;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc() || end != number.data() + number.size() || value < 1 || value > kLargest)
      throw std::runtime_error(
          fmt::format("{} needs a whole number from 1 to 2^40, not '{}'", shown(flag, 40), shown(number, 40)));
    args.values.emplace_back(flag.substr(2), value);
  }
  if (args.values.empty()) throw std::runtime_error("no parameter is given");
  return args;
}

}  // namespace aisp::record
