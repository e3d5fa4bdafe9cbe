#include "app/history.hpp"

#include "app/names.hpp"
#include "app/print.hpp"
#include "app/terminal.hpp"
#include "record/store_error.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace aisp::app {
namespace {

constexpr int kWorthTelling = 200;  // runs; fewer are taken up in a moment

std::vector<std::string> bring_up_to_date(record::History& history, const std::filesystem::path& home) {
  auto synced = history.sync(record::RunStore(home), false, history_progress);
  for (const auto& line : synced.unreadable) print_err("{}\n", one_line(line));
  return std::move(synced.saved);
}

// The file where this user may write it, else a copy of it.
record::History for_reading(const std::filesystem::path& home) {
  const auto file = record::History::file(home);
  const bool there = ::access(file.c_str(), F_OK) == 0;
  const bool ours = ::access(home.c_str(), W_OK) == 0 && (!there || ::access(file.c_str(), W_OK) == 0);
  return ours ? record::History::open(home) : there ? record::History::copy(home) : record::History::in_memory();
}

}  // namespace

void history_progress(int done, int all) {
  if (all < kWorthTelling) return;
  if (stderr_is_terminal())
    print_err("\rhistory: {} of {} runs{}", done, all, done == all ? "\n" : "");
  else if (done == all)
    print_err("history: took up {} runs\n", all);
}

void with_history(const Context& context, const ReadHistory& read) {
  std::error_code error;
  const bool any = std::filesystem::exists(context.artifacts, error);  // a question makes no folder
  if (any) try {
      auto history = for_reading(context.artifacts);
      return read(history, bring_up_to_date(history, context.artifacts));
    } catch (const record::StoreError& failure) {
      print_err("note: the history is not used: {}; `aisp bench history --rebuild` makes a new one\n",
                one_line(failure.what()));
    }
  auto history = record::History::in_memory();
  read(history, bring_up_to_date(history, context.artifacts));
}

HistoryWriter::HistoryWriter(const Context& context, const record::Run& run) : home_(context.artifacts) {
  attempt([&] {
    run_ = stored(record::RunStore(context.artifacts).load(run.path().string()));  // of a resumed run, what it has
  });
}

void HistoryWriter::add(const model::TargetEvidence& evidence, const model::TargetVerdict& verdict) {
  std::erase_if(run_.targets, [&](const auto& t) { return t.target == evidence.target; });
  run_.targets.push_back(record::stored(evidence, &verdict));
  run_.summary = record::summarise(run_.targets);
  put();
}

void HistoryWriter::end(const record::Run& run) {
  run_.finished = run.manifest().finished;
  run_.interrupted = run.manifest().interrupted;
  run_.publishable = run.manifest().publishable;
  put();
}

void HistoryWriter::put() {
  attempt([&] {
    if (!history_) history_.emplace(record::History::open(home_));
    history_->put(run_);
  });
}

void HistoryWriter::attempt(const std::function<void()>& act) {
  if (given_up_) return;
  try {
    act();
  } catch (const record::StoreError& failure) {
    given_up_ = true;
    print_err("note: this run is not recorded in the history: {}\n", one_line(failure.what()));
  }
}

}  // namespace aisp::app
