// What `bench run` does about expectations: reads the files beside the chapters, compares, and updates when asked.
#pragma once

#include "app/suite.hpp"
#include "record/expectations.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace aisp::app {

struct ExpectationOptions {
  bool update = false;
  analysis::UpdateRules rules;
  std::filesystem::path folder;  // "" = beside the chapters
};

void add_expectation_options(CLI::App& command, ExpectationOptions&);
void add_expectations_dir(CLI::App& command, std::filesystem::path& folder);
// For commands that only read: throws UsageError when that folder was named and is not there.
void require_expectations_dir(const std::filesystem::path& given);
void check(const ExpectationOptions&);  // throws UsageError for rules of an update that was not asked for

// Where a chapter's expectations lie.
std::filesystem::path expectations_folder(const Context&, const std::filesystem::path& given,
                                          const std::string& chapter);

// The files that concern a run, read before anything is measured, so that a damaged one costs nothing but a line.
// While the run holds its devices nobody else updates them.
class ExpectationFiles {
 public:
  // Throws StoreError for a damaged file and, before an update, for a folder that cannot be written to.
  ExpectationFiles(const Context&, const ExpectationOptions&, const record::Manifest&, const std::vector<Entry>&);

  // The same for a run that is stored.
  ExpectationFiles(const Context&, const ExpectationOptions&, const record::RunData&);

  // Compares what a run's finished targets measured, and writes what may be updated.
  std::vector<analysis::TargetExpectations> settle(const record::RunData&);
  // For the run that has just ended: also leaves expectations.json in its folder, and makes a failed expectation part
  // of the exit code.
  void settle(const Context&, record::Run&, SuiteOutcome&);

 private:
  struct File {
    std::filesystem::path folder;
    record::Expectations content;
    bool exists = false;
  };
  void read(const Context&, const record::Manifest&, const std::string& target, const std::string& device);
  void require_writable_when_updated() const;
  // Of a target's chapter on the hardware that `device` stands for.
  std::pair<std::string, std::string> place(const std::string& target, const std::string& device) const;

  ExpectationOptions options_;
  std::map<std::string, std::string> keys_;  // by device
  std::map<std::pair<std::string, std::string>, File> files_;
};

}  // namespace aisp::app
