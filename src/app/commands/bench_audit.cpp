// aisp bench audit: judge a saved run again from its evidence, or examine every target's declarations.
#include "analysis/faults.hpp"
#include "analysis/verdict.hpp"
#include "app/catalogue.hpp"
#include "app/commands/commands.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "app/progress.hpp"
#include "app/workloads.hpp"
#include "record/file.hpp"
#include "record/json.hpp"
#include "record/run_store.hpp"
#include "verify/cases.hpp"
#include "verify/compare.hpp"
#include "verify/golden.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace aisp::app {
namespace fs = std::filesystem;
namespace {

// A verdict of an older version knows no calls; that alone is no difference.
model::TargetVerdict with_calls(model::TargetVerdict saved, const model::TargetVerdict& now) {
  for (auto& variant : saved.variants)
    for (const auto& same : now.variants)
      if (same.name == variant.name && variant.timed_calls == 0)
        variant.timed_calls = same.timed_calls, variant.verified_calls = same.verified_calls;
  return saved;
}

// What a fresh look at the evidence says otherwise than the saved verdict.
std::vector<std::string> differences(const model::TargetVerdict& saved, const model::TargetVerdict& now) {
  std::vector<std::string> found;
  if (saved.exit_code != now.exit_code)
    found.push_back(fmt::format("exit code {} was saved, the evidence gives {}", saved.exit_code, now.exit_code));
  for (const auto& variant : now.variants) {
    const model::VariantVerdict* old = nullptr;
    for (const auto& candidate : saved.variants)
      if (candidate.name == variant.name) old = &candidate;
    if (!old) {
      found.push_back(fmt::format("{} has no saved verdict", variant.name));
    } else if (old->word != variant.word || old->correct != variant.correct || old->speedup != variant.speedup) {
      found.push_back(fmt::format("{}: saved {} {:.3f}x, the evidence gives {} {:.3f}x", variant.name,
                                  model::to_string(old->word), old->speedup, model::to_string(variant.word),
                                  variant.speedup));
    }
  }
  if (found.empty() && record::to_json(with_calls(saved, now)) != record::to_json(now))
    found.push_back("details of the verdict differ");
  return found;
}

// What the evidence says against a target, where the verdict that was saved says so too.
std::vector<std::string> as_saved(const model::TargetEvidence& evidence, const model::TargetVerdict& verdict) {
  auto lines = analysis::faults(evidence, verdict);
  if (!evidence.error.empty()) lines.push_back(evidence.error);
  if (lines.empty())
    for (const auto& v : verdict.variants)
      if (v.word != model::Word::fast && v.speedup > 0)
        lines.push_back(fmt::format("{}: {} {:.3f}x", v.name, model::to_string(v.word), v.speedup));
  if (lines.empty()) lines.push_back(fmt::format("exit code {}", verdict.exit_code));
  return lines;
}

// One line per target, and the JSON of the same.
class Findings {
 public:
  // `known`: what is wrong with the target and was said when it was judged.
  void add(const std::string& target, const std::vector<std::string>& problems, int exit_code,
           const std::vector<std::string>& known = {}) {
    code_ = analysis::worst_exit_code(code_, exit_code);
    document_.push_back({{"target", target}, {"exit_code", exit_code}, {"findings", problems}, {"as_saved", known}});
    if (problems.empty() && known.empty()) rows_.push_back({target, "clean"});
    for (const auto& problem : problems) rows_.push_back({target, one_line(problem)});
    for (const auto& line : known) rows_.push_back({target, "as saved: " + one_line(line)});
  }
  int print(bool json) const {
    if (json)
      print_json(document_);
    else
      print_out("{}", aligned(rows_));
    return code_;
  }

