// The workers of one variant: one, or one a rank, which begin every command together. They stand, stopped, whenever
// they have no command, so whatever lies in their memory then waits for the judge's clock:
//
//   they stand → the command is posted → the clock starts → they go on → they say that it is done → they stand
//
// For a batch of calls the clock runs until they stand again. Between "inputs are there" and "the clock runs" there is
// no moment that is theirs. docs/validity.md argues it step by step; tests/unit/turn_model_test.cpp tries every
// interleaving of a model.
#pragma once

#include "judge/arena.hpp"
#include "judge/wire_switch.hpp"
#include "judge/worker.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace aisp::judge {

// From the release of a command, on the judge's clock.
struct Span {
  double seconds = 0;           // until they stood again
  double answered_seconds = 0;  // until the last said that it was done
  double cpu_seconds = 0;       // CPU time of all of them, while they did not stand
};

class Team {
 public:
  // One worker for each startup. Those of several ranks are lent the parts of a ShardedArena and share a wire.
  Team(const std::vector<Startup>&, const Arena&, WorkerOptions);
  Team(const Startup&, const LentMemory&, WorkerOptions);  // a worker alone

  struct Done {
    Span span;
    Report report;  // of several ranks: the longest time, the sum of heaps, the first arithmetic that is not as it was
  };
  // Gives all of them one command and takes their reports. `calls`: how many calls, of a batch that is not timed.
  // Throws WorkerFailure when one gives no answer, or a bad one, or its variant reported an error, which ends them all;
  // Interrupted when the user asked to stop.
  Done command(Op, std::int32_t first = 0, std::int32_t count = 0, int calls = 0);

  // A batch of `calls` calls, going round the slots [first, first + count). On the CPU they are stopped the moment that
  // the last call is done, before anything that they report is read: report() fetches that. `complete` puts in what the
  // inputs still lack, once the clock runs.
  Span run(std::int32_t first, std::int32_t count, int calls, const std::function<void()>& complete = {});
  Report report();

  // CUDA, where a variant is one worker. Has the calls queued behind the closed gate. A variant that waits for its own
  // work would wait for ever: after kGatePatience the gate is opened. Returns whether it had to be.
  bool enqueue(std::int32_t first, std::int32_t count, int calls);
  // Gives the device back to the queued work, which goes on waiting; then starts the clock, lets it begin and waits
  // until the device says that it is done. The worker stands all the while, unless that takes long: then something may
  // be wrong, which it can say.
  void unlock_gate() { workers_.front()->open_gate(kGateUnlocked); }
  Span open_gate();

  const char* held_by() const { return workers_.front()->held_by(); }
  // CPU time that they used although they stood, since the last command; 0 unless the stop did not hold.
  double restless_cpu_seconds() const { return restless_; }

  std::vector<model::Protection> protections() const;  // absent when one of them lacks it
  std::vector<Usage> usage() const;                    // of each
  std::int64_t executable_bytes() const;
  model::CodeCheck compare_code() const;
  std::vector<model::Refusal> refusals() const;
  WireSwitch* wire() { return switch_.get(); }         // null: not ranks
  int pid() const { return workers_.front()->pid(); }  // of the first
  void kill();

 private:
  using IsDone = std::function<bool(const Worker&)>;
  using Meanwhile = std::function<void(std::int64_t now)>;
  void settle_in();
  void post(Op, std::int32_t first, std::int32_t count, int calls);
  void release(const std::function<void()>& complete = {});
  void await(const IsDone&, const Meanwhile& = {});
  void await_calls(int calls, const Meanwhile& = {});
  void await_reports(int calls, const Meanwhile& = {});
  void stop();
  Report take();
  void each(const std::function<void(Worker&)>&);
  [[noreturn]] void fail(std::size_t i, const WorkerFailure&);

  WorkerOptions options_;
  std::unique_ptr<WireSwitch> switch_;
  std::vector<std::unique_ptr<Worker>> workers_;
  bool on_device_ = false;
  // What report() still has to do: close a batch that is done; ask for what the device has done.
  bool open_ = false, unasked_ = false;
  std::uint32_t enqueued_ = 0;  // the command
  std::int64_t started_ = 0, answered_ = 0;
  int allowed_ = 0;          // calls of the batch so far
  std::vector<double> cpu_;  // of each, as it stood last
  double restless_ = 0;
  Span span_;
};

// Lists the variants of a plugin by asking a sandboxed worker. Throws WorkerFailure.
std::vector<PluginVariant> describe_plugin(const std::string& plugin, const WorkerOptions&, const std::string& scratch);

}  // namespace aisp::judge
