// aisp explain: why a variant is faster than its baseline: lesson, floor, what changed, kernels, and the diff of the
// two sources.
#include "analysis/explain.hpp"
#include "analysis/columns.hpp"
#include "analysis/counter_words.hpp"
#include "analysis/diff.hpp"
#include "analysis/lesson.hpp"
#include "app/catalogue.hpp"
#include "app/commands/commands.hpp"
#include "app/fresh_run.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "app/profiling.hpp"
#include "app/result_table.hpp"
#include "app/sources.hpp"
#include "app/terminal.hpp"
#include "model/text.hpp"
#include "record/file.hpp"
#include "record/json.hpp"
#include "record/run_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace aisp::app {
namespace fs = std::filesystem;
namespace {

struct Options {
  TimingOptions timing;
  std::string target, run;
  bool fresh = false, no_diff = false;
};

struct Subject {
  model::TargetInfo target;
  std::string variant;  // "" = the fastest
};

Subject subject_of(const Catalogue& catalogue, const std::string& text) {
  const auto first = text.find(':'), second = text.find(':', first == std::string::npos ? first : first + 1);
  Subject s{catalogue.find(text.substr(0, second)), second == std::string::npos ? "" : text.substr(second + 1)};
  std::vector<std::string> names;
  for (const auto& v : s.target.variants)
    if (std::find(names.begin(), names.end(), v.name) == names.end()) names.push_back(v.name);
  if (second != std::string::npos && std::find(names.begin(), names.end(), s.variant) == names.end())
    throw UsageError(unknown("variant", s.variant, names));
  return s;
}

record::RunData run_of(const Context& context, const Catalogue& catalogue, const Options& o,
                       const model::TargetInfo& target) {
  if (o.fresh && !o.run.empty()) throw UsageError("--fresh and a run exclude each other");
  if (!o.run.empty()) {
    auto run = record::RunStore(context.artifacts).load(o.run);
    if (!run.verdict_of(target.target))
      throw UsageError(fmt::format("run {} has no result of {}", run.manifest.run, target.target));
    return run;
  }
  if (!o.fresh)
    if (auto run = newest_run_with(context, target.target, o.timing)) return std::move(*run);
  return fresh_run(context, catalogue, {target}, o.timing);
}

// What the stored profile counted, in today's words rather than in those that were saved with it.
void add_profile(const Context& context, const record::RunData& run, const std::string& target,
                 const std::string& variant, analysis::Explanation& into) {
  try {
    const auto profile = stored_profile(context, run, target);
    if (!profile || profile->device != run.evidence_of(target)->device) return;
    const auto named = [&](const std::string& name) {
      return std::find_if(profile->variants.begin(), profile->variants.end(),
                          [&](const auto& v) { return v.name == name; });
    };
    const auto before = named("baseline"), after = named(variant);
    if (variant == "baseline" || before == profile->variants.end() || after == profile->variants.end()) return;
    const auto words = analysis::in_plain_words(*before, *after);
    into.changed.insert(into.changed.end(), words.begin(), words.end());
  } catch (const std::runtime_error& e) {
    into.remarks.push_back(fmt::format("The saved profile cannot be read: {}", e.what()));
  }
}

struct Sources {
  std::string baseline, variant;
  std::vector<std::string> diff;
  std::string absent;  // why there is no diff
};

Sources sources_of(const Context& context, const model::TargetEvidence& e, const std::string& variant) {
  Sources s;
  for (const auto& v : e.variants) {
    if (v.name == "baseline") s.baseline = v.source;
    if (v.name == variant) s.variant = v.source;
  }
  if (variant == "baseline") {
    s.absent = "a baseline is compared with nothing";
    return s;
  }
  const auto before = source_text(context.paths, s.baseline), after = source_text(context.paths, s.variant);
  for (const auto& [text, name] : {std::pair(&before, &s.baseline), std::pair(&after, &s.variant)})
    if (!*text) {
      s.absent = one_line(*name) + " is not at hand: sources are not installed here, or the variant was a user's file";
      return s;
    }
  s.diff = analysis::unified_diff(*before, *after, s.baseline, s.variant);
  if (s.diff.empty()) s.absent = "the two sources are the same; what differs is in the headers that they include";
  return s;
}

struct Answer {
  record::RunData run;
  const model::TargetEvidence* evidence = nullptr;
  const model::TargetVerdict* verdict = nullptr;
  std::string variant;
  analysis::Lesson lesson;
  std::string lesson_absent;
  analysis::Explanation why;
  Sources sources;
};

Answer answer(const Context& context, const Options& o) {
  const Catalogue catalogue(context.paths);
  const auto subject = subject_of(catalogue, o.target);
  Answer a;
  a.run = run_of(context, catalogue, o, subject.target);
  a.evidence = a.run.evidence_of(subject.target.target);
  a.verdict = a.run.verdict_of(subject.target.target);
  if (!a.evidence->error.empty())
    throw std::runtime_error(
        fmt::format("{} could not be run: {}", subject.target.target, one_line(a.evidence->error)));
  const auto in = [](const auto& variants, const std::string& name) {
    return std::any_of(variants.begin(), variants.end(), [&](const auto& v) { return v.name == name; });
  };
  a.variant = subject.variant.empty() ? analysis::best_variant(*a.evidence, *a.verdict) : subject.variant;
  if (a.variant.empty()) a.variant = "baseline";
  for (const auto& name : {std::string("baseline"), a.variant})
    if (!in(a.evidence->variants, name) || !in(a.verdict->variants, name))
      throw UsageError(fmt::format("run {} has no result of {} {} on {}", a.run.manifest.run, subject.target.target,
                                   name, one_line(a.evidence->device)));
  const auto readme = source_text(
      context.paths, (fs::path(subject.target.workload_source).parent_path().parent_path() / "README.md").string());
  if (readme) a.lesson = analysis::lesson_of(*readme, subject.target.target, a.variant, a.evidence->device);
  a.lesson_absent = !readme ? "the chapter's README is not installed here" : "the chapter's README does not name it";
  a.why = analysis::explain(*a.evidence, *a.verdict, a.variant);
  add_profile(context, a.run, subject.target.target, a.variant, a.why);
  if (!o.no_diff) a.sources = sources_of(context, *a.evidence, a.variant);
  return a;
}

// ----------------------------------------------------------------------------------------------------------- output

Json kernels_json(const model::TargetEvidence& e, const std::string& variant) {
  Json all = Json::object();
  for (const auto& v : e.variants) {
    if (v.name != "baseline" && v.name != variant) continue;
    all[v.name] = Json::array();
    for (const auto& k : v.compiled_kernels) all[v.name].push_back(Json::parse(record::to_json(k)));
  }
  return all;
}

void print_answer_json(const Answer& a) {
  Json pair = Json::object();
  for (const auto& [what, text] : a.lesson.pair) pair[what] = text;
  Json results = Json::array();
  for (const auto& v : a.verdict->variants) {
    if (v.name != "baseline" && v.name != a.variant) continue;
    results.push_back({{"name", v.name},
                       {"median_seconds", v.median_seconds},
                       {"speedup", v.speedup},
                       {"speedup_interval", {v.speedup_interval.lo, v.speedup_interval.hi}},
                       {"verdict", v.name == "baseline" ? "baseline" : to_string(v.word)},
                       {"floor_seconds", v.floor_seconds},
                       {"sol", v.sol},
                       {"bound", v.bound}});
  }
  print_json({{"target", a.evidence->target},
              {"variant", a.variant},
              {"run", a.run.manifest.run},
              {"device", a.evidence->device},
              {"scale", a.evidence->scale},
              {"about", a.evidence->about},
              {"lesson", std::move(pair)},
              {"look_at", a.lesson.look_at},
              {"results", std::move(results)},
              {"result", a.why.result},
              {"limits", a.why.limits},
              {"changed", a.why.changed},
              {"kernels", kernels_json(*a.evidence, a.variant)},
              {"remarks", a.why.remarks},
              {"sources", {{"baseline", a.sources.baseline}, {"variant", a.sources.variant}}},
              {"diff", a.sources.diff},
              {"diff_absent", a.sources.absent}});
}

class Printer {
 public:
  void heading(const std::string& text) const {
    print_out("\n{}\n", colour_ ? "\x1b[1m" + one_line(text) + "\x1b[0m" : one_line(text));
  }
  void say(const std::string& text) const { print_out("{}", analysis::wrapped(one_line(text), columns_)); }
  void items(const std::string& title, const std::vector<std::string>& list) const {
    if (list.empty()) return;
    heading(title);
    for (const auto& item : list) print_out("{}", analysis::wrapped("- " + one_line(item), columns_, 2));
  }
  void diff(const std::vector<std::string>& lines) const {
    for (const auto& line : lines) {
      const char* paint = line.starts_with("---") || line.starts_with("+++") ? "\x1b[1m"
                          : line.starts_with('-')                            ? "\x1b[31m"
                          : line.starts_with('+')                            ? "\x1b[32m"
                          : line.starts_with('@')                            ? "\x1b[36m"
                                                                             : nullptr;
      if (colour_ && paint)
        print_out("{}{}\x1b[0m\n", paint, model::printable(line));
      else
        print_out("{}\n", model::printable(line));
    }
  }