 private:
  int code_ = kOk;
  Json document_ = Json::array();
  std::vector<std::vector<std::string>> rows_{{"target", "finding"}};
};

int audit_run(const Context& context, const std::string& name) {
  const auto run = record::RunStore(context.artifacts).load(name);
  const analysis::Accepted accepted{.virtualization = run.manifest.settings.allow_virtualization};
  Findings findings;
  for (const auto& evidence : run.evidence) {
    if (evidence.interrupted) {
      findings.add(evidence.target, {"interrupted, so there is no verdict"}, kCrash);
      continue;
    }
    const auto now = analysis::verdict(evidence, accepted);
    const auto* saved = run.verdict_of(evidence.target);
    const auto found = saved ? differences(*saved, now) : std::vector<std::string>{"no verdict was saved"};
    const int code = found.empty() ? now.exit_code : analysis::worst_exit_code(now.exit_code, kViolation);
    findings.add(evidence.target, found, code,
                 now.exit_code == kOk ? std::vector<std::string>{} : as_saved(evidence, now));
  }
  return findings.print(context.json);
}

// What references said when somebody last looked at them, kept beside the chapters.
class Goldens {
 public:
  explicit Goldens(fs::path file) : file_(std::move(file)) {
    std::error_code error;
    if (fs::exists(file_, error)) kept_ = verify::parse_golden(record::read_whole(file_));
  }
  // Differences to the file; a reference that is not in it has none.
  std::vector<std::string> compare(const WorkloadEntry& entry) {
    std::vector<std::string> found;
    for (const auto& now : verify::golden_of(entry)) {
      for (const auto& kept : kept_)
        if (kept.target == now.target && kept.output == now.output)
          if (auto difference = verify::golden_difference(kept, now); !difference.empty()) found.push_back(difference);
      now_.push_back(now);
    }
    return found;
  }
  void could_not_examine(std::string target) { unseen_.push_back(std::move(target)); }
  // What was seen now; of a target that could not be examined, what was kept.
  void save() {
    for (const auto& kept : kept_)
      if (std::find(unseen_.begin(), unseen_.end(), kept.target) != unseen_.end()) now_.push_back(kept);
    std::stable_sort(now_.begin(), now_.end(), [](const auto& a, const auto& b) { return a.target < b.target; });
    record::write_atomically(file_, verify::to_text(now_));
  }
  const fs::path& file() const { return file_; }

 private:
  fs::path file_;
  std::vector<verify::Golden> kept_, now_;
  std::vector<std::string> unseen_;
};

// What is wrong with a target's declaration, found by running its reference at light scale.
std::vector<std::string> examine(WorkloadLibraries& workloads, const model::TargetInfo& target, Goldens& goldens) {
  try {
    const WorkloadEntry& entry = workloads.find(target.workload_library, target.target);
    auto problems = verify::lint(verify::light_case(entry), verify::derive({}, target.target));
    for (auto& difference : goldens.compare(entry)) problems.push_back(target.target + ": " + difference);
    if (target.variants.empty() || target.variants.front().name != "baseline")
      problems.push_back("there is no baseline.cpp beside the workload");
    return problems;
  } catch (const std::exception& error) {
    goldens.could_not_examine(target.target);
    return {error.what()};
  }
}

int audit_declarations(const Context& context, bool update_golden) {
  const Catalogue catalogue(context.paths);
  WorkloadLibraries workloads(context.paths.workloads());
  ProgressBar bar(static_cast<int>(catalogue.targets().size()));
  Findings findings;
  Goldens goldens(context.paths.chapter("references.golden"));
  for (const auto& target : catalogue.targets()) {
    bar.begin(target.target);
    const auto problems = examine(workloads, target, goldens);
    findings.add(target.target, problems, problems.empty() ? kOk : kViolation);
  }
  bar.clear();
  if (update_golden) {
    goldens.save();
    print_err("golden digests of references: {}\n", goldens.file().string());
  }
  return findings.print(context.json);
}

}  // namespace

void add_bench_audit(CLI::App& bench, Context& context) {
  struct Options {
    std::string run = "latest";
    bool all = false, update_golden = false;
  };
  const auto o = std::make_shared<Options>();
  auto* audit = add_command(
      bench, context, "audit", "Judge saved evidence again, or with --all examine every target's declarations",
      "aisp bench audit latest",
      [&context, o] { return o->all ? audit_declarations(context, o->update_golden) : audit_run(context, o->run); });
  auto* run = audit->add_option("run", o->run, "The run: its id, a prefix of it, a path, or latest")->type_name("RUN");
  audit->add_flag("--all", o->all, "Examine declarations instead of a run")->excludes(run);
  audit->add_flag("--update-golden", o->update_golden, "With --all: keep what references say now")->excludes(run);
  add_artifacts_option(*audit, context);
}

}  // namespace aisp::app
