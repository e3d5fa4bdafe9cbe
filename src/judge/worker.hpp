// The judge's handle on one worker process: start it, command it, account for it, end it.
#pragma once

#include "judge/memory.hpp"
#include "judge/observer.hpp"
#include "judge/protocol.hpp"
#include "model/evidence.hpp"

#include <atomic>
#include <memory>
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

  struct Done {
    double seconds = 0;        // on the judge's clock, from the release of the command to its answer
    bool opened_gate = false;  // enqueue: the gate had to be opened to get an answer
    Report report;
  };
  // Sends one command and waits for its answer. Throws WorkerFailure when there is none, or a bad one, or the variant
  // reported an error; Interrupted when the user asked to stop.
  Done command(Op op, std::int32_t first = 0, std::int32_t count = 0) { return issue(op, first, count); }

  // CUDA: has calls queued behind the closed gate. A variant that waits for its own work would wait for ever: after
  // kGatePatience the gate is opened, and the answer says so.
  Done enqueue(std::int32_t first, std::int32_t count) { return issue(Op::enqueue, first, count); }
  // Gives the device back to the work that an enqueue left behind the gate, which goes on waiting.
  void unlock_gate() { judge_.command.gate.fetch_add(kGateUnlocked, std::memory_order_release); }
  // Lets it begin, once unlocked, and waits until the worker reports it finished.
  Done open_gate() { return issue(Op::wait, 0, 0, true); }

  // command() in steps, for several workers that begin together: each is given the command, then each is let go.
  void load(Op, std::int32_t first, std::int32_t count);
  void release();
  bool answered() const { return page_.sequence.load(std::memory_order_acquire) != sequence_ - 1; }
  void wait_a_moment() const;  // for its answer
  void check_alive();
  Done take(double seconds);  // the answer, which is there
  [[noreturn]] void fail(model::Status, const std::string& why);

  int pid() const { return pid_; }
  Usage usage() const;
  double cpu_seconds() const;
  const Observer& observer() const { return observer_; }
  const std::vector<model::Refusal>& refusals() const { return refusals_; }
  std::vector<model::Protection> protections() const { return protections_; }
  void kill();

 private:
  void spawn(const LentMemory&, const Fd* wire);
  Done issue(Op, std::int32_t first, std::int32_t count, bool open_gate = false);
  void receive_descriptors();
  void observe();  // once, before its first command
  [[noreturn]] void fail_dead();
  std::string last_output_line() const;
  void keep_output() const;

  WorkerOptions options_;
  SharedMemory judge_page_, worker_page_;
  JudgePage& judge_;
  WorkerPage& page_;
  Fd pidfd_, control_, refusal_fd_;
  int pid_ = -1;
  std::uint32_t sequence_ = 0;
  bool must_be_woken_ = true;  // for the command that is loaded
  std::vector<model::Refusal> refusals_;
  std::vector<model::Protection> protections_;
  Fd maps_, memory_;  // for the observer, until there is one
  Observer observer_;
};

inline constexpr std::int64_t kHouseKeepingNs = 1'000'000;  // between looks at a worker's health while waiting for it
std::string text_of(double seconds);                        // "2.5"

// Lists the variants of a plugin by asking a sandboxed worker. Throws WorkerFailure.
std::vector<PluginVariant> describe_plugin(const std::string& plugin, const WorkerOptions&, const std::string& scratch);

}  // namespace aisp::judge
