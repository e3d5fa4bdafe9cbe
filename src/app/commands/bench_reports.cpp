// aisp bench summary, report, compare-runs: what saved runs say.
#include "analysis/compare_runs.hpp"
#include "analysis/flat.hpp"
#include "analysis/report.hpp"
#include "app/commands/commands.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/result_table.hpp"
#include "record/json.hpp"
#include "record/run_store.hpp"

#include <fmt/format.h>

#include <memory>

namespace aisp::app {
namespace {

Json summary_json(const record::RunData& run) {
  const auto s = analysis::summarise(run);
  return {{"run", run.manifest.run},
          {"path", run.path.string()},
          {"started", run.manifest.started},
          {"finished", run.manifest.finished},
          {"interrupted", run.manifest.interrupted},
          {"publishable", run.manifest.publishable},
          {"scale", run.manifest.settings.scale},
          {"targets", s.targets},
          {"fast", s.fast},
          {"slow", s.slow},
          {"same", s.same},
          {"unresolved", s.unresolved},
          {"wrong", s.wrong},
          {"violating", s.violating},
          {"failed", s.failed},
          {"errors", s.errors},
          {"timed_calls", s.timed_calls},
          {"verified_calls", s.verified_calls},
          {"mean_speedup", s.mean_speedup}};
}

// All runs, one line each; a run that cannot be read is said to be so, and the others are still listed.
int summarise_all(const Context& context) {
  const record::RunStore store(context.artifacts);
  Json document = Json::array();
  std::vector<std::vector<std::string>> rows{{"run", "scale", "result"}};
  for (const auto& id : store.runs()) {
    try {
      const auto run = store.load(id);
      document.push_back(summary_json(run));
      rows.push_back(
          {id, run.manifest.settings.scale,
           (run.manifest.interrupted ? "interrupted · " : "") + analysis::summary_line(analysis::summarise(run))});
    } catch (const std::exception& error) {
      fmt::print(stderr, "{}\n", one_line(error.what()));
    }
  }
  if (context.json)
    print_json(document);
  else if (rows.size() > 1)
    fmt::print("{}", aligned(rows));
  else
    fmt::print("no runs in {}; aisp bench run makes one\n", context.artifacts.string());
  return kOk;
}

int summarise_one(const Context& context, const std::string& name) {
  const auto run = record::RunStore(context.artifacts).load(name);
  if (context.json) {
    print_json(summary_json(run));
    return kOk;
  }
  print_table(table_of(run));
  fmt::print("{}\n", analysis::summary_line(analysis::summarise(run)));
  return kOk;
}

// Every variant of one run or of all, for other programs.
int export_results(const Context& context, const std::string& name, const std::string& format) {
  if (context.json) throw UsageError("--json and --format exclude each other");
  const record::RunStore store(context.artifacts);
  std::vector<analysis::Cells> rows;
  const auto add = [&](const std::string& run) {
    for (auto& row : analysis::flat_rows(store.load(run))) rows.push_back(std::move(row));
  };
  if (!name.empty()) {
    add(name);
  } else {
    for (const auto& id : store.runs()) try {
        add(id);
      } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", one_line(error.what()));
      }
  }
  if (format == "md") {
    fmt::print("{}", analysis::flat_markdown(std::move(rows)));
    return kOk;
  }
  fmt::print("{}", analysis::csv_line(analysis::flat_header()));
  for (const auto& row : rows) fmt::print("{}", analysis::csv_line(row));
  return kOk;
}

int report(const Context& context, const std::string& name, const std::string& format) {
  const auto run = record::RunStore(context.artifacts).load(name);
  const std::string text = analysis::markdown_report(run);
  if (context.json)
    print_json({{"run", run.manifest.run}, {"format", format}, {"report", text}});
  else
    fmt::print("{}", text);
  return kOk;
}

int compare_runs(const Context& context, const std::string& before, const std::string& after) {
  const record::RunStore store(context.artifacts);
  const auto comparison = analysis::compare_runs(store.load(before), store.load(after));
  if (context.json)
    print_json(Json::parse(analysis::to_json(comparison)));
  else
    fmt::print("{}", analysis::comparison_text(comparison));
  return comparison.count(analysis::ChangeKind::regressed) ? kClaimNotMet : kOk;
}

}  // namespace

void add_bench_reports(CLI::App& bench, Context& context) {
  struct Summarised {
    std::string run, format;
  };
  const auto summarised = std::make_shared<Summarised>();
  auto* summary = add_command(bench, context, "summary", "One line for every saved run, or the table of one",
                              "aisp bench summary latest", [&context, summarised] {
                                const auto& [run, format] = *summarised;
                                if (!format.empty()) return export_results(context, run, format);
                                return run.empty() ? summarise_all(context) : summarise_one(context, run);
                              });
  summary->add_option("--format", summarised->format, "Instead: every variant of that run, or of all, as a flat table")
      ->check(one_of("format", {"csv", "md"}));
  summary->add_option("run", summarised->run, "A run: its id, a prefix of it, a path, or latest")->type_name("RUN");
  add_artifacts_option(*summary, context);

  struct Report {
    std::string run = "latest", format = "md";
  };
  const auto r = std::make_shared<Report>();
  auto* command = add_command(bench, context, "report", "A run as a report for people",
                              "aisp bench report latest --format md > report.md",
                              [&context, r] { return report(context, r->run, r->format); });
  command->add_option("run", r->run, "The run: its id, a prefix of it, a path, or latest")->type_name("RUN");
  command->add_option("--format", r->format, "Form of the report")->check(one_of("format", {"md"}));
  add_artifacts_option(*command, context);

  struct Pair {
    std::string before, after;
  };
  const auto pair = std::make_shared<Pair>();
  auto* compare = add_command(bench, context, "compare-runs", "What changed between two runs; exit 1 on a regression",
                              "aisp bench compare-runs 20261121T0545 latest",
                              [&context, pair] { return compare_runs(context, pair->before, pair->after); });
  compare->add_option("before", pair->before, "The earlier run")->required()->type_name("RUN");
  compare->add_option("after", pair->after, "The later run")->required()->type_name("RUN");
  add_artifacts_option(*compare, context);
}

}  // namespace aisp::app
