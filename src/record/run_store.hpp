// The folder of runs, and one run while it is being written:
//
//   <home>/<run>/manifest.json
//   <home>/<run>/targets/<chapter>_<name>.evidence.json, .verdict.json     ('/' of a chapter becomes '.')
//   <home>/<run>/report.md
//   <home>/<run>/expectations.json        how targets met what this hardware is expected to reach; where there is any
//   <home>/.secrets/<run>                 seeds, mode 0600, until the run is over
//
// Every file is replaced atomically: a crash or a full disk costs at most the document being written. Everything here
// throws StoreError with one line.
#pragma once

#include "record/descriptor.hpp"
#include "record/run_data.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace aisp::record {

// One run, open for writing by this process alone.
class Run {
 public:
  const std::filesystem::path& path() const { return path_; }
  const Manifest& manifest() const { return manifest_; }
  const std::string& seed() const { return seed_; }  // hex, secret
  // Targets that have both evidence that was not interrupted and a verdict.
  const std::set<std::string>& complete() const { return complete_; }

  // Saves what is known so far; may be called again for the same target. Its seed goes to the secret file instead, and
  // an older verdict on that target is removed.
  void save(const model::TargetEvidence&);
  void save(const model::TargetVerdict&);  // its evidence must be saved first
  void save_report(std::string_view markdown);
  void save_expectations(std::string_view json);
  void cite_calibration(const std::string& citation);

  // The run will be continued by resume(): seeds stay secret.
  void suspend();
  // The run is over, all of it or as far as it came before it was interrupted: seeds are written into the evidence and
  // the manifest, the secret file is removed.
  void finish(bool publishable, std::vector<std::string> unpublishable_reasons, bool interrupted = false);

 private:
  friend class RunStore;
  Run(std::filesystem::path home, const std::string& id);
  std::filesystem::path file_of(const std::string& target, const char* kind) const;
  void save_manifest() const;
  void save_secrets() const;
  void load_secrets();

  std::filesystem::path home_, path_;
  Descriptor lock_;  // flock on the run's folder
  Manifest manifest_;
  std::string seed_;
  std::map<std::string, std::string> target_seeds_;
  std::set<std::string> saved_, interrupted_, complete_;
};

struct Cleaned {
  std::vector<std::string> runs;  // ids
  std::uint64_t bytes = 0;
  std::vector<std::string> in_use;  // left alone: being written now
};

struct RunStamp {
  std::string id;
  std::string stamp;  // changes when the run's files do; "" = they may be changing right now
};

class RunStore {
 public:
  explicit RunStore(std::filesystem::path home) : home_(std::move(home)) {}
  // The flag, else AISP_HOME, else artifacts/ in the current folder.
  static std::filesystem::path choose_home(const std::string& flag);
  const std::filesystem::path& home() const { return home_; }

  Run create(Manifest, std::string seed_hex) const;
  // Continues a run that was suspended or died; its settings are in manifest().settings.
  Run resume(const std::string& run) const;

  std::vector<std::string> runs() const;  // ids, oldest first
  std::vector<RunStamp> stamps() const;   // of the same
  // The folder of a run named by id, unique prefix of an id, "latest", or (when it contains a '/') path.
  std::filesystem::path find(const std::string& run) const;
  RunData load(const std::string& run) const;

  // Removes run folders (an id for a name and a manifest.json inside) and their secrets, nothing else.
  Cleaned clean(bool dry_run = false) const;

 private:
  std::filesystem::path home_;
};

bool is_run_id(std::string_view);  // "20261121T054500Z-1a2b"

}  // namespace aisp::record
