#include "app/fresh_run.hpp"

#include "app/devices.hpp"
#include "app/suite.hpp"
#include "record/run_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace aisp::app {

record::RunData fresh_run(const Context& context, const Catalogue& catalogue,
                          const std::vector<model::TargetInfo>& targets, const TimingOptions& timing) {
  Devices devices(timing.device);
  std::vector<Entry> entries;
  std::set<std::string> used;
  record::RunSettings recorded;
  for (const auto& target : targets) {
    const auto device = devices.require(target);
    entries.push_back({target.target, target.workload_library, device, devices.contestants(catalogue, target)});
    used.insert(device);
    recorded.targets.push_back(target.target);
  }
  const auto settings = judge_settings(timing);
  recorded.command_line = context.command_line;
  recorded.device = timing.device;
  recorded.scale = settings.scale;
  recorded.pairs = settings.pairs;
  recorded.restarts = settings.restarts;
  recorded.seconds = settings.seconds;
  recorded.timeout = settings.timeout;
  recorded.seed_given = !timing.seed.empty();

  Session session(context);
  session.take(used);
  auto run = record::RunStore(context.artifacts).create(session.describe(recorded), judge::to_hex(settings.seed));
  if (!session.calibration().empty()) run.cite_calibration(session.calibration());
  Context quiet = context;
  quiet.json = true;  // the command prints its own result
  const auto outcome =
      run_suite(quiet, session, run, entries, {.settings = settings, .resumable = false, .inspect = {}});
  if (outcome.interrupted) throw std::runtime_error("interrupted");
  return record::RunStore(context.artifacts).load(run.path().string());
}

std::optional<record::RunData> newest_run_with(const Context& context, const std::string& target,
                                               const TimingOptions& asked) {
  const record::RunStore store(context.artifacts);
  auto runs = store.runs();
  std::reverse(runs.begin(), runs.end());
  for (const auto& id : runs) {
    try {
      auto run = store.load(id);
      const auto* evidence = run.evidence_of(target);
      if (!evidence || !run.verdict_of(target)) continue;
      if (asked.device != "auto" && evidence->device != asked.device) continue;
      if (!asked.scale.empty() && evidence->scale != asked.scale) continue;
      return run;
    } catch (const std::exception&) {  // a damaged run is bench summary's to report
    }
  }
  return std::nullopt;
}

}  // namespace aisp::app
