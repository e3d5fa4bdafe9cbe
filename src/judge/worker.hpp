// The judge's handle on one worker process: start it, command it, account for it, end it.
#pragma once

#include "judge/freezer.hpp"
#include "judge/memory.hpp"
#include "judge/observer.hpp"
#include "judge/protocol.hpp"
#include "model/evidence.hpp"

#include <signal.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aisp::judge {

// Why a worker is of no more use. `status` is never ok.
struct WorkerFailure : std::runtime_error {
  WorkerFailure(model::Status s, const std::string& why, std::vector<model::Refusal> refused = {})
      : std::runtime_error(why), status(s), refusals(std::move(refused)) {}
  model::Status status;
  std::vector<model::Refusal> refusals;  // what the sandbox had refused by then
};

struct NotStopped : WorkerFailure {
  NotStopped(double s, const WorkerFailure& e) : WorkerFailure(e), seconds(s) {}
  double seconds;
};

struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error("interrupted") {}
};

// What the kernel accounts to a process.
struct Usage {
  double cpu_seconds = 0;
  std::int64_t minor_faults = 0, major_faults = 0, voluntary_switches = 0, involuntary_switches = 0;
  std::int64_t threads = 0, peak_rss_bytes = 0;
  std::int64_t nice = 0, tracer = 0;  // tracer: process id, 0 = none
  std::vector<int> cpus;              // where it may run
};

struct WorkerOptions {
  std::string executable;  // aisp-worker
  double timeout = 30;     // seconds one command may take
  const std::atomic<bool>* interrupted = nullptr;
  std::vector<std::string> environment = {};  // NAME=VALUE beyond what every worker has; beats what every worker has
  std::string output = {};                    // a file to append what it printed to; "" = that is dropped
};

class Worker {
 public:
  // Spawns the process; `lent` is what it may read and write, `wire` the socket of a rank, else null. Throws
  // std::system_error.
  Worker(const Startup&, const LentMemory& lent, WorkerOptions, Fd* wire = nullptr);
  ~Worker();  // kills it with all its children
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Puts the next command into the judge's page. `calls`: how many of a batch it may make for now.
  void post(Op, std::int32_t first, std::int32_t count, std::uint32_t calls);
  void allow(std::uint32_t calls);  // so many of the batch from now on; kClosed: those were all
  void open_gate(std::uint32_t steps) { judge_.command.gate.fetch_add(steps, std::memory_order_release); }

  void halt() const;   // asks all its threads to stop
  void go_on() const;  // lets them go on
  const char* held_by() const { return freezer_ ? "cgroup freezer" : "SIGSTOP"; }
  bool stands();                       // all its threads are stopped
  bool threads_stand() const;          // the same by /proc, where it is traced and so no stop is reported to its parent
  double settled_cpu_seconds() const;  // of a process that stands: once its last thread has left the CPU

  bool answered() const { return page_.sequence.load(std::memory_order_acquire) == sequence_; }
  bool made(std::uint32_t calls) const {
    return page_.mark.load(std::memory_order_acquire) == mark_of(sequence_, calls);
  }
  std::uint32_t sequence() const { return sequence_; }  // of the last command
  bool device_done(std::uint32_t enqueued) const {
    return page_.device_done.load(std::memory_order_acquire) == enqueued;
  }
  std::uint32_t bell() const { return page_.bell.load(std::memory_order_acquire); }
  void wait_a_moment(std::uint32_t bell) const;  // until it rings again, or for a while
  void check_alive();
  Report take();  // the answer, which is there. Throws WorkerFailure when it is a bad one, or reports an error
  [[noreturn]] void fail(model::Status, const std::string& why);

  int pid() const { return pid_; }
  Usage usage() const;
  double cpu_seconds() const;
  void observe();  // once it takes commands, before its plugin is loaded
  const Observer& observer() const { return observer_; }
  const std::vector<model::Refusal>& refusals() const { return refusals_; }
  std::vector<model::Protection> protections() const { return protections_; }
  void kill();

 private:
  void spawn(const LentMemory&, const Fd* wire);
  void receive_descriptors();
  [[noreturn]] void fail_dead();
  std::string last_output_line() const;
  void keep_output() const;

  WorkerOptions options_;
  SharedMemory judge_page_, worker_page_;
  JudgePage& judge_;
  WorkerPage& page_;
  Fd pidfd_, control_, refusal_fd_;
  int pid_ = -1;
  std::optional<Freezer> freezer_;  // of a worker on the CPU, where there may be one
  std::uint32_t sequence_ = 0;
  Asked asked_;  // of the command that is posted
  bool census_;
  std::vector<model::Refusal> refusals_;
  std::vector<model::Protection> protections_;
  Fd maps_, memory_;  // for the observer, until there is one
  Observer observer_;
};

inline constexpr std::int64_t kHouseKeepingNs = 1'000'000;  // between looks at a worker's health while waiting for it
std::string text_of(double seconds);                        // "2.5"

}  // namespace aisp::judge
