// What every command shares: the context that parsing fills, the way to declare a command, and usage errors.
#pragma once

#include "record/paths.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::app {

// Exit codes of cli.md.
inline constexpr int kOk = 0, kClaimNotMet = 1, kUsage = 2, kWrongOutput = 3, kViolation = 4, kUnstable = 5, kCrash = 6;

// Bad input: one line that says what is wrong and what would be right. Ends in exit code 2, nothing written.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Context {
  bool json = false;                             // one JSON document on stdout and nothing else there
  std::filesystem::path artifacts{"artifacts"};  // where runs and history live
  record::Paths paths = record::Paths::of_this_binary();
  std::vector<std::string> command_line;  // as typed, for the manifest
  std::function<int()> action;            // what the chosen command does; returns its exit code
};

// Adds a command with --json, --help and an example; `action` runs after parsing when the command was chosen.
CLI::App* add_command(CLI::App& parent, Context&, const std::string& name, const std::string& about,
                      const std::string& example, std::function<int()> action);
// Adds --artifacts-dir to a command that reads or writes runs.
void add_artifacts_option(CLI::App& command, Context&);

// A CLI11 check: the value is one of `allowed`, else an error that names the nearest one.
CLI::Validator one_of(std::string kind, std::vector<std::string> allowed);
// A number from `least` to `most`: unlike CLI::Range, not NaN.
CLI::Validator number_between(double least, double most);

// The environment variables that set a default: each beats the configuration file and yields to a flag.
inline constexpr const char* kFastBench = "AISP_FAST_BENCH";
inline constexpr const char* kAllowVirtualization = "AISP_ALLOW_VIRTUALIZATION";
inline constexpr const char* kHome = "AISP_HOME";
// The scale when no flag names one: AISP_FAST_BENCH, else light. Throws UsageError when the variable is neither 0
// nor 1.
std::string default_scale();

// Parses, runs the command, and turns every error into one line on stderr and its exit code.
int run(int argc, char** argv);

}  // namespace aisp::app
