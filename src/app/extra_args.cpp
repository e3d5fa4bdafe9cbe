#include "app/extra_args.hpp"

#include "app/names.hpp"
#include "app/suite.hpp"
#include "verify/cases.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace aisp::app {
namespace {

constexpr std::int64_t kLargest = std::int64_t{1} << 40;

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw UsageError(fmt::format("--target-extra-arg '{}': {}; write 'ch09:gemm_bf16=--m 4096 --k 2048'",
                               one_line(text.substr(0, 120)), why));
}

}  // namespace

std::map<std::string, judge::Choices> choices_of(const std::vector<std::string>& texts,
                                                 const std::vector<Entry>& entries, WorkloadLibraries& libraries) {
  std::map<std::string, judge::Choices> all;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) refuse(text, "no '=' between the target and its parameters");
    const auto target = text.substr(0, equals);
    const auto entry = std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.target == target; });
    if (entry == entries.end()) refuse(text, fmt::format("'{}' is not a target of this run", one_line(target)));
    std::vector<std::string> names;
    for (const auto& p : verify::light_case(libraries.find(entry->workload_library, target)).params)
      names.push_back(p.name);

    auto& choices = all[target];
    std::istringstream words(text.substr(equals + 1));
    for (std::string flag, number; words >> flag;) {
      const auto name = flag.starts_with("--") ? flag.substr(2) : "";
      if (std::find(names.begin(), names.end(), name) == names.end())
        refuse(text, fmt::format("'{}' is none of its parameters --{}", one_line(flag), fmt::join(names, ", --")));
      std::int64_t value = 0;
      words >> number;
      const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
      if (error != std::errc() || end != number.data() + number.size() || value < 1 || value > kLargest)
        refuse(text, fmt::format("--{} needs a whole number from 1 to 2^40, not '{}'", name, one_line(number)));
      choices[name] = value;
      number.clear();
    }
    if (choices.empty()) refuse(text, "no parameter is given");
  }
  return all;
}

}  // namespace aisp::app
