// aisp import results: what nccl-tests, nvbandwidth, nvbench and Google Benchmark measured, as one kind of table.
#include "app/commands/import_results.hpp"

#include "app/commands/commands.hpp"
#include "app/names.hpp"
#include "app/print.hpp"
#include "app/quantities.hpp"
#include "import/compare_results.hpp"
#include "record/file.hpp"
#include "record/store_error.hpp"
#include "record/text.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

namespace aisp::app {
namespace {

std::string interval_text(const import::Center& c, const std::string& unit) {
  if (c.interval.confidence <= 0) return "–";
  return fmt::format("{} … {}", quantity_text(c.interval.interval.lo, unit),
                     quantity_text(c.interval.interval.hi, unit));
}

Json center_json(const std::optional<import::Center>& c) {
  if (!c) return nullptr;
  const bool has = c->interval.confidence > 0;
  return {{"value", c->value},
          {"repetitions", c->repetitions},
          {"lo", has ? Json(c->interval.interval.lo) : Json(nullptr)},
          {"hi", has ? Json(c->interval.interval.hi) : Json(nullptr)},
          {"confidence", c->interval.confidence}};
}

Json results_json(const std::string& path, const import::Results& all) {
  Json rows = Json::array();
  for (const auto& r : all.results)
    rows.push_back({{"name", r.name},
                    {"quantity", r.quantity},
                    {"unit", r.unit},
                    {"better", r.lower_is_better ? "lower" : "higher"},
                    {"derived", r.derived},
                    {"measured", center_json(import::center(r))},
                    {"values", r.values},
                    {"statistic", r.statistic},
                    {"noise", r.noise >= 0 ? Json(r.noise) : Json(nullptr)},
                    {"failed", r.failed},
                    {"line", r.line}});
  return {{"file", path}, {"program", all.program}, {"format", all.format}, {"notes", all.notes}, {"results", rows}};
}

void print_results(const std::string& path, const import::Results& all) {
  print_out("{}: {} ({})\n", one_line(path), all.program, all.format);
  std::vector<std::vector<std::string>> rows{{"benchmark", "quantity", "value", "interval", "noise", "repetitions"}};
  for (const auto& r : all.results) {
    const auto c = import::center(r);
    rows.push_back({record::shown(r.name, 400), r.quantity, c ? quantity_text(c->value, r.unit) : "–",
                    c ? interval_text(*c, r.unit) : "–", r.noise >= 0 ? fmt::format("{:.2g} %", 100 * r.noise) : "",
                    record::shown(import::repetitions_text(r), 200)});
  }
  print_out("{}", aligned(rows));
  for (const auto& note : all.notes) print_out("! {}\n", record::shown(note, 200));
}

int import_results(const Context& context, const std::vector<std::string>& files) {
  std::vector<import::Results> read;
  for (const auto& file : files) read.push_back(read_results(file));
  Json document = Json::array();
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (context.json) {
      document.push_back(results_json(files[i], read[i]));
      continue;
    }
    if (i > 0) print_out("\n");
    print_results(files[i], read[i]);
  }
  if (context.json) print_json(document);
  return kOk;
}

using analysis::ChangeKind;
constexpr ChangeKind kKinds[] = {ChangeKind::regressed, ChangeKind::improved,     ChangeKind::unresolved,
                                 ChangeKind::unchanged, ChangeKind::incomparable, ChangeKind::added,
                                 ChangeKind::gone};

std::vector<std::string> change_row(const import::ResultChange& c) {
  const auto text = [&](const std::optional<import::Center>& x) { return x ? quantity_text(x->value, c.unit) : "–"; };
  std::string change;
  if (c.ratio > 0) change = fmt::format("{:+.1f} %", 100 * (c.ratio - 1));
  if (c.confidence > 0)
    change += fmt::format(" ({:+.1f} … {:+.1f} %)", 100 * (c.interval.lo - 1), 100 * (c.interval.hi - 1));
  return {
      "  " + to_string(c.kind), record::shown(c.name, 400), c.quantity, text(c.before) + " → " + text(c.after), change,
      record::shown(c.why, 200)};
}

Json changes_json(const import::ResultComparison& all, const std::string& before, const std::string& after) {
  Json changes = Json::array();
  for (const auto& c : all.changes)
    changes.push_back({{"name", c.name},
                       {"quantity", c.quantity},
                       {"unit", c.unit},
                       {"kind", to_string(c.kind)},
                       {"before", center_json(c.before)},
                       {"after", center_json(c.after)},
                       {"ratio",
                        {{"value", c.ratio},
                         {"lo", c.confidence > 0 ? Json(c.interval.lo) : Json(nullptr)},
                         {"hi", c.confidence > 0 ? Json(c.interval.hi) : Json(nullptr)},
                         {"confidence", c.confidence}}},
                       {"why", c.why}});
  return {{"schema", 1}, {"program", all.program}, {"before", before}, {"after", after}, {"changes", changes}};
}

}  // namespace

import::Results read_results(const std::string& path){std::string text;
try {
  text = record::read_whole(path, import::kMaxResultsText);
} catch (const record::StoreError& error) {
  throw UsageError(error.what());
}
try {
  return import::parse_results(text);
} catch (const tools::LineError& error) {
  throw UsageError(one_line(fmt::format("{}:{}: {}", path, error.line, error.what())));
}
}  // namespace aisp::app

bool is_results_file(const std::string& path) {
  std::error_code none;
  return std::filesystem::is_regular_file(path, none);
}

int compare_result_files(bool json, const std::string& before, const std::string& after) {
  for (const auto& path : {before, after})
    if (!is_results_file(path))
      throw UsageError(one_line(fmt::format("{} is a file of results and {} is none; compare two files or two runs",
                                            path == before ? after : before, path)));
  const auto a = read_results(before), b = read_results(after);
  if (a.program != b.program)
    throw UsageError(one_line(
        fmt::format("{} is of {} and {} of {}; like is compared with like", before, a.program, after, b.program)));
  const auto all = import::compare_results(a, b);
  if (json) {
    print_json(changes_json(all, before, after));
  } else {
    std::vector<std::string> counts;
    std::vector<std::vector<std::string>> rows;
    for (const auto kind : kKinds) {
      if (const int n = all.count(kind)) counts.push_back(fmt::format("{} {}", n, to_string(kind)));
      for (const auto& c : all.changes)
        if (c.kind == kind && kind != ChangeKind::unchanged) rows.push_back(change_row(c));
    }
    print_out("{} ({}) → {} ({}), {}: {}\n{}", one_line(before), a.format, one_line(after), b.format, all.program,
              fmt::join(counts, ", "), aligned(rows));
  }
  return all.count(ChangeKind::regressed) ? kClaimNotMet : kOk;
}

void add_import(CLI::App& root, Context& context) {
  auto& import = *root.add_subcommand("import", "Results of other programs");
  import.require_subcommand(1)->fallthrough();
  import.footer("Example:\n  aisp import results all_reduce.txt");
  const auto files = std::make_shared<std::vector<std::string>>();
  auto* command = add_command(import, context, "results",
                              "What nccl-tests, nvbandwidth, nvbench or Google Benchmark measured, as a table",
                              "aisp import results all_reduce.txt nvbench.json\n  aisp bench compare-runs before.json "
                              "after.json     two of them",
                              [&context, files] { return import_results(context, *files); });
  command->add_option("files", *files, "Output of those programs: text, JSON, CSV or Markdown; the content says whose")
      ->required()
      ->type_name("FILE");
}

}  // namespace aisp::app
