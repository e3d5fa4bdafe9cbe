// aisp judge FILE: a user's own implementation under the same rules as the built-in ones.
#include "analysis/verdict.hpp"
#include "app/commands/commands.hpp"
#include "app/names.hpp"
#include "app/own_file.hpp"
#include "app/print.hpp"
#include "app/suite.hpp"
#include "app/timing_options.hpp"

#include <fmt/format.h>

#include <memory>

namespace aisp::app {
namespace fs = std::filesystem;
namespace {

struct Options {
  TimingOptions timing;
  OwnFileOptions own;
  double claim = 0;  // 0 = none
};

// A plugin whose types do not match the workload is bad input: it leaves no run behind.
void refuse_mismatch(const model::TargetEvidence& evidence, const std::string& name) {
  for (const auto& variant : evidence.variants)
    if (variant.name == name && variant.status == model::Status::refused)
      throw UsageError(fmt::format("{}: {}", variant.source, variant.message));
}

// Leaves no trace of a run, nor of an artifacts folder that was made for it.
void discard(const Context& context, record::Run& run) {
  run.finish(false, {});
  std::error_code ignored;
  fs::remove_all(run.path(), ignored);
  fs::remove(context.artifacts / ".secrets", ignored);  // only when empty
  fs::remove(context.artifacts, ignored);
}

// Exit code of the claim alone.
int settle_claim(const Options& o, const std::string& name, const SuiteOutcome& outcome) {
  for (const auto& verdict : outcome.verdicts)
    for (const auto& variant : verdict.variants) {
      if (variant.name != name) continue;
      const bool met = variant.correct && variant.confidence > 0 && variant.speedup_interval.lo >= o.claim;
      if (met)
        print_err("claim {}: met, the interval begins at {:.3f}\n", o.claim, variant.speedup_interval.lo);
      else if (variant.speedup > 0)
        print_err("claim {}: not met, the interval is {:.3f} to {:.3f}\n", o.claim, variant.speedup_interval.lo,
                  variant.speedup_interval.hi);
      else
        print_err("claim {}: not met, there is no speedup: {}\n", o.claim, one_line(variant.why));
      return met ? kOk : kClaimNotMet;
    }
  return kClaimNotMet;
}

int judge_file(const Context& context, Options o) {
  const Catalogue catalogue(context.paths);
  const auto source = replayed_run(context, o.timing);
  auto settings = judge_settings(o.timing);
  if (source) {
    o.timing.replay = source->path.string();
    replay(*source, {catalogue.find(o.own.workload).target}, settings);
  }
  Session session(context);
  const auto own = own_file(context, catalogue, session, o.own, o.timing, settings);
  session.take({own.entry.device});

  record::RunSettings recorded;
  recorded.command_line = context.command_line;
  recorded.targets = {own.entry.target};
  recorded.device = own.entry.device;
  recorded.scale = settings.scale;
  recorded.pairs = settings.pairs;
  recorded.restarts = settings.restarts;
  recorded.seconds = settings.seconds;
  recorded.timeout = settings.timeout;
  recorded.seed_given = settings.seed_given;
  recorded.replay = o.timing.replay;
  auto run = record::RunStore(context.artifacts).create(session.describe(recorded), judge::to_hex(settings.seed));
  if (!session.calibration().empty()) run.cite_calibration(session.calibration());
  SuiteOutcome outcome;
  try {
    outcome =
        run_suite(context, session, run, {own.entry},
                  {.settings = settings, .announce = false, .resumable = false, .inspect = [&](const auto& evidence) {
                     refuse_mismatch(evidence, own.entry.own);
                   }});
  } catch (const UsageError&) {
    discard(context, run);
    throw;
  }
  // Nothing was promised of a user's file but what --claim says.
  if (outcome.exit_code == kClaimNotMet) outcome.exit_code = kOk;
  if (o.claim > 0 && !outcome.interrupted)
    outcome.exit_code = analysis::worst_exit_code(outcome.exit_code, settle_claim(o, own.entry.own, outcome));
  print_outcome(context, run, outcome, "aisp bench report " + run.manifest().run);
  if (o.own.verbose) context.json ? print_err("{}", printed_text(own)) : print_out("{}", printed_text(own));
  return outcome.exit_code;
}

}  // namespace

void add_judge_file(CLI::App& root, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* judge = add_command(root, context, "judge", "Judge an implementation of your own against a workload's baseline",
                            "aisp judge my_copy.cu --workload ch07:copy_vectorized --claim 1.2",
                            [&context, o] { return judge_file(context, *o); });
  judge->add_option("file", o->own.file, "A .cu, .cpp or .c source, or a .so plugin")->required()->type_name("FILE");
  judge->add_option("--workload,-w", o->own.workload, "The target whose problem it solves")
      ->required()
      ->type_name("TARGET");
  judge->add_option("--claim", o->claim, "Exit 1 unless the speedup's interval begins at this or above")
      ->check(number_between(1e-6, 1e6))
      ->type_name("X");
  add_own_file_options(*judge, o->own);
  add_timing_options(*judge, o->timing, true);
  add_replay_option(*judge, o->timing);
  add_artifacts_option(*judge, context);
}

}  // namespace aisp::app
