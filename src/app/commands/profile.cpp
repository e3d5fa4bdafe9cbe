// aisp profile: why a variant takes its time: counters against the baseline's, a timeline, a flame graph.
#include "analysis/profile.hpp"
#include "app/commands/commands.hpp"
#include "app/compile.hpp"
#include "app/devices.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/own_file.hpp"
#include "app/print.hpp"
#include "app/profiling.hpp"
#include "app/timing_options.hpp"
#include "record/file.hpp"
#include "record/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace aisp::app {
namespace {

struct Options {
  TimingOptions timing;
  OwnFileOptions own;
  std::string target, level = "deep_dive", output;
};

// "ch09:softmax:online": the baseline and that variant; "ch09:softmax": all.
Entry entry_of(const Catalogue& catalogue, const Options& o) {
  const auto first = o.target.find(':'), second = o.target.find(':', first == std::string::npos ? first : first + 1);
  const auto name = o.target.substr(0, second);
  const auto variant = second == std::string::npos ? std::string() : o.target.substr(second + 1);
  const auto& target = catalogue.find(name);
  Devices devices(o.timing.device);
  Entry entry{target.target, target.workload_library, devices.require(target), devices.contestants(catalogue, target)};
  if (second == std::string::npos) return entry;
  std::vector<std::string> names;
  for (const auto& c : entry.contestants) names.push_back(c.info.name);
  if (std::find(names.begin(), names.end(), variant) == names.end())
    throw UsageError(unknown("variant", variant, names));
  std::erase_if(entry.contestants, [&](const auto& c) { return c.info.name != variant && c.info.name != "baseline"; });
  return entry;
}

// A file beside the baseline alone.
OwnFile file_of(const Context& context, const Catalogue& catalogue, const Session& session, Options& o,
                const judge::Settings& settings) {
  o.own.file = o.target;
  auto own = own_file(context, catalogue, session, o.own, o.timing, settings);
  std::erase_if(own.entry.contestants, [](const auto& c) { return c.info.peer; });
  return own;
}

int profile(const Context& context, Options o) {
  const bool own = !o.own.workload.empty();
  if (!own && (is_source(o.target) || o.target.ends_with(".so")))
    throw UsageError(fmt::format("{}: a file is profiled with --workload TARGET", o.target));
  if (!own && !(o.own.flags.empty() && o.own.environment.empty() && o.own.variant.empty()))
    throw UsageError("--flags, --env and --variant belong to a file, which is profiled with --workload TARGET");
  const Catalogue catalogue(context.paths);
  const auto settings = judge_settings(o.timing);
  Session session(context);
  const auto file = own ? file_of(context, catalogue, session, o, settings) : OwnFile{entry_of(catalogue, o), {}};
  const auto& entry = file.entry;
  std::filesystem::path folder = o.output.empty() ? context.artifacts / "profiles" : std::filesystem::path(o.output);
  if (own && o.output.empty()) folder /= entry.own;  // not the target's profile, which `explain` and `roofline` read
  record::require_writable(folder);
  session.take({entry.device});
  const auto p = profile_entry(context, session, entry, settings, o.level);
  auto files = save_profile(p, session, folder);
  if (o.level == "deep_dive")
    for (auto& report : save_nsys_reports(context, session, entry, settings, folder))
      files.push_back(std::move(report));
  std::vector<std::string> names;
  for (const auto& each : files) names.push_back(each.string());
  if (context.json) {
    auto document = Json::parse(record::to_json(p));
    document["files"] = names;
    print_json(document);
  } else {
    print_out("{}\n", analysis::profile_text(p));
    for (const auto& name : names) print_out("{}\n", name);
  }
  if (own && o.own.verbose) context.json ? print_err("{}", printed_text(file)) : print_out("{}", printed_text(file));
  const bool ok =
      std::all_of(p.variants.begin(), p.variants.end(), [](const auto& v) { return v.status == model::Status::ok; });
  if (std::string why; ok && !saw_something(p, why))
    throw std::runtime_error("nothing could be counted or sampled: " + one_line(why));
  return ok ? kOk : kCrash;
}

}  // namespace

void add_profile(CLI::App& root, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* c = add_command(root, context, "profile",
                        "Why a variant takes its time: counters against the baseline, timeline, flame graph",
                        "aisp profile ch09:softmax:online", [&context, o] { return profile(context, *o); });
  c->add_option("target", o->target,
                "A target, TARGET:VARIANT for the baseline and that variant, or a file of your own")
      ->required()
      ->type_name("TARGET|FILE");
  c->add_option("--workload,-w", o->own.workload, "The target whose problem the file solves")->type_name("TARGET");
  add_own_file_options(*c, o->own);
  c->add_option("--level", o->level, "minimal: counters and timeline; deep_dive: samples too (default)")
      ->check(one_of("level", {"minimal", "deep_dive"}));
  c->add_option("--output", o->output, "Folder of the files (default: profiles/ in the artifacts folder)")
      ->type_name("DIR");
  add_timing_options(*c, o->timing, false);
  add_artifacts_option(*c, context);
}

}  // namespace aisp::app
