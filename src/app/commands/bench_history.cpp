// aisp bench history: results over all runs that there ever were, with the steps in them.
#include "analysis/table.hpp"
#include "analysis/trend.hpp"
#include "app/commands/commands.hpp"
#include "app/history.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "record/store_error.hpp"

#include <fmt/format.h>

#include <memory>

namespace aisp::app {
namespace {

struct Options {
  std::string target, variant;
  bool rebuild = false;
};

std::string step_text(const analysis::Trend& series, const analysis::Step& step) {
  const double change = (step.ratio() - 1) * 100;
  return fmt::format("{:.3g} % {} since {}", std::abs(change), change > 0 ? "slower" : "faster",
                     series.points[step.at].run);
}

Json to_json(const analysis::Trend& s) {
  Json points = Json::array(), steps = Json::array();
  for (const auto& p : s.points)
    points.push_back({{"run", p.run},
                      {"started", p.target.started},
                      {"commit", p.commit},
                      {"median_seconds", p.variant.median_seconds},
                      {"median_low", p.variant.median_interval.lo},
                      {"median_high", p.variant.median_interval.hi},
                      {"speedup", p.variant.speedup},
                      {"verdict", model::to_string(p.variant.word)}});
  for (const auto& step : s.steps)
    steps.push_back({{"run", s.points[step.at].run},
                     {"before_seconds", step.before},
                     {"after_seconds", step.after},
                     {"ratio", step.ratio()},
                     {"p", step.p}});
  return {{"target", s.target},     {"variant", s.variant},        {"device", s.device},
          {"scale", s.scale},       {"params", s.params},          {"hardware", s.hardware()},
          {"left_out", s.left_out}, {"points", std::move(points)}, {"steps", std::move(steps)}};
}

// One line for each series: the newest result and the newest step.
void print_overview(const std::vector<analysis::Trend>& all) {
  std::vector<std::vector<std::string>> rows{{"target", "variant", "scale", "runs", "newest", "trend", "last step"}};
  std::size_t bare = 0;  // series whose every result is left out
  for (const auto& s : all) {
    if (s.points.empty()) {
      ++bare;
      continue;
    }
    rows.push_back({s.target, s.variant, s.scale, fmt::format("{}", s.points.size()),
                    analysis::format_seconds(s.points.back().variant.median_seconds), analysis::sparkline(s),
                    s.steps.empty() ? "–" : step_text(s, s.steps.back())});
  }
  if (rows.size() > 1) print_out("{}", aligned(rows));
  if (bare)
    print_out("{} left out: every result is wrong, against a rule, or without a time\n",
              bare == 1 ? "1 variant is" : fmt::format("{} variants are", bare));
}

// Every result of one series, steps between them.
void print_series(const analysis::Trend& s) {
  // Chosen parameters are part of the scale's name, and all of them stand behind it.
  const auto scale = s.params.empty() ? s.scale : s.scale.substr(0, s.scale.find(' '));
  print_out("{} {} · {} · {}{}{}\n", s.target, s.variant, scale, s.hardware(), s.params.empty() ? "" : " · ", s.params);
  std::vector<std::vector<std::string>> rows{{"run", "median", "speedup", "verdict", "commit", ""}};
  for (std::size_t i = 0; i < s.points.size(); ++i) {
    const auto& p = s.points[i];
    std::string note;
    for (const auto& step : s.steps)
      if (step.at == i)
        note = fmt::format("{} → {} from here on (p = {:.3g})", analysis::format_seconds(step.before),
                           analysis::format_seconds(step.after), step.p);
    rows.push_back({p.run, analysis::format_seconds(p.variant.median_seconds),
                    analysis::format_speedup(p.variant.speedup),
                    p.variant.speedup > 0 ? model::to_string(p.variant.word) : "–", p.commit.substr(0, 12), note});
  }
  if (!s.points.empty()) print_out("{}", aligned(rows));
  if (s.left_out)
    print_out("{} left out: wrong, against a rule, or without a time\n",
              s.left_out == 1 ? "1 result is" : fmt::format("{} results are", s.left_out));
  print_out("\n");
}

int show(const Context& context, const Options& o) {
  std::vector<record::HistoryPoint> points;
  with_history(context, [&](record::History& history, const auto&) { points = history.points(o.target); });
  if (!o.variant.empty()) std::erase_if(points, [&](const auto& p) { return p.variant.name != o.variant; });
  if (points.empty() && !(o.target.empty() && o.variant.empty()))
    throw UsageError(fmt::format("no results of {}{}{} in the history of {}",
                                 o.target.empty() ? "any target" : o.target, o.variant.empty() ? "" : ":", o.variant,
                                 context.artifacts.string()));
  const auto all = analysis::trends(std::move(points));
  if (context.json) {
    Json document = Json::array();
    for (const auto& series : all) document.push_back(to_json(series));
    print_json(document);
  } else if (all.empty()) {
    print_out("no runs in {}; aisp bench run makes one\n", context.artifacts.string());
  } else if (o.target.empty()) {
    print_overview(all);
  } else {
    for (const auto& series : all) print_series(series);
  }
  return kOk;
}

int rebuild(const Context& context, const Options& o) {
  if (!o.target.empty() || !o.variant.empty())
    throw UsageError("--rebuild takes up every run; leave out target and variant");
  if (!std::filesystem::is_directory(context.artifacts))
    throw UsageError(fmt::format("no folder {}; aisp bench run makes one", context.artifacts.string()));
  const auto aside = record::History::set_aside(context.artifacts);
  auto history = record::History::open(context.artifacts);
  const auto synced = history.sync(record::RunStore(context.artifacts), true, history_progress);
  for (const auto& line : synced.unreadable) print_err("{}\n", one_line(line));
  const auto runs = history.runs().size(), only_here = runs - static_cast<std::size_t>(synced.taken_up);
  if (context.json) {
    print_json({{"file", record::History::file(context.artifacts).string()},
                {"taken_up", synced.taken_up},
                {"unreadable", synced.unreadable},
                {"kept_without_folder", only_here},
                {"set_aside", aside.string()}});
    return kOk;
  }
  if (!aside.empty()) print_out("the old file could not be used and is now {}\n", aside.string());
  print_out("{}: {} runs from their folders{}\n", record::History::file(context.artifacts).string(), synced.taken_up,
            only_here ? fmt::format(", {} kept whose folders are gone or unreadable", only_here) : "");
  return kOk;
}

}  // namespace

void add_bench_history(CLI::App& bench, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* history = add_command(bench, context, "history", "Results over all runs, and where they changed their level",
                              "aisp bench history ch09:softmax --variant online",
                              [&context, o] { return o->rebuild ? rebuild(context, *o) : show(context, *o); });
  history->add_option("target", o->target, "A target, a chapter or a glob; without it, one line for every variant")
      ->type_name("TARGET");
  history->add_option("--variant", o->variant, "Only this variant")->type_name("NAME");
  history->add_flag("--rebuild", o->rebuild, "Make the history again from the runs' folders");
  add_artifacts_option(*history, context);
}

}  // namespace aisp::app
