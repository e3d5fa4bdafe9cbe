#include "app/enforcement.hpp"

#include "analysis/verdict.hpp"
#include "app/names.hpp"
#include "app/print.hpp"
#include "record/quarantine.hpp"

#include <fmt/format.h>

namespace aisp::app {
namespace {

void keep(const Context& context, const record::Run& run, const std::vector<Entry>& entries,
          const SuiteOutcome& outcome) {
  auto quarantine = record::load_quarantine(context.artifacts);
  bool changed = false;
  for (const auto& verdict : outcome.verdicts) {
    std::string device = "cpu";
    for (const auto& entry : entries)
      if (entry.target == verdict.target) device = entry.device;
    const auto change = record::update(quarantine, verdict, device, run.manifest().run, record::utc_now());
    changed |= !change.came.empty() || !change.left.empty() || !verdict.violations.empty();
    for (const auto& q : change.came)
      print_err("quarantined: {} {} ({}); a run in which it breaks no rule lets it go\n", q.target, one_line(q.variant),
                q.issue);
    for (const auto& q : change.left) print_err("left the quarantine: {} {}\n", q.target, one_line(q.variant));
  }
  if (changed) record::save_quarantine(context.artifacts, quarantine);
}

}  // namespace

void enforce(const std::string& phase, const Context& context, const record::Run& run,
             const std::vector<Entry>& entries, SuiteOutcome& outcome) {
  if (outcome.interrupted) return;
  if (phase != "detect") keep(context, run, entries, outcome);
  if (phase == "gate" || outcome.exit_code != kViolation) return;
  outcome.exit_code = kOk;
  for (const auto& verdict : outcome.verdicts)
    if (verdict.exit_code != kViolation)
      outcome.exit_code = analysis::worst_exit_code(outcome.exit_code, verdict.exit_code);
  const auto& requested = run.manifest().settings;
  if ((requested.publish || requested.strict) && !outcome.publishable)
    outcome.exit_code = analysis::worst_exit_code(outcome.exit_code, kUnstable);
}

}  // namespace aisp::app
