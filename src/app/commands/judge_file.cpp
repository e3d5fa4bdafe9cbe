// aisp judge FILE: a user's own implementation under the same rules as the built-in ones.
#include "analysis/verdict.hpp"
#include "app/catalogue.hpp"
#include "app/commands/commands.hpp"
#include "app/compile.hpp"
#include "app/devices.hpp"
#include "app/kernels.hpp"
#include "app/names.hpp"
#include "app/print.hpp"
#include "app/suite.hpp"
#include "app/timing_options.hpp"
#include "app/workloads.hpp"
#include "judge/team.hpp"
#include "verify/cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace aisp::app {
namespace fs = std::filesystem;
namespace {

struct Options {
  TimingOptions timing;
  std::string file, workload, variant;
  double claim = 0;  // 0 = none
};

// A name for the table: the file's stem, letters, digits, '-' and '_' only, unlike every built-in name.
std::string variant_name(const fs::path& file, const model::TargetInfo& target) {
  std::string name;
  for (const unsigned char c : file.stem().string())
    name += std::isalnum(c) || c == '-' || c == '_' ? static_cast<char>(c) : '_';
  if (name.empty() || !std::isalnum(static_cast<unsigned char>(name.front()))) name = "candidate" + name;
  const auto taken = [&](const model::VariantInfo& variant) { return variant.name == name; };
  while (std::any_of(target.variants.begin(), target.variants.end(), taken)) name += "_candidate";
  return name;
}

void require_file(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) throw UsageError(fmt::format("{}: no such file", file.string()));
  if (!fs::is_regular_file(file, error)) throw UsageError(fmt::format("{} is not a file", file.string()));
  if (!is_source(file) && file.extension() != ".so")
    throw UsageError(fmt::format("{}: give a .cu, .cpp, .cc, .cxx or .c source, or a .so plugin", file.string()));
}

// Where a source runs; "" for a plugin, which says so itself.
std::string device_of(const fs::path& file) {
  return !is_source(file) ? "" : file.extension() == ".cu" ? "cuda" : "cpu";
}

// Throws UsageError when the target has nothing for that device, or when the user asked for another one.
void require_device(const model::TargetInfo& target, const std::string& asked, const std::string& device,
                    const std::string& file) {
  if (asked != "auto" && asked != device)
    throw UsageError(fmt::format("--device {}: {} is for {}", asked, file, device == "cuda" ? "CUDA" : "the CPU"));
  if (!has_device(target, device))
    throw UsageError(fmt::format("{} has no variant for the {}", target.target, device == "cuda" ? "GPU" : "CPU"));
}

// What the target has for that device, which is what the user's file is set against. Throws UsageError when that is
// nothing, or when the device is not there.
std::vector<judge::Contestant> opponents(const Catalogue& catalogue, const model::TargetInfo& target,
                                         const std::string& asked, const std::string& device, const std::string& file) {
  require_device(target, asked, device, file);
  return catalogue.contestants(target, Devices(device).require(target));
}

// A .cu for NVRTC: compiled once without a GPU, so that an error costs nothing but one line, and then by every worker.
judge::Contestant kernels(const Context& context, const Catalogue& catalogue, const Options& o,
                          const model::TargetInfo& target, const judge::Settings& settings, const fs::path& scratch) {
  require_device(target, o.timing.device, "cuda", o.file);
  auto mine = place_kernels({.source = o.file,
                             .plugin = context.paths.variants() / "nvrtc.so",
                             .include = context.paths.include(),
                             .output = scratch / "plugin" / "candidate.so",
                             .flags = catalogue.contestants(target, "cuda").front().info.flags});
  mine.info.source = o.file;
  WorkloadLibraries workloads(context.paths.workloads());
  require_compiles(mine, verify::light_case(workloads.find(target.workload_library, target.target)), settings,
                   scratch / "check");
  return mine;
}

// The plugin that holds the user's implementation; sources are compiled into the session's scratch folder.
judge::Contestant contestant(const Context& context, const Catalogue& catalogue, const Options& o,
                             const model::TargetInfo& target, const judge::Settings& settings,
                             const fs::path& scratch) {
  const bool at_run_time = compiled_at_run_time(o.file);
  judge::Contestant mine;
  mine.variant = o.variant;
  if (at_run_time) mine = kernels(context, catalogue, o, target, settings, scratch);
  mine.info.name = o.variant.empty() ? variant_name(o.file, target) : variant_name(o.variant, target);
  mine.info.device = device_of(o.file);
  mine.info.source = o.file;
  if (at_run_time) return mine;
  if (!is_source(o.file)) {
    mine.plugin = fs::absolute(o.file).string();
    mine.info.flags = "not known: built elsewhere";
    return mine;
  }
  const CompileJob job{
      .source = fs::absolute(o.file),
      .include = context.paths.include(),
      .output = scratch / "plugin" / "candidate.so",
      .target = target.target,
      .variant = mine.info.name,
      .flags = opponents(catalogue, target, o.timing.device, mine.info.device, o.file).front().info.flags};
  fs::create_directories(job.output.parent_path());
  mine.info.flags = compile(job);
  mine.plugin = job.output.string();
  return mine;
}

