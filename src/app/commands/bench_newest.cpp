// aisp bench analyze, verify-report: the newest result of every target against what is expected, and how it was
// verified.
#include "analysis/columns.hpp"
#include "analysis/expectations.hpp"
#include "analysis/flat.hpp"
#include "analysis/gpu_table.hpp"
#include "analysis/table.hpp"
#include "app/commands/commands.hpp"
#include "app/expectations.hpp"
#include "app/names.hpp"
#include "app/newest_results.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "app/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>

namespace aisp::app {
namespace {

// ---------------------------------------------------------------------------------------------------------- analyze

struct Analyzed {
  std::string target, device, scale, hardware, run;
  bool expected = false;  // the chapter has a file for this hardware
  std::vector<analysis::Met> variants;
};

std::vector<Analyzed> analyzed(const Context& context, const std::filesystem::path& folder) {
  std::map<std::pair<std::string, std::string>, std::optional<record::Expectations>> files;  // by chapter and hardware
  std::vector<Analyzed> all;
  for (const auto& [run, targets] : newest_results(context))
    for (const auto& target : targets) {
      const auto& e = *run.evidence_of(target);
      const auto chapter = target.substr(0, target.find(':'));
      const auto key = analysis::hardware_key(run.manifest, e.device);
      const auto [file, first] = files.try_emplace({chapter, key});
      if (first) file->second = record::load_expectations(expectations_folder(context, folder, chapter), key);
      const auto* expected = file->second ? file->second->find(target, e.device, e.scale) : nullptr;
      all.push_back({target, e.device, e.scale, key, run.manifest.run, file->second.has_value(),
                     analysis::compare(expected, e, *run.verdict_of(target))});
    }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.target < b.target; });
  return all;
}

using Rows = std::vector<analysis::Cells>;

// `text` yields the cells of a row, from each variant but the baselines that are as expected.
template <class Text> Rows rows_of(const std::vector<Analyzed>& all, const Text& text) {
  Rows rows;
  for (const auto& a : all)
    for (const auto& m : a.variants)
      if (m.variant != "baseline" || m.outcome == analysis::Outcome::regressed) rows.push_back(text(a, m));
  return rows;
}

Json analyzed_json(const std::vector<Analyzed>& all) {
  Json document = Json::array();
  for (const auto& a : all) {
    Json variants = Json::array();
    for (const auto& m : a.variants)
      variants.push_back({{"variant", m.variant},
                          {"peer", m.peer},
                          {"outcome", to_string(m.outcome)},
                          {"expected", m.expected},
                          {"measured", m.measured},
                          {"why", m.why}});
    document.push_back({{"target", a.target},
                        {"device", a.device},
                        {"scale", a.scale},
                        {"hardware", a.hardware},
                        {"run", a.run},
                        {"expectations", a.expected},
                        {"variants", std::move(variants)}});
  }
  return document;
}

// Aligned, without the columns that a narrow terminal has no room for, the least telling first.
std::string fitted(Rows rows, int width) {
  for (const char* column : {"run", "hardware", "scale", "expected"}) {
    const auto text = analysis::columns(rows, std::numeric_limits<int>::max());
    if (analysis::display_width(text.substr(0, text.find('\n'))) <= width) break;
    const auto at = std::find(rows.front().begin(), rows.front().end(), column) - rows.front().begin();
    for (auto& row : rows) row.erase(row.begin() + at);
  }
  return aligned(rows);
}

int analyze(const Context& context, const std::filesystem::path& folder, const std::string& format) {
  if (context.json && !format.empty()) throw UsageError("--json and --format exclude each other");
  require_expectations_dir(folder);
  const auto all = analyzed(context, folder);
  const analysis::Cells header{"target",   "variant", "scale", "hardware", "expected",
                               "measured", "outcome", "run",   "why"};
  const auto plain = [](double x) { return x > 0 ? fmt::format("{:.6g}", x) : std::string(); };
  if (context.json) {
    print_json(analyzed_json(all));
  } else if (format == "csv") {
    print_out("{}", analysis::csv_line(header));
    for (const auto& row : rows_of(all, [&](const Analyzed&a, const analysis::Met&m) {
           return analysis::Cells{
               a.target, m.variant, a.scale, a.hardware, plain(m.expected), plain(m.measured), to_string(m.outcome),
               a.run,    m.why};
         }))
      print_out("{}", analysis::csv_line(row));
  } else {
    const bool markdown = format == "md";
    auto rows = rows_of(all, [&](const Analyzed& a, const analysis::Met& m) {
      analysis::Cells row{a.target + (a.expected ? "" : " *"),
                          m.variant + (m.peer ? " (peer)" : ""),
                          a.scale,
                          a.hardware,
                          analysis::format_speedup(m.expected),
                          analysis::format_speedup(m.measured),
                          to_string(m.outcome),
                          a.run,
                          m.why};
      for (auto& cell : row) cell = markdown ? analysis::markdown_escaped(cell) : one_line(cell);
      return row;
    });
    if (markdown) {
      print_out("{}", analysis::markdown_table(header, rows, "llllrrlll"));
    } else if (!rows.empty()) {
      rows.insert(rows.begin(), header);
      print_out("{}", fitted(std::move(rows), stdout_columns()));
    } else {
      print_out("no results in {}; aisp bench run makes some\n", context.artifacts.string());
    }
    if (std::any_of(all.begin(), all.end(), [](const auto& a) { return !a.expected; }))
      print_out("{}* nothing is expected of this chapter on that hardware\n", markdown ? "\n\\" : "");
  }
  const bool failed = std::any_of(all.begin(), all.end(), [](const auto& a) {
    return std::any_of(a.variants.begin(), a.variants.end(), [](const auto& m) { return m.failed(); });
  });
  return failed ? kClaimNotMet : kOk;
}

