#include "app/suite.hpp"

#include "analysis/faults.hpp"
#include "analysis/publishable.hpp"
#include "analysis/report.hpp"
#include "analysis/verdict.hpp"
#include "app/history.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "app/progress.hpp"
#include "app/result_table.hpp"
#include "record/json.hpp"
#include "record/store_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace aisp::app {
namespace {

model::TargetEvidence judge_entry(const Entry& entry, Session& session, WorkloadLibraries& workloads,
                                  const judge::Settings& settings, ProgressBar& bar) {
  try {
    const WorkloadEntry& workload = workloads.find(entry.workload_library, entry.target);
    return session.judge(workload, entry.contestants, settings, entry.device,
                         [&](const judge::Event& event) { bar.update(event); });
  } catch (const std::exception& error) {
    return failed_target(entry.target, entry.device, settings.scale, error.what());
  }
}

std::vector<std::string> beside_table(const model::TargetEvidence& evidence, const model::TargetVerdict& verdict) {
  auto lines = analysis::faults(evidence, verdict);
  for (const auto& v : evidence.variants)
    if (const auto refused = analysis::refused_calls(v); !refused.empty())
      lines.push_back(fmt::format("{}: {}", v.name, refused));
  for (auto& load : analysis::foreign_load(evidence)) lines.push_back(std::move(load));
  return lines;
}

void collect_reasons(SuiteOutcome& outcome, const record::Manifest& manifest) {
  outcome.reasons = record::unpublishable_host(manifest);
  for (const auto& verdict : outcome.verdicts)
    for (const auto& reason : verdict.unpublishable_reasons) outcome.reasons.push_back(verdict.target + ": " + reason);
  const bool all = std::all_of(outcome.verdicts.begin(), outcome.verdicts.end(),
                               [](const model::TargetVerdict& verdict) { return verdict.publishable; });
  outcome.publishable = outcome.reasons.empty() && all && !outcome.interrupted;
}

}  // namespace

model::TargetEvidence failed_target(const std::string& target, const std::string& device, const std::string& scale,
                                    const std::string& error) {
  model::TargetEvidence evidence;
  evidence.target = target;
  evidence.device = device;
  evidence.scale = scale;
  evidence.started = evidence.finished = record::utc_now();
  evidence.error = one_line(error);
  return evidence;
}

namespace {

SuiteOutcome measure_all(const Context& context, Session& session, record::Run& run, const std::vector<Entry>& entries,
                         const SuiteOptions& options, bool& finished) {
  SuiteOutcome outcome;
  const auto complete = run.complete();
  record::RunData before;
  if (!complete.empty()) before = record::RunStore(context.artifacts).load(run.path().string());

  HistoryWriter history(context, run);
  WorkloadLibraries workloads(context.paths.workloads());
  ProgressBar bar(static_cast<int>(entries.size() - complete.size()), options.announce);
  for (const auto& entry : entries) {
    if (complete.contains(entry.target)) {
      outcome.verdicts.push_back(*before.verdict_of(entry.target));
      continue;
    }
    bar.begin(entry.target);
    const auto evidence = judge_entry(entry, session, workloads, options.settings, bar);
    if (options.inspect) options.inspect(evidence);
    run.save(evidence);
    if (evidence.interrupted || session.interrupted()) {
      outcome.interrupted = true;
      break;
    }
    outcome.verdicts.push_back(
        analysis::verdict(evidence, {.virtualization = run.manifest().settings.allow_virtualization}));
    run.save(outcome.verdicts.back());
    history.add(evidence, outcome.verdicts.back());
    bar.clear();
    if (!context.json) {
      print_table(analysis::rows_of(evidence, &outcome.verdicts.back()));
      for (const auto& line : beside_table(evidence, outcome.verdicts.back())) print_out("{}\n", one_line(line));
    }
    if (!evidence.error.empty()) print_err("{} could not be run: {}\n", entry.target, one_line(evidence.error));
  }

  collect_reasons(outcome, run.manifest());
  for (const auto& verdict : outcome.verdicts)
    outcome.exit_code = analysis::worst_exit_code(outcome.exit_code, verdict.exit_code);
  const auto& requested = run.manifest().settings;
  if ((requested.publish || requested.strict) && !outcome.publishable)
    outcome.exit_code = analysis::worst_exit_code(outcome.exit_code, kUnstable);
  outcome.resumable = outcome.interrupted && options.resumable;
  if (outcome.interrupted) outcome.exit_code = kCrash;
  if (outcome.resumable) {
    run.suspend();
    history.end(run);
    return outcome;
  }
  run.finish(outcome.publishable, outcome.reasons, outcome.interrupted);
  finished = true;
  history.end(run);
  run.save_report(analysis::markdown_report(record::RunStore(context.artifacts).load(run.path().string())));
  return outcome;
}

}  // namespace

SuiteOutcome run_suite(const Context& context, Session& session, record::Run& run, const std::vector<Entry>& entries,
                       const SuiteOptions& options) {
  bool finished = false;
  try {
    return measure_all(context, session, run, entries, options, finished);
  } catch (const record::StoreError& error) {  // not bad input: something was written before
    const auto& id = run.manifest().run;
    throw std::runtime_error(fmt::format("{}; {}", error.what(),
                                         finished ? "the results are saved: aisp bench report " + id
                                         : options.resumable
                                             ? "mend that, then continue with: aisp bench run --resume " + id
                                             : "the run is lost: mend that and start it again"));
  }
}

void print_outcome(const Context& context, const record::Run& run, const SuiteOutcome& outcome,
                   const std::string& next) {
  const std::string id = run.manifest().run;
  if (context.json) {
    Json verdicts = Json::array();
    for (const auto& verdict : outcome.verdicts) verdicts.push_back(Json::parse(record::to_json(verdict)));
    print_json({{"run", id},
                {"path", run.path().string()},
                {"interrupted", outcome.interrupted},
                {"publishable", outcome.publishable},
                {"unpublishable_reasons", outcome.reasons},
                {"exit_code", outcome.exit_code},
                {"expectations", Json::parse(analysis::expectations_json(id, outcome.expectations)).at("targets")},
                {"targets", std::move(verdicts)}});
  }
  const auto& requested = run.manifest().settings;
  if (requested.publish || requested.strict)
    for (const auto& reason : outcome.reasons) print_err("not publishable: {}\n", one_line(reason));
  if (outcome.resumable) print_err("interrupted; continue with: aisp bench run --resume {}\n", id);
  if (outcome.interrupted && !outcome.resumable) print_err("interrupted\n");
  if (outcome.interrupted) return;
  if (context.json) return;
  const auto data = record::RunStore(context.artifacts).load(run.path().string());
  if (outcome.verdicts.size() > 1) print_table(table_of(data));
  print_out("{}\n", analysis::summary_line(analysis::summarise(data)));
  print_out("{}", analysis::expectations_text(outcome.expectations));
  print_out("artifacts: {} · next: {}\n", run.path().string(), next);
}

}  // namespace aisp::app
