#include "verify/cases.hpp"

#include <stdexcept>

namespace aisp::verify {

Problem declare(const WorkloadEntry& entry, const Workload::Choose& choose) {
  const std::string target = entry.target;
  try {
    Workload w(target, choose);
    entry.declare(w);
    Problem problem = w.finish();
    problem.device_reference = entry.device_reference;
    return problem;
  } catch (const std::exception& e) {
    const std::string what = e.what();
    throw std::invalid_argument(what.starts_with(target + ":") ? what : target + ": " + what);
  }
}

Problem light_case(const WorkloadEntry& entry) {
  return declare(entry, [](const std::string&, const ParamSpec& p) { return p.light; });
}

Problem full_case(const WorkloadEntry& entry) {
  return declare(entry, [](const std::string&, const ParamSpec& p) { return p.full; });
}

std::vector<Problem> edge_cases(const WorkloadEntry& entry) {
  std::vector<Problem> all;
  for (const auto& param : light_case(entry).params)
    for (const std::int64_t edge : param.spec.edges)
      all.push_back(declare(
          entry, [&](const std::string& name, const ParamSpec& p) { return name == param.name ? edge : p.light; }));
  return all;
}

Problem held_out_case(const WorkloadEntry& entry, Key key) {
  return declare(entry, [&](const std::string& name, const ParamSpec& p) {
    const Range& r = p.held_out;
    if (r.hi == 0) return p.light;
    const std::int64_t first = (r.lo + r.multiple - 1) / r.multiple, last = r.hi / r.multiple;
    if (last < first)
      throw std::invalid_argument("parameter '" + name + "' has no multiple of " + std::to_string(r.multiple) +
                                  " in its held-out range");
    const auto choices = static_cast<std::uint64_t>(last - first + 1);
    return (first + static_cast<std::int64_t>(below(derive(derive(key, "held-out"), name), choices))) * r.multiple;
  });
}

std::string describe_params(const Problem& problem) {
  std::string text;
  for (const auto& p : problem.params) text += (text.empty() ? "" : " ") + p.name + "=" + std::to_string(p.value);
  return text;
}

}  // namespace aisp::verify