// ---------------------------------------------------------------------------------------------------- verify-report

// "H100" means every kind of it; one that is not in the table is compared as text.
bool is_gpu(const std::string& name, const std::string& asked) {
  const auto *a = analysis::find_gpu(name), *b = analysis::find_gpu(asked);
  return a && b ? a == b : name.find(asked) != std::string::npos;
}

int verify_report(const Context& context, const std::string& gpu, const std::string& format) {
  Json document = Json::array();
  Rows rows;
  std::set<std::string> gpus;
  for (const auto& [run, targets] : newest_results(context))
    for (const auto& target : targets) {
      const auto& e = *run.evidence_of(target);
      const auto& verdict = *run.verdict_of(target);
      const auto hardware = hardware_name(run, e);
      if (e.device == "cuda") gpus.insert(hardware);
      if (!gpu.empty() && (e.device != "cuda" || !is_gpu(hardware, gpu))) continue;
      for (const auto& v : e.variants) {
        const auto& seen = v.verification;
        std::vector<std::string> violations;
        for (const auto& x : verdict.violations)
          if (x.variant == v.name) violations.push_back(x.issue);
        document.push_back({{"target", target},
                            {"variant", v.name},
                            {"scale", e.scale},
                            {"hardware", hardware},
                            {"run", run.manifest.run},
                            {"status", model::to_string(v.status)},
                            {"calls", seen.calls},
                            {"wrong_calls", seen.wrong_calls},
                            {"timed_calls", v.timed_calls},
                            {"verified_timed_calls", v.verified_timed_calls},
                            {"max_error", seen.max_error},
                            {"violations", violations}});
        const bool right = v.status == model::Status::ok && seen.calls > 0 && seen.wrong_calls == 0;
        rows.push_back({target, v.name, e.scale, hardware,
                        v.status != model::Status::ok ? model::to_string(v.status)
                        : right                       ? "right"
                                                      : "WRONG",
                        fmt::format("{}", seen.calls), fmt::format("{}/{}", v.verified_timed_calls, v.timed_calls),
                        fmt::format("{:.3g}", seen.max_error), fmt::format("{}", fmt::join(violations, ", ")),
                        run.manifest.run});
      }
    }
  if (rows.empty() && !gpu.empty())
    throw UsageError(fmt::format(
        "no result of '{}' in {}{}", one_line(gpu), context.artifacts.string(),
        gpus.empty() ? "; there is none of any GPU" : fmt::format("; there are results of {}", fmt::join(gpus, ", "))));
  if (context.json || format == "json") {
    print_json(document);
    return kOk;
  }
  for (auto& row : rows)
    for (auto& cell : row) cell = analysis::markdown_escaped(cell);
  print_out("# Verification\n\n");
  if (rows.empty()) {
    print_out("No target was judged yet.\n");
    return kOk;
  }
  print_out("{}", analysis::markdown_table({"target", "variant", "scale", "hardware", "outputs", "calls checked",
                                            "timed calls checked", "worst error / tolerance", "violations", "run"},
                                           rows, "lllllrrrll"));
  print_out("Every timed call is a checked call, or the variant has no speedup. How: docs/verification.md.\n");
  return kOk;
}

}  // namespace

void add_bench_newest(CLI::App& bench, Context& context) {
  struct Analyze {
    std::filesystem::path folder;
    std::string format;
  };
  const auto a = std::make_shared<Analyze>();
  auto* command = add_command(bench, context, "analyze",
                              "The newest result of every target against what is expected; exit 1 on a regression",
                              "aisp bench analyze --artifacts-dir artifacts --format csv > results.csv",
                              [&context, a] { return analyze(context, a->folder, a->format); });
  command->add_option("--format", a->format, "For other programs, or for a page")
      ->check(one_of("format", {"csv", "md"}));
  add_expectations_dir(*command, a->folder);
  add_artifacts_option(*command, context);

  struct Report {
    std::string gpu, format = "markdown";
  };
  const auto r = std::make_shared<Report>();
  command = add_command(bench, context, "verify-report", "How the newest result of every target was verified",
                        "aisp bench verify-report --gpu H100",
                        [&context, r] { return verify_report(context, r->gpu, r->format); });
  command->add_option("--gpu", r->gpu, "Of this GPU only")->type_name("NAME");
  command->add_option("--format", r->format, "How it is written")->check(one_of("format", {"markdown", "json"}));
  add_artifacts_option(*command, context);
}

}  // namespace aisp::app