 private:
  int columns_ = std::min(stdout_columns(), 120);  // longer lines are hard to read
  bool colour_ = stdout_wants_colour();
};

void print_answer(const Answer& a, bool with_diff) {
  const Printer out;
  const auto& m = a.run.manifest;
  const auto where = a.evidence->device == "cuda" && !m.gpus.empty() ? m.gpus.front().name : m.host.model;
  out.say(fmt::format("{}: {} against baseline, {} scale on {}, run {}", a.evidence->target, a.variant,
                      a.evidence->scale, where, m.run));
  out.say(a.evidence->about);
  if (!a.evidence->teaching.empty()) out.say("Teaching baseline: " + a.evidence->teaching);
  if (a.lesson.empty()) out.say("(No lesson: " + a.lesson_absent + ".)");
  std::vector<std::string> pair;
  for (const auto& [what, text] : a.lesson.pair) pair.push_back(what + ": " + text);
  out.items("Lesson", pair);
  out.heading("Result");
  print_table(analysis::rows_of(*a.evidence, a.verdict));
  out.say(a.variant + ": " + a.why.result);
  out.items("Limits", a.why.limits);
  out.items("What changed", a.why.changed);
  out.items("Kernels", a.why.kernels);
  out.items("Remarks", a.why.remarks);
  out.items("What to look at", a.lesson.look_at);
  if (!with_diff) return;
  out.heading("Sources");
  if (!a.sources.absent.empty()) out.say("No diff: " + a.sources.absent + ".");
  out.diff(a.sources.diff);
}

int explain(const Context& context, const Options& o) {
  const auto a = answer(context, o);
  if (context.json)
    print_answer_json(a);
  else
    print_answer(a, !o.no_diff);
  return kOk;
}

}  // namespace

void add_explain(CLI::App& root, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* c = add_command(root, context, "explain",
                        "Why a variant is faster than its baseline: floor, what changed, kernels, source diff",
                        "aisp explain ch09:softmax\n  aisp explain ch09:softmax:online latest --no-diff",
                        [&context, o] { return explain(context, *o); });
  c->add_option("target", o->target, "A target, or TARGET:VARIANT (default: its fastest variant)")
      ->required()
      ->type_name("TARGET");
  c->add_option("run", o->run, "Its id, a prefix of it, a path, or latest (default: the newest that has the target)")
      ->type_name("RUN");
  c->add_flag("--fresh", o->fresh, "Judge the target now, whatever is stored");
  c->add_flag("--no-diff", o->no_diff, "Leave out the difference of the two sources");
  add_timing_options(*c, o->timing, true);
  add_artifacts_option(*c, context);
}

}  // namespace aisp::app
