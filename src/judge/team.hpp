// The workers of one variant: one, or one a rank, which begin every command together.
#pragma once

#include "judge/arena.hpp"
#include "judge/wire_switch.hpp"
#include "judge/worker.hpp"

#include <memory>
#include <string>
#include <vector>

namespace aisp::judge {

class Team {
 public:
  // One worker for each startup. Those of several ranks are lent the parts of a ShardedArena and share a wire.
  Team(const std::vector<Startup>&, const Arena&, WorkerOptions);

  // Gives all of them one command and waits for the last answer; the time is that from the common start to there. The
  // report is that of a single worker; of ranks, what is said of it at report_of(). Throws as Worker::command does;
  // what fails in one rank ends them all.
  Worker::Done command(Op, std::int32_t first = 0, std::int32_t count = 0);
  // CUDA, where a variant is one worker: see Worker.
  Worker& single() { return *workers_.front(); }

  // Stops all of them, wherever they are, and returns when they stand still; lets them go on.
  void stop();
  void signal(int) const;

  std::vector<model::Protection> protections() const;  // absent when one of them lacks it
  std::vector<Usage> usage() const;                    // of each
  double cpu_seconds() const;                          // of all
  std::int64_t executable_bytes() const;
  model::CodeCheck compare_code() const;
  std::vector<model::Refusal> refusals() const;
  WireSwitch* wire() { return switch_.get(); }  // null: not ranks
  void kill();

 private:
  Worker::Done together(Op, std::int32_t first, std::int32_t count);
  std::string name_of(std::size_t i) const { return "rank " + std::to_string(i); }
  [[noreturn]] void fail(std::size_t i, const WorkerFailure&);

  WorkerOptions options_;
  std::unique_ptr<WireSwitch> switch_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace aisp::judge
