// The history as commands use it: brought up to date with the folders first, and never a reason to fail.
#pragma once

#include "app/options.hpp"
#include "record/history.hpp"

#include <functional>
#include <optional>

namespace aisp::app {

// Runs `read` on the history, which has taken up every run that it lacked; folders that cannot be read are named on
// stderr. When the file cannot be used, that is said there too, and the history is made from the folders in memory.
// `read` may be called twice; what it prints it prints at its end. It also learns which runs' folders are there, in
// order.
using ReadHistory = std::function<void(record::History&, const std::vector<std::string>& saved)>;
void with_history(const Context&, const ReadHistory& read);

// For History::sync(): tells of work that takes its time.
void history_progress(int done, int all);

// Records a run as it goes on, and opens the history only then. The first failure is told on stderr and is the end of
// it.
class HistoryWriter {
 public:
  HistoryWriter(const Context&, const record::Run&);
  void add(const model::TargetEvidence&, const model::TargetVerdict&);  // saved just now
  void end(const record::Run&);                                         // finished or suspended

 private:
  void attempt(const std::function<void()>&);
  void put();
  std::filesystem::path home_;
  bool given_up_ = false;
  std::optional<record::History> history_;
  record::StoredRun run_;
};

}  // namespace aisp::app
