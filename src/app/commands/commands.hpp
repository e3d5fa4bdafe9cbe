// Every command of the binary; each function registers one group, in the file of its name.
#pragma once

#include "app/options.hpp"

namespace aisp::app {

void add_commands(CLI::App& root, Context&);  // all of them

void add_bench_list(CLI::App& bench, Context&);          // list-chapters, list-targets
void add_list_kernels(CLI::App& bench, Context&);        // list-kernels
void add_bench_run(CLI::App& bench, Context&);           // run
void add_bench_verify(CLI::App& bench, Context&);        // verify
void add_bench_quarantine(CLI::App& bench, Context&);    // quarantine-report
void add_bench_audit(CLI::App& bench, Context&);         // audit
void add_bench_expectations(CLI::App& bench, Context&);  // expectations
void add_bench_reports(CLI::App& bench, Context&);       // compare-runs, summary, report
void add_bench_newest(CLI::App& bench, Context&);        // analyze, verify-report
void add_bench_history(CLI::App& bench, Context&);       // history
void add_judge_file(CLI::App& root, Context&);           // judge
void add_calibrate(CLI::App& root, Context&);            // calibrate
void add_system(CLI::App& root, Context&);               // system info, env, check
void add_triage(CLI::App& root, Context&);               // triage
void add_clean_version(CLI::App& root, Context&);        // clean, version
void add_bench_peak(CLI::App& bench, Context&);          // theoretical-peak, peak
void add_profile(CLI::App& root, Context&);              // profile
void add_explain(CLI::App& root, Context&);              // explain
void add_roofline(CLI::App& root, Context&);             // roofline
void add_validity(CLI::App& root, Context&);             // validity list, show, prove, overlap
void add_import(CLI::App& root, Context&);               // import results
void add_utils(CLI::App& root, Context&);                // utils: calculators and probes

// `aisp utils --tool NAME [--] ARGS` as `aisp utils NAME ARGS`; other command lines as they are.
std::vector<std::string> with_tool_named(std::vector<std::string> words);

}  // namespace aisp::app
