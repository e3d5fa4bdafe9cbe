// The judge's side of the audit pass.
#include "judge/runner.hpp"

#include <algorithm>
#include <filesystem>

namespace aisp::judge {

Recording record_activities(const Problem& problem, const Contestant& contestant, int threads, const Layout& layout,
                            const RoundInputs& inputs, const RunnerOptions& options, verify::Key key,
                            std::string& why_absent) {
  std::filesystem::create_directories(options.scratch);
  const auto arena = make_arena(options.device, layout, verify::derive(key, "guard"));
  inputs.write_constants(*arena);
  for (int s = 0; s < layout.slots; ++s) inputs.write(*arena, s, key);
  arena->settle();

  auto startup = make_startup(problem, layout, contestant, threads, options);
  startup.audit = 1;
  Team team({startup}, *arena, options_for(options.worker, contestant));
  Recording recording;
  const auto phase = [&](const char* name, Op op, int first, int count, int calls) {
    auto report = team.command(op, first, count, calls).report;
    why_absent = report.census_absent;
    if (!why_absent.empty()) return false;
    recording.tool = report.census_tool;
    recording.phases.push_back({name, calls, report.drained, report.dropped, std::move(report.activities)});
    return report.drained;
  };
  // The first calls load what a variant loads lazily, as the discarded call of a timed turn does.
  phase("prepare", Op::prepare, 0, 0, 0) && phase("bind", Op::bind, 0, layout.slots, 0) &&
      phase("first", Op::run, 0, 1, kAuditCalls) && phase("run", Op::run, 1, layout.slots - 1, kAuditCalls);
  return recording;
}

void audit(const Problem& problem, const Contestant& contestant, model::VariantEvidence& evidence, const Layout& layout,
           const RoundInputs& inputs, const RunnerOptions& options, verify::Key key) {
  try {
    const auto recording =
        record_activities(problem, contestant, evidence.threads, layout, inputs, options, key, evidence.census_absent);
    if (evidence.census_absent.empty()) evidence.census = census_of(recording);
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception& e) {
    evidence.census_absent = std::string("the audit pass ended early: ") + e.what();
  }
  std::error_code ignored;
  std::filesystem::remove_all(options.scratch, ignored);
}

}  // namespace aisp::judge
