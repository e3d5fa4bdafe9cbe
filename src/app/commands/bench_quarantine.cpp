// aisp bench quarantine-report: variants that broke a rule and have not run clean since.
#include "analysis/markdown.hpp"
#include "app/commands/commands.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "record/quarantine.hpp"

#include <fmt/format.h>

#include <memory>

namespace aisp::app {
namespace {

std::string markdown(const record::Quarantine& quarantine) {
  std::vector<analysis::Cells> rows;
  for (const auto& q : quarantine.variants)
    rows.push_back({analysis::markdown_escaped(q.target), analysis::markdown_escaped(q.variant), q.device,
                    analysis::markdown_escaped(q.issue), analysis::markdown_escaped(q.seen), q.since,
                    analysis::markdown_escaped(q.run), std::to_string(q.runs)});
  std::string text = "# Quarantine\n\n";
  if (rows.empty()) return text + "Empty: no variant broke a rule in its last run.\n";
  text += analysis::markdown_table({"target", "variant", "device", "issue", "seen", "since", "evidence in run", "runs"},
                                   rows, "lllllllr");
  return text +
         "A variant leaves by a run in which it is right and breaks no rule: `aisp bench run --targets TARGET`.\n"
         "What an issue is: `aisp validity show ISSUE`. The evidence: `aisp bench audit RUN`.\n";
}

int report(const Context& context, const std::string& format) {
  const auto quarantine = record::load_quarantine(context.artifacts);
  if (context.json || format == "json")
    print_out("{}", record::to_json(quarantine));
  else
    print_out("{}", markdown(quarantine));
  return kOk;
}

}  // namespace

void add_bench_quarantine(CLI::App& bench, Context& context) {
  const auto format = std::make_shared<std::string>("markdown");
  auto* command = add_command(
      bench, context, "quarantine-report", "Variants that broke a rule and have not run clean since",
      "aisp bench quarantine-report --format markdown", [&context, format] { return report(context, *format); });
  command->add_option("--format", *format, "How it is written")->check(one_of("format", {"markdown", "json"}));
  add_artifacts_option(*command, context);
}

}  // namespace aisp::app
