#include "app/commands/commands.hpp"

namespace aisp::app {

void add_commands(CLI::App& root, Context& context) {
  auto& bench = *root.add_subcommand("bench", "Run and examine benchmarks");
  bench.require_subcommand(1)->fallthrough();
  bench.footer("Example:\n  aisp bench run --targets ch07");
  add_bench_list(bench, context);
  add_list_kernels(bench, context);
  add_bench_run(bench, context);
  add_bench_verify(bench, context);
  add_bench_audit(bench, context);
  add_bench_quarantine(bench, context);
  add_bench_reports(bench, context);
  add_bench_newest(bench, context);
  add_bench_history(bench, context);
  add_bench_expectations(bench, context);
  add_judge_file(root, context);
  add_calibrate(root, context);
  add_bench_peak(bench, context);
  add_profile(root, context);
  add_explain(root, context);
  add_roofline(root, context);
  add_import(root, context);
  add_utils(root, context);
  add_system(root, context);
  add_triage(root, context);
  add_validity(root, context);
  add_clean_version(root, context);
}

}  // namespace aisp::app
