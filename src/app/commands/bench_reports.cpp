// aisp bench summary, report, compare-runs: what saved runs say.
#include "analysis/compare_runs.hpp"
#include "analysis/flat.hpp"
#include "analysis/report.hpp"
#include "app/commands/commands.hpp"
#include "app/commands/import_results.hpp"
#include "app/gnuplot.hpp"
#include "app/history.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "app/result_table.hpp"
#include "app/terminal.hpp"
#include "record/json.hpp"
#include "record/run_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace aisp::app {
namespace {

Json summary_json(const record::StoredRun& run, const std::filesystem::path& path) {
  const auto& s = run.summary;
  return {{"run", run.run},
          {"path", path.string()},
          {"started", run.started},
          {"finished", run.finished},
          {"interrupted", run.interrupted},
          {"publishable", run.publishable},
          {"scale", run.scale},
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

// Runs that the history knows and whose folders are still there.
std::vector<record::StoredRun> saved_runs(const Context& context, bool with_targets) {
  std::vector<record::StoredRun> runs;
  with_history(context, [&](record::History& history, const std::vector<std::string>& saved) {
    runs = with_targets ? history.runs_with_targets() : history.runs();
    std::erase_if(runs, [&](const auto& run) { return !std::binary_search(saved.begin(), saved.end(), run.run); });
  });
  return runs;
}

int summarise_all(const Context& context) {
  Json document = Json::array();
  std::vector<std::vector<std::string>> rows{{"run", "scale", "result"}};
  for (const auto& run : saved_runs(context, false)) {
    if (context.json)
      document.push_back(summary_json(run, context.artifacts / run.run));
    else
      rows.push_back(
          {run.run, run.scale, (run.interrupted ? "interrupted · " : "") + analysis::summary_line(run.summary)});
  }
  if (context.json)
    print_json(document);
  else if (rows.size() > 1)
    print_out("{}", aligned(rows));
  else
    print_out("no runs in {}; aisp bench run makes one\n", context.artifacts.string());
  return kOk;
}

int summarise_one(const Context& context, const std::string& name) {
  const auto run = record::RunStore(context.artifacts).load(name);
  if (context.json) {
    print_json(summary_json(stored(run), run.path));
    return kOk;
  }
  print_table(table_of(run));
  print_out("{}\n", analysis::summary_line(analysis::summarise(run)));
  return kOk;
}

// Every variant of one run or of all, for other programs.
int export_results(const Context& context, const std::string& name, const std::string& format) {
  if (context.json) throw UsageError("--json and --format exclude each other");
  std::vector<analysis::Cells> rows;
  const auto add = [&](const record::StoredRun& run) {
    for (auto& row : analysis::flat_rows(run)) rows.push_back(std::move(row));
  };
  if (name.empty())
    for (const auto& run : saved_runs(context, true)) add(run);
  else
    add(stored(record::RunStore(context.artifacts).load(name)));
  if (format == "md") {
    print_out("{}", analysis::flat_markdown(std::move(rows)));
    return kOk;
  }
  print_out("{}", analysis::csv_line(analysis::flat_header()));
  for (const auto& row : rows) print_out("{}", analysis::csv_line(row));
  return kOk;
}

int report(const Context& context, const std::string& name, const std::string& format, const std::string& plots) {
  const auto run = record::RunStore(context.artifacts).load(name);
  const std::string text = format == "html" ? analysis::html_report(run) : analysis::markdown_report(run);
  Json files = Json::array();
  if (!plots.empty()) {
    for (const auto& file : save_plots(analysis::run_plots(run), plots)) files.push_back(file.string());
    print_err("{} pictures in {}\n", files.size(), plots);
  }
  if (context.json)
    print_json({{"run", run.manifest.run}, {"format", format}, {"report", text}, {"plots", files}});
  else
    print_out("{}", text);
  return kOk;
}

int compare_runs(const Context& context, const std::string& before, const std::string& after) {
  if (is_results_file(before) || is_results_file(after)) return compare_result_files(context.json, before, after);
  const record::RunStore store(context.artifacts);
  const auto comparison = analysis::compare_runs(store.load(before), store.load(after));
  if (context.json)
    print_json(Json::parse(analysis::to_json(comparison)));
  else
    print_out("{}", analysis::comparison_text(comparison, table_columns()));
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
    std::string run = "latest", format = "md", plots;
  };
  const auto r = std::make_shared<Report>();
  auto* command = add_command(
      bench, context, "report", "A run as a report for people",
      "aisp bench report latest --format html > report.html\n  aisp bench report latest --plots pictures > report.md",
      [&context, r] { return report(context, r->run, r->format, r->plots); });
  command->add_option("run", r->run, "The run: its id, a prefix of it, a path, or latest")->type_name("RUN");
  command->add_option("--format", r->format, "Form of the report")->check(one_of("format", {"md", "html"}));
  add_plots_option(*command, r->plots);
  add_artifacts_option(*command, context);

  struct Pair {
    std::string before, after;
  };
  const auto pair = std::make_shared<Pair>();
  auto* compare = add_command(bench, context, "compare-runs", "What changed between two runs; exit 1 on a regression",
                              "aisp bench compare-runs 20261121T0545 latest\n"
                              "  aisp bench compare-runs before.json after.json     files as aisp import results reads",
                              [&context, pair] { return compare_runs(context, pair->before, pair->after); });
  compare->add_option("before", pair->before, "The earlier run, or a file of results")->required()->type_name("RUN");
  compare->add_option("after", pair->after, "The later run, or a file of results")->required()->type_name("RUN");
  add_artifacts_option(*compare, context);
}

}  // namespace aisp::app
