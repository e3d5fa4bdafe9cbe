// aisp bench expectations: what targets reached on some hardware, as stored beside the chapters.
#include "analysis/gpu_table.hpp"
#include "analysis/table.hpp"
#include "app/catalogue.hpp"
#include "app/commands/commands.hpp"
#include "app/expectations.hpp"
#include "app/names.hpp"
#include "app/options.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "record/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <set>

namespace aisp::app {
namespace {

struct Options {
  std::string hardware, chapter, run;
  std::vector<std::string> targets;  // of the run; empty: all
  analysis::UpdateRules rules;
  double min_speedup = 0;  // 0 = all
  std::filesystem::path folder;
};

// The files of the chosen chapters, in the order of the index.
std::vector<record::Expectations> load(const Context& context, const Options& o,
                                       const std::vector<std::string>& chapters) {
  std::vector<record::Expectations> files;
  for (const auto& chapter : chapters) {
    const auto folder = expectations_folder(context, o.folder, chapter);
    for (const auto& key : record::expectation_keys(folder))
      if (auto file = record::load_expectations(folder, key)) files.push_back(*std::move(file));
  }
  return files;
}

// "H200" and "NVIDIA H200" mean h200. Throws UsageError for hardware that nothing is stored of.
std::string chosen_key(const std::string& asked, const std::vector<record::Expectations>& files) {
  std::set<std::string> known;
  for (const auto& file : files) known.insert(file.key);
  std::string key;
  if (const auto* gpu = analysis::find_gpu(asked)) key = analysis::hardware_key(*gpu);
  if (known.contains(key)) return key;
  key.clear();
  for (const unsigned char c : asked) key += static_cast<char>(std::tolower(c));
  if (known.contains(key)) return key;
  throw UsageError(unknown("hardware", key, {known.begin(), known.end()}));
}

// What `bench run --update-expectations` does at its end, for a run that is stored: one that was interrupted too.
int update_from(const Context& context, const Options& o) {
  auto run = record::RunStore(context.artifacts).load(o.run);
  if (!o.targets.empty()) {
    std::set<std::string> chosen;
    for (const auto& target : Catalogue(context.paths).select(o.targets)) chosen.insert(target.target);
    std::erase_if(run.evidence, [&](const auto& e) { return !chosen.contains(e.target); });
  }
  ExpectationFiles files(context, {.update = true, .rules = o.rules, .folder = o.folder}, run);
  const auto all = files.settle(run);
  const auto id = run.manifest.run;
  if (context.json)
    print_json(Json::parse(analysis::expectations_json(id, all)));
  else if (all.empty())
    print_out("{} has no finished target{}\n", id, o.targets.empty() ? "" : " among these");
  else
    print_out("{}", analysis::expectations_text(all));
  return std::any_of(all.begin(), all.end(), [](const auto& t) { return t.failed(); }) ? kClaimNotMet : kOk;
}

std::string commit_of(const record::Provenance& p) {
  return p.commit.empty() ? "–" : p.commit.substr(0, 12) + (p.dirty ? "+" : "");
}

int expectations(const Context& context, const Options& o) {
  if (!o.run.empty()) return update_from(context, o);
  require_expectations_dir(o.folder);
  const Catalogue catalogue(context.paths);
  auto chapters = catalogue.chapters();
  if (!o.chapter.empty()) {
    if (std::find(chapters.begin(), chapters.end(), o.chapter) == chapters.end())
      throw UsageError(unknown("chapter", o.chapter, chapters));
    chapters = {o.chapter};
  }
  const auto files = load(context, o, chapters);
  const auto key = o.hardware.empty() ? "" : chosen_key(o.hardware, files);

  Json document = Json::array();
  std::vector<std::vector<std::string>> rows{
      {"target", "variant", "scale", "speedup", "interval", "%SOL", "hardware", "date", "commit"}};
  int below = 0;
  for (const auto& file : files) {
    if (!key.empty() && file.key != key) continue;
    for (const auto& e : file.targets)
      for (std::size_t i = 1; i < e.variants.size(); ++i) {
        const auto& v = e.variants[i];
        if (v.speedup < o.min_speedup) {
          ++below;
          continue;
        }
        const auto& p = e.provenance;
        rows.push_back({one_line(e.target), one_line(v.name) + (v.peer ? " (peer)" : ""), one_line(e.scale),
                        analysis::format_speedup(v.speedup), analysis::format_interval(v.speedup_interval),
                        analysis::format_share(v.sol), file.key, one_line(p.date.substr(0, 10)), commit_of(p)});
        document.push_back({{"target", e.target},
                            {"device", e.device},
                            {"scale", e.scale},
                            {"hardware", file.key},
                            {"variant", Json::parse(record::to_json(v))},
                            {"provenance", Json::parse(record::to_json(p))}});
      }
  }
  if (context.json) {
    print_json({{"min_speedup", o.min_speedup}, {"below", below}, {"expectations", std::move(document)}});
    return kOk;
  }
  if (rows.size() > 1) print_out("{}", aligned(rows));
  if (files.empty())
    print_out("nothing is expected yet; aisp bench run --update-expectations writes what this machine reaches\n");
  else if (o.min_speedup > 0)
    print_out("{} at {}× or above, {} below\n", rows.size() - 1, o.min_speedup, below);
  return kOk;
}

}  // namespace

void add_bench_expectations(CLI::App& bench, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* command = add_command(bench, context, "expectations", "What targets are expected to reach on some hardware",
                              "aisp bench expectations --hardware h200 --min-speedup 1.05",
                              [&context, o] { return expectations(context, *o); });
  command->add_option("--hardware", o->hardware, "Of this hardware only")->type_name("KEY");
  command->add_option("--chapter", o->chapter, "Of this chapter only")->type_name("CHAPTER");
  command->add_option("--min-speedup", o->min_speedup, "Only what is expected to be at least this much faster")
      ->check(number_between(1e-6, 1e6))
      ->type_name("X");
  auto* from = command->add_option("--update-from", o->run, "Expect from now on what this stored run measured");
  from->type_name("RUN");
  for (const char* listing : {"--hardware", "--chapter", "--min-speedup"}) from->excludes(listing);
  command->add_option("-t,--targets", o->targets, "With --update-from: only these")->type_name("GLOB")->needs(from);
  command->add_flag("--accept-regressions", o->rules.accept_regressions, "With --update-from: also where it is worse")
      ->needs(from);
  command
      ->add_flag("--mixed-provenance", o->rules.mixed_provenance,
                 "With --update-from: beside figures of another driver or CUDA")
      ->needs(from);
  add_expectations_dir(*command, o->folder);
  add_artifacts_option(*command, context);
}

}  // namespace aisp::app
