#include "app/newest_results.hpp"

#include "app/history.hpp"
#include "app/names.hpp"
#include "record/run_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <set>
#include <tuple>

namespace aisp::app {

std::vector<Newest> newest_results(const Context& context) {
  std::vector<record::StoredRun> runs;
  with_history(context, [&](record::History& history, const std::vector<std::string>& saved) {
    runs = history.runs_with_targets();
    std::erase_if(runs, [&](const auto& run) { return !std::binary_search(saved.begin(), saved.end(), run.run); });
  });
  const record::RunStore store(context.artifacts);
  std::set<std::tuple<std::string, std::string, std::string, std::string>> seen;
  std::vector<Newest> all;
  for (const auto& run : std::views::reverse(runs)) {
    std::vector<std::string> targets;
    for (const auto& t : run.targets)
      if (t.judged && seen.insert({t.target, t.device, t.scale, t.device == "cuda" ? run.gpu : run.host}).second)
        targets.push_back(t.target);
    if (targets.empty()) continue;
    try {
      all.push_back({store.load(run.run), std::move(targets)});
    } catch (const std::exception& error) {
      fmt::print(stderr, "left out: {}\n", one_line(error.what()));
    }
  }
  return all;
}

std::string hardware_name(const record::RunData& run, const model::TargetEvidence& e) {
  return e.device == "cuda" && !run.manifest.gpus.empty() ? run.manifest.gpus.front().name : run.manifest.host.model;
}

}  // namespace aisp::app
