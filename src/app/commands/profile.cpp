// aisp profile: why a variant takes its time: counters against the baseline's, a timeline, a flame graph.
#include "analysis/profile.hpp"
#include "app/commands/commands.hpp"
#include "app/devices.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
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

int profile(const Context& context, const Options& o) {
  const Catalogue catalogue(context.paths);
  const auto entry = entry_of(catalogue, o);
  const auto settings = judge_settings(o.timing);
  const std::filesystem::path folder =
      o.output.empty() ? context.artifacts / "profiles" : std::filesystem::path(o.output);
  record::require_writable(folder);
  Session session(context);
  session.take({entry.device});
  const auto p = profile_entry(context, session, entry, settings, o.level);
  auto files = save_profile(p, session, folder);
  if (o.level == "deep_dive")
    for (auto& file : save_nsys_reports(context, session, entry, settings, folder)) files.push_back(std::move(file));
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(file.string());
  if (context.json) {
    auto document = Json::parse(record::to_json(p));
    document["files"] = names;
    print_json(document);
  } else {
    print_out("{}\n", analysis::profile_text(p));
    for (const auto& name : names) print_out("{}\n", name);
  }
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
  c->add_option("target", o->target, "A target, or TARGET:VARIANT for the baseline and that variant")
      ->required()
      ->type_name("TARGET");
  c->add_option("--level", o->level, "minimal: counters and timeline; deep_dive: samples too (default)")
      ->check(one_of("level", {"minimal", "deep_dive"}));
  c->add_option("--output", o->output, "Folder of the files (default: profiles/ in the artifacts folder)")
      ->type_name("DIR");
  add_timing_options(*c, o->timing, false);
  add_artifacts_option(*c, context);
}

}  // namespace aisp::app
