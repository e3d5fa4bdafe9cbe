#include "app/expectations.hpp"

#include "analysis/verdict.hpp"
#include "app/names.hpp"
#include "record/store_error.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace aisp::app {
namespace fs = std::filesystem;
namespace {

std::string chapter_of(const std::string& target) { return target.substr(0, target.find(':')); }

// Makes the folder where there is none.
void require_writable(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && ::access(folder.c_str(), W_OK | X_OK) != 0) error = {errno, std::generic_category()};
  if (error)
    throw record::StoreError(fmt::format("cannot write expectations to {}: {}; choose a folder with --expectations-dir",
                                         folder.string(), error.message()));
}

}  // namespace

void add_expectations_dir(CLI::App& command, fs::path& folder) {
  command.add_option("--expectations-dir", folder, "Where expectations lie (default: beside the chapters)")
      ->type_name("DIR");
}

void add_expectation_options(CLI::App& command, ExpectationOptions& o) {
  command.add_flag("--update-expectations", o.update, "Expect from now on what this run measures, where it is better");
  command.add_flag("--accept-regressions", o.rules.accept_regressions,
                   "With --update-expectations: also where it is worse");
  command.add_flag("--mixed-provenance", o.rules.mixed_provenance,
                   "With --update-expectations: beside figures of another driver or CUDA");
  add_expectations_dir(command, o.folder);
}

void check(const ExpectationOptions& o) {
  if (o.update) return;
  if (o.rules.accept_regressions) throw UsageError("--accept-regressions goes with --update-expectations");
  if (o.rules.mixed_provenance) throw UsageError("--mixed-provenance goes with --update-expectations");
}

void require_expectations_dir(const fs::path& given) {
  std::error_code error;
  if (!given.empty() && !fs::is_directory(given, error))
    throw UsageError(fmt::format("--expectations-dir: no folder {}", one_line(given.string())));
}

fs::path expectations_folder(const Context& context, const fs::path& given, const std::string& chapter) {
  return given.empty() ? context.paths.chapter(chapter) : given / chapter;
}

ExpectationFiles::ExpectationFiles(const Context& context, const ExpectationOptions& options,
                                   const record::Manifest& manifest, const std::vector<Entry>& entries)
    : options_(options) {
  for (const auto& entry : entries) read(context, manifest, entry.target, entry.device);
  require_writable_when_updated();
}

ExpectationFiles::ExpectationFiles(const Context& context, const ExpectationOptions& options,
                                   const record::RunData& run)
    : options_(options) {
  for (const auto& evidence : run.evidence) read(context, run.manifest, evidence.target, evidence.device);
  require_writable_when_updated();
}

void ExpectationFiles::read(const Context& context, const record::Manifest& manifest, const std::string& target,
                            const std::string& device) {
  keys_.try_emplace(device, analysis::hardware_key(manifest, device));
  const auto at = place(target, device);
  if (files_.contains(at)) return;
  File file{.folder = expectations_folder(context, options_.folder, at.first), .content = {}};
  if (auto loaded = record::load_expectations(file.folder, at.second)) {
    file.content = *std::move(loaded);
    file.exists = true;
  }
  file.content.key = at.second;
  files_.emplace(at, std::move(file));
}

void ExpectationFiles::require_writable_when_updated() const {
  if (!options_.update) return;
  for (const auto& [at, file] : files_) require_writable(file.folder);
}

std::pair<std::string, std::string> ExpectationFiles::place(const std::string& target,
                                                            const std::string& device) const {
  return {chapter_of(target), keys_.at(device)};
}

std::vector<analysis::TargetExpectations> ExpectationFiles::settle(const record::RunData& data) {
  std::vector<analysis::TargetExpectations> all;
  for (const auto& evidence : data.evidence) {
    const auto* verdict = data.verdict_of(evidence.target);
    if (!verdict) continue;
    const auto& file = files_.at(place(evidence.target, evidence.device));
    all.push_back({.target = evidence.target,
                   .device = evidence.device,
                   .scale = evidence.scale,
                   .hardware = file.content.key,
                   .known = file.exists,
                   .variants = analysis::compare(file.content.find(evidence.target, evidence.device, evidence.scale),
                                                 evidence, *verdict),
                   .why = {}});
  }
  if (options_.update)
    for (auto& [at, file] : files_) {
      std::vector<analysis::TargetExpectations*> here;
      for (auto& t : all)
        if (place(t.target, t.device) == at) here.push_back(&t);
      if (analysis::update(file.content, here, data, options_.rules))
        record::save_expectations(file.folder, file.content);
    }
  return all;
}

void ExpectationFiles::settle(const Context& context, record::Run& run, SuiteOutcome& outcome) {
  const auto data = record::RunStore(context.artifacts).load(run.path().string());
  const auto& all = outcome.expectations = settle(data);
  const bool any = std::any_of(all.begin(), all.end(), [](const auto& t) { return t.known; });
  if (any || options_.update) run.save_expectations(analysis::expectations_json(data.manifest.run, all));
  for (const auto& t : all)
    if (t.failed()) outcome.exit_code = analysis::worst_exit_code(outcome.exit_code, kClaimNotMet);
}

}  // namespace aisp::app
