// A run: targets judged one after the other, saved after each, and one table at the end. `bench run` and `judge` are
// both runs.
#pragma once

#include "analysis/expectations.hpp"
#include "app/options.hpp"
#include "app/session.hpp"
#include "app/workloads.hpp"
#include "judge/judge.hpp"
#include "record/run_store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace aisp::app {

struct Entry {  // one target of a run
  std::string target;
  std::string workload_library;
  std::string device;  // "cpu" | "cuda"
  std::vector<judge::Contestant> contestants;
  std::string own = {};  // which of them is a user's file, that never runs outside of the sandbox; "" = none
};

struct SuiteOutcome {
  std::vector<model::TargetVerdict> verdicts;  // in the order of the run, those from before a resumption included
  bool interrupted = false;
  bool resumable = false;
  bool publishable = false;
  std::vector<std::string> reasons;                        // why it is not
  std::vector<analysis::TargetExpectations> expectations;  // filled in by `bench run`
  int exit_code = 0;  // the worst of all targets; of the environment under --publish and --strict
};

struct SuiteOptions {
  judge::Settings settings;
  bool announce = true;   // one plain line on stderr for each target where there is no terminal
  bool resumable = true;  // an interrupted run can be continued from its manifest alone
  // Looks at evidence before it is saved; may throw to give the run up.
  std::function<void(const model::TargetEvidence&)> inspect;
};

// Judges what `run` has not completed yet. Rows go to stdout as targets finish unless `context.json`.
SuiteOutcome run_suite(const Context&, Session&, record::Run&, const std::vector<Entry>&, const SuiteOptions&);

// The closing table and line, or the JSON document.
void print_outcome(const Context&, const record::Run&, const SuiteOutcome&, const std::string& next);

// A target that could not even be declared, as evidence.
model::TargetEvidence failed_target(const std::string& target, const std::string& device, const std::string& scale,
                                    const std::string& error);

}  // namespace aisp::app