// Asks a sandboxed worker what the plugin holds, so that a file that cannot be used costs nothing but one line. Returns
// the device that the variant is for.
std::string require_usable(const Session& session, const judge::Contestant& mine, const model::TargetInfo& target,
                           const judge::Settings& settings) {
  const fs::path scratch = session.scratch() / "describe";
  fs::create_directories(scratch);
  std::vector<judge::PluginVariant> variants;
  try {
    variants = judge::describe_plugin(
        mine.plugin, {.executable = settings.worker, .timeout = settings.timeout, .interrupted = settings.interrupted},
        scratch.string());
  } catch (const judge::WorkerFailure& failure) {
    if (failure.status == model::Status::refused) throw UsageError(failure.what());
    throw std::runtime_error(fmt::format("{} cannot be loaded: {}", mine.info.source, failure.what()));
  }
  std::vector<std::string> names;
  std::string device;
  for (const auto& variant : variants) {
    if (!variant.target.empty() && variant.target != target.target) continue;
    names.push_back(variant.name);
    if (mine.variant.empty() || mine.variant == variant.name) device = variant.device == kDLCUDA ? "cuda" : "cpu";
  }
  if (names.empty())
    throw UsageError(fmt::format("{} holds no variant for {}; its first is for {}", mine.info.source, target.target,
                                 variants.empty() ? "nothing" : one_line(variants.front().target)));
  if (!mine.variant.empty() && std::find(names.begin(), names.end(), mine.variant) == names.end())
    throw UsageError(unknown("variant", mine.variant, names));
  if (mine.variant.empty() && names.size() > 1)
    throw UsageError(fmt::format("{} holds several variants; choose one with --variant {}", mine.info.source,
                                 one_line(fmt::format("{}", fmt::join(names, "|")))));
  return device;
}

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
  require_file(o.file);
  const Catalogue catalogue(context.paths);
  const auto& target = catalogue.find(o.workload);
  const auto source = replayed_run(context, o.timing);
  auto settings = judge_settings(o.timing);
  if (source) {
    o.timing.replay = source->path.string();
    replay(*source, {target.target}, settings);
  }
  Session session(context);
  const auto equipped = session.equip(settings);
  auto mine = contestant(context, catalogue, o, target, equipped, session.scratch());
  mine.info.device = require_usable(session, mine, target, equipped);
  auto built_ins = opponents(catalogue, target, o.timing.device, mine.info.device, o.file);
  session.take({mine.info.device});

  Entry entry{target.target, target.workload_library, mine.info.device, {}};
  for (auto& built_in : built_ins)
    if (built_in.info.name == "baseline" || built_in.info.peer) entry.contestants.push_back(std::move(built_in));
  entry.contestants.insert(entry.contestants.begin() + (entry.contestants.empty() ? 0 : 1), mine);

  record::RunSettings recorded;
  recorded.command_line = context.command_line;
  recorded.targets = {target.target};
  recorded.device = mine.info.device;
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
        run_suite(context, session, run, {entry},
                  {.settings = settings, .announce = false, .resumable = false, .inspect = [&](const auto& evidence) {
                     refuse_mismatch(evidence, mine.info.name);
                   }});
  } catch (const UsageError&) {
    discard(context, run);
    throw;
  }
  // Nothing was promised of a user's file but what --claim says.
  if (outcome.exit_code == kClaimNotMet) outcome.exit_code = kOk;
  if (o.claim > 0 && !outcome.interrupted)
    outcome.exit_code = analysis::worst_exit_code(outcome.exit_code, settle_claim(o, mine.info.name, outcome));
  print_outcome(context, run, outcome, "aisp bench report " + run.manifest().run);
  return outcome.exit_code;
}

}  // namespace

void add_judge_file(CLI::App& root, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* judge = add_command(root, context, "judge", "Judge an implementation of your own against a workload's baseline",
                            "aisp judge my_copy.cu --workload ch07:copy_vectorized --claim 1.2",
                            [&context, o] { return judge_file(context, *o); });
  judge->add_option("file", o->file, "A .cu, .cpp or .c source, or a .so plugin")->required()->type_name("FILE");
  judge->add_option("--workload,-w", o->workload, "The target whose problem it solves")
      ->required()
      ->type_name("TARGET");
  judge->add_option("--claim", o->claim, "Exit 1 unless the speedup's interval begins at this or above")
      ->check(number_between(1e-6, 1e6))
      ->type_name("X");
  judge->add_option("--variant", o->variant, "Which of a plugin's variants, when it holds several")->type_name("NAME");
  add_timing_options(*judge, o->timing, true);
  add_replay_option(*judge, o->timing);
  add_artifacts_option(*judge, context);
}

}  // namespace aisp::app
