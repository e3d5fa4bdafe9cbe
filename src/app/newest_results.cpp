#include "app/newest_results.hpp"

#include "app/history.hpp"
#include "app/names.hpp"
#include "app/print.hpp"
#include "record/run_store.hpp"

#include <fmt/format.h>

#include <algorithm>
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
  using Key = std::tuple<std::string, std::string, std::string, std::string>;
  std::set<Key> seen;
  std::vector<Newest> all;
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    std::vector<std::string> targets;
    std::vector<Key> keys;
    for (const auto& t : run->targets) {
      Key key{t.target, t.device, t.scale, t.device == "cuda" ? run->gpu : run->host};
      if (!t.judged || seen.contains(key)) continue;
      targets.push_back(t.target);
      keys.push_back(std::move(key));
    }
    if (targets.empty()) continue;
    try {
      all.push_back({store.load(run->run), std::move(targets)});
      seen.insert(keys.begin(), keys.end());  // of a run that cannot be read the one before is the newest
    } catch (const std::exception& error) {
      print_err("left out: {}\n", one_line(error.what()));
    }
  }
  return all;
}

std::string hardware_name(const record::RunData& run, const model::TargetEvidence& e) {
  return e.device == "cuda" && !run.manifest.gpus.empty() ? run.manifest.gpus.front().name : run.manifest.host.model;
}

}  // namespace aisp::app
