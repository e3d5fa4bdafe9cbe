#include "app/extra_args.hpp"

#include "app/names.hpp"
#include "app/suite.hpp"
#include "record/extra_args.hpp"
#include "verify/cases.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

namespace aisp::app {
namespace {

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw UsageError(fmt::format("--target-extra-arg '{}': {}; write 'ch09:gemm_bf16=--m 4096 --k 2048'",
                               one_line(text.substr(0, 120)), why));
}

}  // namespace

std::map<std::string, judge::Choices> choices_of(const std::vector<std::string>& texts,
                                                 const std::vector<Entry>& entries, WorkloadLibraries& libraries) {
  std::map<std::string, judge::Choices> all;
  for (const auto& text : texts) {
    record::ExtraArgs args;
    try {
      args = record::parse_extra_args(text);
    } catch (const std::runtime_error& error) {
      refuse(text, error.what());
    }
    const auto entry =
        std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.target == args.target; });
    if (entry == entries.end()) refuse(text, fmt::format("'{}' is not a target of this run", one_line(args.target)));
    std::vector<std::string> names;
    for (const auto& p : verify::light_case(libraries.find(entry->workload_library, args.target)).params)
      names.push_back(p.name);
    for (const auto& [name, value] : args.values) {
      if (std::find(names.begin(), names.end(), name) == names.end())
        refuse(text, fmt::format("'--{}' is none of its parameters --{}", one_line(name), fmt::join(names, ", --")));
      all[args.target][name] = value;
    }
  }
  return all;
}

std::vector<std::string> ranks_as_extra_args(int ranks, const std::vector<Entry>& entries,
                                             WorkloadLibraries& libraries) {
  std::vector<std::string> texts;
  for (const auto& e : entries) {
    const auto& workload = libraries.find(e.workload_library, e.target);
    if (verify::light_case(workload).ranks == 0) continue;
    try {
      verify::declare(workload,
                      [&](const std::string& name, const ParamSpec& p) { return name == "ranks" ? ranks : p.light; });
    } catch (const std::invalid_argument& error) {
      throw UsageError(fmt::format("--ranks {}: {}", ranks, one_line(error.what())));
    }
    texts.push_back(fmt::format("{}=--ranks {}", e.target, ranks));
  }
  if (texts.empty())
    throw UsageError(
        fmt::format("--ranks {}: no target of this run has ranks; leave it out, or name one that has", ranks));
  return texts;
}

}  // namespace aisp::app
