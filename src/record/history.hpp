// <home>/history.db: what every run found, in SQLite. Runs are recorded while they go on and stay when `clean` removes
// their folders. The folders are the truth: the history takes up what they hold and it does not yet have, and could be
// made from them again at any time.
//
// A file that is damaged, of a newer aisp or of another program throws StoreError with one line; nothing here is needed
// for a run to be saved.
#pragma once

#include "record/run_store.hpp"
#include "record/sqlite.hpp"
#include "record/stored_run.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace aisp::record {

struct HistoryPoint {  // a variant's result in one run
  std::string run, host, gpu, commit;
  StoredTarget target;  // without its variants
  StoredVariant variant;
};

class History {
 public:
  // Makes the file when there is none and brings an older one up to date.
  static History open(const std::filesystem::path& home);
  static History in_memory();  // for where no file can be
  // What the file holds, in memory: for whom may read the file and not write it.
  static History copy(const std::filesystem::path& home);
  static std::filesystem::path file(const std::filesystem::path& home) { return home / "history.db"; }
  // Moves a file that cannot be used out of the way; returns its new name, "" when it can be used or is not there.
  static std::filesystem::path set_aside(const std::filesystem::path& home);

  // Replaces what is known of that run. On the disk when it returns.
  void put(const StoredRun&);

  struct Synced {
    int taken_up = 0;                     // runs
    std::vector<std::string> saved;       // ids of those whose folders are there, in order
    std::vector<std::string> unreadable;  // a line each
  };
  // Takes up the runs whose folders are new or changed, or all of them. `progress` learns how many of how many are
  // done.
  Synced sync(const RunStore&, bool all = false, const std::function<void(int, int)>& progress = {});

  std::vector<StoredRun> runs();  // without their targets, oldest first
  std::vector<StoredRun> runs_with_targets();
  // Results of the targets that fit (a name, a chapter, a glob; "" = all), oldest first.
  std::vector<HistoryPoint> points(const std::string& pattern);

 private:
  explicit History(const std::filesystem::path& file);
  void write(const StoredRun&, const std::string& stamp);
  Database db_;
};

}  // namespace aisp::record
