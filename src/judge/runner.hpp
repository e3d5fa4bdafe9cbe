// One variant in a contest: its worker, its buffers and the evidence it leaves.
#pragma once

#include "judge/arena.hpp"
#include "judge/device_probe.hpp"
#include "judge/judge.hpp"
#include "judge/team.hpp"
#include "verify/random.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aisp::judge {

// CUDA: after an unlocked gate the GPU comes back to the worker's stream within 150 µs, after the judge's last kernel
// too (H200, driver 580.159; bench/device_probe measures it). A gate that opened earlier would open for nobody.
inline constexpr auto kSwitchBack = std::chrono::microseconds(400);

// What release and stop cost, measured with the null variant: taken off each batch's time. The least that was seen, so
// that no batch gains by it.
struct Handover {
  double run = 0;   // the batch is run by the worker, from the moment it is let go
  double gate = 0;  // CUDA: the batch was queued, and the device was let go
};

struct Place {  // of a sample in the schedule
  int restart = 0, round = 0, position = 0;
};

struct RunnerOptions {
  WorkerOptions worker;
  std::string scratch;    // this worker's own directory
  std::string libraries;  // folders of shared libraries outside the system's, separated by colons
  DLDeviceType device = kDLCPU;
  std::vector<int> cpus;  // where it runs; several ranks: see cpus_of_rank()
  int judge_cpu = -1;     // where the judge waits
  bool spin = true;
  std::uint64_t memory_bytes = 0;  // private memory limit of the worker
  DeviceProbe* probe = nullptr;    // outlives the runner; none on the CPU
  std::uint64_t evict_bytes = 0;   // cold workloads: how much to write to push everything out of the caches
};

class Runner {
 public:
  // `evidence` outlives the runner; one whose status is not ok is never started. Nothing here throws for what the
  // variant does: it ends in evidence.status.
  Runner(const Problem&, const Contestant&, model::VariantEvidence& evidence, Layout, RunnerOptions, verify::Key key);
  ~Runner();

  bool alive() const { return alive_; }
  // Loads and prepares the variant, then binds slots [0, slots): constants real, fresh inputs decoys.
  void start(const RoundInputs&, int slots);
  // Binds slots beyond those bound so far.
  void bind_up_to(int slots);

  // One turn: fresh inputs and poison in, the first call after the switch discarded, `calls` calls timed in one batch,
  // the worker stopped. Slot 0 is the discarded one, written in the first turn only; slots 1 … calls are the timed
  // ones.
  void turn(const RoundInputs&, verify::Key poison_key, int calls, Place, const Handover&, bool record);
  // CUDA: why its calls cannot be queued behind the gate; "" as far as is known they can.
  const std::string& ungated() const { return ungated_; }
  void do_without_gate(const std::string& why) { ungated_ = why; }

  // Checks the outputs of a slot of the last turn, and its guard zones.
  void check(const Expectation&, int slot, const std::string& where);
  // Lets the stopped worker go back to sleep; called when its outputs have been checked.
  void resume();
  // Ends the worker in order and takes the last facts.
  void finish(const RoundInputs&, int slots);

  double last_call_seconds() const { return last_call_seconds_; }
  double last_batch_seconds() const { return last_batch_seconds_; }

 private:
  template <class Body> void guarded(Body&& body);
  std::vector<Startup> startups() const;
  void fail(model::Status, const std::string& why);
  void add_refusals(const std::vector<model::Refusal>&);
  std::vector<Piece> pieces(int calls) const;
  Drain expect_idle(const char* when);
  // Fresh inputs and poison into slots [first, last], out of the caches where the workload is cold.
  void write(const RoundInputs&, int first, int last);
  void evict();
  Span run(const RoundInputs&, int calls, model::Sample&);
  std::optional<Span> run_gated(const RoundInputs&, int calls);
  void look_at_device(int calls, model::Sample&);
  void discard_one(model::Sample&);
  void time(const Span&, const Handover&, model::Sample&) const;
  void account(const std::vector<Usage>& before, const std::vector<Usage>& after, model::Sample&);
  void account_ranks(const std::vector<Usage>& before, const std::vector<Usage>& after, const model::Sample&);
  bool given_only(std::size_t rank, const std::vector<int>& cpus) const;
  Team::Done command(Op, std::int32_t first = 0, std::int32_t count = 0);
  void note_restless() { restless_ += team_->restless_cpu_seconds(); }

  const Problem& problem_;
  const Contestant& contestant_;
  model::VariantEvidence& evidence_;
  RunnerOptions options_;
  verify::Key key_;
  std::unique_ptr<Arena> arena_;
  std::unique_ptr<Team> team_;
  bool alive_, reported_ = true, warmed_ = false, recorded_ = false;
  std::string ungated_;
  int bound_ = 0;
  double restless_ = 0;  // CPU time while it was to stand still, since the last sample
  double last_call_seconds_ = 0, last_batch_seconds_ = 0;
  verify::Key poison_key_;
};

// CUDA: runs the variant once more in a worker of its own, under CUPTI and not timed, and leaves evidence.census, or
// why there is none. A worker that fails here costs the census and nothing else.
void audit(const Problem&, const Contestant&, model::VariantEvidence&, const Layout&, const RoundInputs&,
           const RunnerOptions&, verify::Key key);
// The same, as raw records. Throws WorkerFailure; `why_absent` is set when the worker has no CUPTI.
Recording record_activities(const Problem&, const Contestant&, int threads, const Layout&, const RoundInputs&,
                            const RunnerOptions&, verify::Key key, std::string& why_absent);

// Fills the protocol's start record from a problem, or a rank's shard of one, and a layout.
Startup make_startup(const Problem&, const Layout&, const Contestant&, int threads, const RunnerOptions&);

WorkerOptions options_for(WorkerOptions, const Contestant&);  // with the contestant's own

// Where a rank runs: on processors of its own where there are enough for all, else on all of them.
std::vector<int> cpus_of_rank(const std::vector<int>& cpus, int ranks, int rank);

}  // namespace aisp::judge
