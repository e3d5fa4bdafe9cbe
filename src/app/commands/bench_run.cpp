// aisp bench run: judge targets, save the evidence, print the table.
#include "analysis/profile.hpp"
#include "analysis/roofline.hpp"
#include "app/catalogue.hpp"
#include "app/commands/commands.hpp"
#include "app/devices.hpp"
#include "app/enforcement.hpp"
#include "app/expectations.hpp"
#include "app/extra_args.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/placed.hpp"
#include "app/print.hpp"
#include "app/profiling.hpp"
#include "app/suite.hpp"
#include "app/terminal.hpp"
#include "app/timing_options.hpp"
#include "record/store_error.hpp"

#include <fmt/format.h>

#include <memory>
#include <set>
#include <stdexcept>

namespace aisp::app {
namespace {

constexpr int kPublishRestarts = 5;

struct Options {
  TimingOptions timing;
  ExpectationOptions expectations;
  std::vector<std::string> targets, extra_args;
  std::string resume;
  std::string profile = "none";
  std::string phase = "gate";
  std::string launch = "local";
  int ranks = 0;  // 0: as the scale says
  bool publish = false, strict = false, allow_virtualization = false, dry_run = false;
};

// Targets that cannot run here are left out, which is said; when none is left, that is an error.
std::vector<Entry> entries_of(const Catalogue& catalogue, const std::vector<model::TargetInfo>& targets,
                              const std::string& asked) {
  Devices devices(asked);
  std::vector<Entry> entries;
  std::vector<std::string> left_out;
  for (const auto& target : targets) {
    const auto device = devices.of(target);
    if (device.empty())
      left_out.push_back(devices.why_not(target));
    else
      entries.push_back({target.target, target.workload_library, device, devices.contestants(catalogue, target)});
  }
  if (entries.empty()) throw UsageError(left_out.front());
  for (const auto& why : left_out) print_err("left out: {}\n", why);
  return entries;
}

std::set<std::string> devices_of(const std::vector<Entry>& entries) {
  std::set<std::string> devices;
  for (const auto& entry : entries) devices.insert(entry.device);
  return devices;
}

record::RunSettings run_settings(const Options& o, const judge::Settings& settings, const std::vector<Entry>& entries,
                                 const std::vector<std::string>& command_line) {
  record::RunSettings recorded;
  recorded.command_line = command_line;
  for (const auto& entry : entries) recorded.targets.push_back(entry.target);
  recorded.target_extra_args = o.extra_args;
  recorded.device = o.timing.device;
  recorded.scale = settings.scale;
  recorded.pairs = settings.pairs;
  recorded.restarts = settings.restarts;
  recorded.seconds = settings.seconds;
  recorded.timeout = settings.timeout;
  recorded.memory_bytes = settings.memory_bytes;
  recorded.seed_given = settings.seed_given;
  recorded.replay = o.timing.replay;
  recorded.publish = o.publish;
  recorded.strict = o.strict;
  recorded.allow_virtualization = o.allow_virtualization;
  return recorded;
}

// What a run was started with, for continuing it.
judge::Settings settings_of(const record::RunStore& store, const record::Run& run) {
  const auto& recorded = run.manifest().settings;
  judge::Settings settings;
  settings.scale = recorded.scale;
  settings.pairs = recorded.pairs;
  settings.restarts = recorded.restarts;
  settings.seconds = recorded.seconds;
  settings.timeout = recorded.timeout;
  settings.memory_bytes = recorded.memory_bytes;
  settings.seed = judge::seed_from_hex(run.seed());
  settings.seed_given = recorded.seed_given;
  if (!recorded.replay.empty()) replay(store.load(recorded.replay), recorded.targets, settings);
  return settings;
}

int show_plan(const Context& context, const std::vector<Entry>& entries, const judge::Settings& settings) {
  Json document = Json::array();
  std::vector<std::vector<std::string>> rows{{"target", "device", "scale", "variants"}};
  for (const auto& entry : entries) {
    std::vector<std::string> names;
    for (const auto& contestant : entry.contestants) names.push_back(contestant.info.name);
    rows.push_back({entry.target, entry.device, settings.scale, fmt::format("{}", fmt::join(names, " "))});
    document.push_back(
        {{"target", entry.target}, {"device", entry.device}, {"scale", settings.scale}, {"variants", names}});
  }
  if (context.json)
    print_json(document);
  else
    print_out("{}", aligned(rows));
  return kOk;
}

// After the timed passes, never beside them: workers of their own, documents of their own below the run's folder.
void profile(const Context& context, Session& session, const record::Run& run, const std::vector<Entry>& entries,
             const judge::Settings& settings, const std::string& level) {
  for (const auto& entry : entries) {
    const auto p = profile_entry(context, session, entry, settings, level);
    save_profile(p, session, run.path() / "profiles");
    if (level == "deep_dive") save_nsys_reports(context, session, entry, settings, run.path() / "profiles");
    if (std::string why; !saw_something(p, why)) print_err("profile of {}: {}\n", entry.target, one_line(why));
    if (!context.json) print_out("{}\n", analysis::profile_text(p));
  }
  if (level != "roofline" || context.json) return;
  analysis::Roofline roofline;
  const auto data = record::RunStore(context.artifacts).load(run.path().string());
  for (const auto& entry : entries)
    if (data.verdict_of(entry.target)) place_results(roofline, context, data, entry.target);
  print_out("{}\n", analysis::roofline_table(roofline, stdout_columns()));
}

int measure(const Context& context, Session& session, record::Run run, const std::vector<Entry>& entries,
            const judge::Settings& settings, ExpectationFiles expectations, const Options& o, bool tour) {
  if (!session.calibration().empty()) run.cite_calibration(session.calibration());
  auto outcome = run_suite(context, session, run, entries, {.settings = settings, .inspect = {}});
  try {
    if (!outcome.interrupted) expectations.settle(context, run, outcome);
    if (!outcome.interrupted && o.profile != "none") profile(context, session, run, entries, settings, o.profile);
    enforce(o.phase, context, run, entries, outcome);
  } catch (const record::StoreError& error) {  // not bad input: the run is over
    throw std::runtime_error(
        fmt::format("{}; the results are saved: aisp bench report {}", error.what(), run.manifest().run));
  }
  print_outcome(context, run, outcome,
                tour ? "aisp bench list-targets, then aisp bench run --targets ch07"
                     : "aisp bench report, or judge a kernel of your own with aisp judge");
  return outcome.exit_code;
}

int resume(const Context& context, const Catalogue& catalogue, const Options& o) {
  if (!o.targets.empty() || !o.extra_args.empty() || !o.timing.seed.empty() || !o.timing.scale.empty() ||
      o.timing.pairs > 0 || o.timing.device != "auto" || !o.timing.replay.empty() || o.ranks > 0)
    throw UsageError(
        "--resume continues a run with the settings that it has; leave out --targets, "
        "--target-extra-arg, --ranks, --device, --seed, --replay, --scale and --pairs");
  const record::RunStore store(context.artifacts);
  auto run = store.resume(o.resume);
  std::vector<model::TargetInfo> targets;
  for (const auto& name : run.manifest().settings.targets) targets.push_back(catalogue.find(name));
  const auto entries = entries_of(catalogue, targets, run.manifest().settings.device);
  auto settings = settings_of(store, run);
  WorkloadLibraries libraries(context.paths.workloads());
  settings.choices = choices_of(run.manifest().settings.target_extra_args, entries, libraries);
  if (o.dry_run) return show_plan(context, entries, settings);
  Session session(context);
  session.take(devices_of(entries));
  ExpectationFiles expectations(context, o.expectations, run.manifest(), entries);
  return measure(context, session, std::move(run), entries, settings, std::move(expectations), o, false);
}

int bench_run(const Context& context, Options o, const std::vector<std::string>& command_line) {
  check(o.expectations);
  if (o.launch != "local")
    throw UsageError(
        fmt::format("--launch {} is not there yet: ranks are processes of this machine; leave it out", o.launch));
  const Catalogue catalogue(context.paths);
  if (!o.resume.empty()) return resume(context, catalogue, o);

  const auto source = replayed_run(context, o.timing);
  if (source) {
    o.timing.replay = source->path.string();
    o.timing.device = source->manifest.settings.device;
    o.targets = source->manifest.settings.targets;
    o.extra_args = source->manifest.settings.target_extra_args;
  }
  const bool tour = o.targets.empty();
  const auto targets = tour ? catalogue.tour() : catalogue.select(o.targets);
  if (o.publish && o.timing.restarts == 0) o.timing.restarts = kPublishRestarts;
  auto settings = judge_settings(o.timing);
  if (source) replay(*source, o.targets, settings);
  const auto entries = entries_of(catalogue, targets, o.timing.device);
  WorkloadLibraries libraries(context.paths.workloads());
  if (o.ranks > 0)  // before the others: what names a target is the nearer word
    for (const auto& text : ranks_as_extra_args(o.ranks, entries, libraries))
      o.extra_args.insert(o.extra_args.begin(), text);
  settings.choices = choices_of(o.extra_args, entries, libraries);
  if (o.dry_run) return show_plan(context, entries, settings);

  Session session(context);
  session.take(devices_of(entries));
  auto manifest = session.describe(run_settings(o, settings, entries, command_line));
  ExpectationFiles expectations(context, o.expectations, manifest, entries);
  auto run = record::RunStore(context.artifacts).create(std::move(manifest), judge::to_hex(settings.seed));
  return measure(context, session, std::move(run), entries, settings, std::move(expectations), o, tour);
}

}  // namespace

void add_bench_run(CLI::App& bench, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* run = add_command(bench, context, "run", "Judge targets; without arguments, a short tour on this machine",
                          "aisp bench run --targets ch07 ch09:softmax --scale light",
                          [&context, o] { return bench_run(context, *o, context.command_line); });
  run->add_option("--targets,-t", o->targets, "Chapters, targets or globs, separated by commas or spaces")
      ->type_name("GLOB");
  run->add_option("--target-extra-arg", o->extra_args, "Other parameters for one target: 'TARGET=--name value …'")
      ->type_name("TEXT");
  run->add_option("--ranks", o->ranks, "Processes of a variant, for targets of several ranks")
      ->check(number_between(1, kMostRanks));
  run->add_option("--launch", o->launch, "Who starts the ranks (mpi, slurm: not there yet)")
      ->check(one_of("launcher", {"local", "mpi", "slurm"}));
  add_timing_options(*run, o->timing, true);
  auto* replay = add_replay_option(*run, o->timing);
  for (const char* other : {"--targets", "--target-extra-arg", "--ranks", "--device"}) replay->excludes(other);
  run->add_option("--profile", o->profile, "Profile to take after the timing, in workers of its own")
      ->check(one_of("profile", {"none", "minimal", "deep_dive", "roofline"}));
  run->add_option("--verify-phase", o->phase,
                  "What follows from a violation: detect tells it, quarantine keeps the variant too, gate exits 4 too")
      ->check(one_of("phase", kPhases));
  run->add_flag("--publish", o->publish,
                "Figures to publish: several restarts, and exit 5 when the machine is not fit");
  run->add_flag("--strict", o->strict, "Exit 5 when the machine is not fit to publish from");
  run->add_flag("--allow-virtualization", o->allow_virtualization, "Accept a virtual machine")
      ->envname(kAllowVirtualization);
  add_expectation_options(*run, o->expectations);
  run->add_option("--resume", o->resume, "Continue an interrupted run: its id, or latest")
      ->check([](const std::string& name) { return std::string(name.empty() ? "name the run to continue" : ""); })
      ->type_name("RUN");
  run->add_flag("--dry-run", o->dry_run, "Only list what would run");
  add_artifacts_option(*run, context);
}

}  // namespace aisp::app
