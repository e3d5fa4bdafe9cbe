// What a run observed, as plain data. Evidence holds no judgement: verdict.hpp is a pure function of it.
#pragma once

#include "model/gpu_state.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aisp::model {

// How a variant's worker ended. Everything but `ok` ends that variant; the others go on.
enum class Status : std::uint8_t {
  ok,
  not_run,        // never started (interrupted, or its baseline failed)
  refused,        // the plugin cannot be used: not ELF, wrong ABI, missing symbol, mismatched types
  failed,         // a callback returned an error message
  crashed,        // died by a signal, or exited by itself
  timed_out,      // missed a deadline
  out_of_memory,  // hit its memory limit
  protocol,       // sent bytes that make no sense
};

// One output tensor of one call against the reference. Errors are in units of the tolerance: above 1 is wrong.
struct Comparison {
  std::string tensor;
  std::int64_t elements = 0;
  double max_error = 0;           // worst element, / element tolerance
  double norm_error = 0;          // ‖got − ref‖₂, / norm tolerance
  std::int64_t wrong = 0;         // elements beyond tolerance
  std::int64_t untouched = 0;     // of those, how many still hold the poison
  std::int64_t nonfinite = 0;     // of those, NaN or infinity where the reference is finite
  std::int64_t first_wrong = -1;  // flat index
  double got = 0, expected = 0;   // at first_wrong
  bool ok() const { return wrong == 0 && norm_error <= 1; }
};

// What was verified for one variant over the whole run.
struct Verification {
  std::uint64_t calls = 0;  // calls whose every output was compared
  std::uint64_t wrong_calls = 0;
  double max_error = 0, norm_error = 0;  // worst seen, in units of the tolerance
  std::optional<Comparison> first_failure;
  std::string failed_case;             // which call failed: "held-out rows=37 cols=1001", "round 3 slot 2"
  std::uint64_t guard_violations = 0;  // bytes changed outside the outputs
  std::uint64_t input_violations = 0;  // inputs changed (they are read-only; this needs a bug or an attack)
  std::uint64_t late_batches = 0;      // CUDA: batches whose outputs still changed after the variant had said done
};

struct Sample {
  std::int32_t restart = 0;
  std::int32_t round = 0;
  std::int32_t position = 0;  // place of this turn within the round
  std::int64_t calls = 0;     // timed calls in the batch
  double seconds = 0;         // judge clock: from the release of the batch until the worker stood again, less handover
  double handover_seconds = 0;  // what release and stop cost a batch of empty calls in this run: taken off
  double stop_seconds = 0;      // of what is left, from the answer until the worker stood
  double worker_seconds = 0;    // the worker's own claim, for cross-checking
  double device_seconds = 0;    // CUDA: sum of the calls between device events, cross-checked against `seconds`
  double cpu_seconds = 0;       // CPU time of the worker over the batch
  double idle_cpu_seconds = 0;  // CPU time of the worker while it was to stand still, before and in this turn
  // The call before the batch, which is not timed, in the same process and on the same clock.
  double discarded_seconds = 0, discarded_cpu_seconds = 0;
  // CUDA: how long a kernel of the judge's had to wait for the device, before the calls were queued and after they were
  // said to be done, and the SM clock that it saw then.
  double idle_drain_seconds = 0, drain_seconds = 0, sm_mhz = 0;
  std::int64_t minor_faults = 0, major_faults = 0, voluntary_switches = 0, involuntary_switches = 0;
  // The worker's process, as it was left after the turn.
  std::int64_t nice = 0;
  bool moved = false;                 // it could run elsewhere than on the processors that it was given
  std::int64_t tracer = 0;            // the process that traces it; 0 = none
  std::string float_state;            // what differs from a new process: "flush-to-zero", "rounds up", ...
  std::int64_t heap_bytes = 0;        // in use, by malloc's account
  std::int64_t executable_bytes = 0;  // executable memory that comes from no file
  // Before schema 7, where nothing was taken off, the device's own account counted on CUDA.
  double per_call() const {
    const double counted = device_seconds > 0 && handover_seconds == 0 ? device_seconds : seconds;
    return calls ? counted / static_cast<double>(calls) : 0;
  }
};

// One protection of the sandbox: present, or absent with the reason.
struct Protection {
  std::string name;  // "seccomp", "landlock", "net-namespace", …
  bool present = false;
  std::string detail;
};

// Something that the sandbox refused.
struct Refusal {
  std::string syscall;
  std::string detail;
  std::uint64_t count = 0;
};

// The worker's own code and constants, read from outside before the plugin was loaded and again at the end.
struct CodeCheck {
  std::int64_t bytes = 0;
  std::int64_t changed_pages = 0;
  std::string first;   // the first that changed: "libc.so.6+0x1c000"
  std::string absent;  // why nothing was compared
};

// What a variant's processes did outside the timed calls, all of them together.
struct Untimed {
  std::int64_t processes = 0, slots = 0;  // started; bound, in all of them
  double prepare_seconds = 0, prepare_cpu_seconds = 0;
  double bind_seconds = 0, bind_cpu_seconds = 0;
  double discarded_seconds = 0, discarded_cpu_seconds = 0;  // the calls before each batch, and those of the pilot
  double idle_cpu_seconds = 0;                              // while they were to stand still
};

struct Counter {  // a hardware counter per timed call
  std::string name;
  double value = 0;
};

// ---------------------------------------------------------------------------------------------------------------------
// What a CUDA variant did on the device, seen by CUPTI in a pass of its own that is not timed

struct CensusKernel {  // launches that agree in name, shape and stream
  std::string name;    // demangled, without its parameter list
  std::int64_t launches = 0;
  std::vector<std::int64_t> grid, block;         // x, y, z
  std::int64_t registers = 0, shared_bytes = 0;  // a thread's, a block's
  std::int64_t stream = 0;
  double total_seconds = 0, median_seconds = 0;
};

struct CensusCopy {
  std::string kind;  // "H2D", "D2H", "D2D", "P2P", …
  std::int64_t count = 0, bytes = 0;
};

struct CensusStream {  // a stream on which work ran
  std::int64_t stream = 0;
  bool given = false;           // the one that the judge measures
  std::int64_t activities = 0;  // kernels, copies, memsets
  std::int64_t copies = 0;      // of those, copies and memsets
  std::int64_t unforked = 0;    // of those, not ordered after the call's beginning
  std::int64_t unjoined = 0;    // of those, not ordered before the call's end
};

struct CensusPhase {
  std::string name;             // "prepare", "bind", "first" (the discarded call), "run"
  std::int64_t calls = 0;       // of run; all counts below are over all of them
  std::int64_t seen_calls = 0;  // of those, whose markers were recorded
  std::vector<CensusKernel> kernels;
  std::int64_t other_launches = 0;  // launches of kernels beyond those listed
  std::vector<CensusStream> streams;
  std::vector<CensusCopy> copies;
  std::int64_t memsets = 0, memset_bytes = 0;
  std::int64_t allocations = 0, allocated_bytes = 0, releases = 0;
  std::int64_t graph_launches = 0, graph_nodes = 0;
  std::int64_t host_functions = 0;
  std::int64_t cooperative_launches = 0, child_launches = 0;
  std::int64_t contexts_created = 0, streams_created = 0;
  std::int64_t modules_loaded = 0, device_launch_modules = 0;  // of the modules, those that can launch kernels
  std::vector<std::int64_t> devices;                           // that did work
  std::vector<std::string> libraries;                          // shared objects loaded in this phase
  std::int64_t late = 0;                                       // activities that ended after their call's end
  std::int64_t unfinished = 0;                                 // activities still running when waiting was given up
  std::int64_t dropped = 0;                                    // records that found no room
  double busy_seconds = 0;  // of one call, median: union of its kernels, copies and memsets
  double call_seconds = 0;  // of one call, median: from the marker before it to the marker after it
};

struct Census {
  std::string tool;  // "CUPTI 130001"
  std::vector<CensusPhase> phases;
  double busy_seconds = 0;  // of the phase "run": to be compared with the timed calls
};

// What the compiler made of a kernel, read from the device code in the variant's library.
struct CompiledKernel {
  std::string name;    // demangled, without its parameter list
  std::string arch;    // "sm_90a"
  bool kernel = true;  // or a function that kernels call; those are listed when they spill
  std::int64_t registers = 0;
  std::int64_t shared_bytes = 0;    // static, of a block
  std::int64_t constant_bytes = 0;  // of its own banks: parameters and literals
  std::int64_t stack_bytes = 0;     // of a thread, with what it calls
  // Local memory that its instructions write and read, each counted once: registers put away and taken back, and arrays
  // that cannot live in registers.
  std::int64_t spill_store_bytes = 0, spill_load_bytes = 0;
  std::int64_t local_store_bytes = 0, local_load_bytes = 0;
};

// ---------------------------------------------------------------------------------------------------------------------
// Ranks: the processes of a variant that consists of several. Messages are counted where they pass, in the judge.

struct MessageSize {
  std::int64_t bytes = 0, count = 0;
};

struct WireLink {  // messages from one rank to another
  std::int64_t to = 0, messages = 0, bytes = 0;
};

struct RankEvidence {
  std::int64_t rank = 0;
  std::string host;                  // "local": the judge's
  std::vector<std::int64_t> cpus;    // where it was to run
  std::vector<std::int64_t> shards;  // rows of each tensor that were bound to it, in the order of the tensors
  std::int64_t bound_bytes = 0;      // of all of them
  // In the timed calls, all together.
  std::int64_t messages_sent = 0, bytes_sent = 0, messages_received = 0, bytes_received = 0;
  std::int64_t barriers = 0;                 // that it came to, those between the calls of a batch included
  std::vector<MessageSize> sizes;            // of messages sent
  std::int64_t other_sizes = 0;              // messages of sizes beyond those listed
  std::vector<WireLink> links;               // to whom it sent
  double cpu_seconds = 0, idle_seconds = 0;  // idle: wall less CPU time
};

struct LinkFact {
  std::int64_t from = 0, to = 0;
};

// What the problem states of its ranks. Empty or 0: not stated.
struct RanksFact {
  std::int64_t ranks = 0;  // 0: a variant is one process
  double least_bytes = 0;  // sent in a call, over all ranks
  std::vector<std::int64_t> message_bytes;
  std::vector<LinkFact> links;
  double least_busy = 0;  // CPU time of each rank over that of the busiest
};

// A switch of the compiler that a source sets for itself: validity/source_switches.hpp.
struct SourceSwitch {
  std::string where;       // "mine.cpp:12"
  std::string text;        // "optimize("fast-math")"
  bool optimises = false;  // it changes how code is made, as another flag would; else it is a note
};

struct VariantEvidence {
  std::string name;  // "baseline", "online", …
  std::string about;
  std::string source;  // path within the repository, or of the user's file
  bool peer = false;
  int threads = 1;
  std::string isa;  // what the process was allowed: scalar, avx2, avx512
  std::string compile_flags;
  std::vector<SourceSwitch> source_switches;
  std::vector<std::string> environment;  // NAME=VALUE of its worker, beyond what every worker has
  Status status = Status::not_run;
  std::string message;            // why, when the status is not ok
  double prepare_seconds = 0;     // setup, reported and not timed
  double bind_seconds = 0;        // mean per slot
  double first_call_seconds = 0;  // the longest first call of its processes: discarded, not unseen
  Untimed untimed;
  std::int64_t bound_executable_bytes = 0;  // executable memory from no file once its slots were bound
  CodeCheck code;
  std::vector<std::int64_t> cpus, numa_nodes;  // where it was to run
  std::vector<Sample> samples;
  std::uint64_t timed_calls = 0, verified_timed_calls = 0, discarded_calls = 0;
  Verification verification;
  std::vector<Protection> sandbox;
  std::vector<Refusal> refusals;
  std::vector<Counter> counters;
  std::string counters_absent;  // why there are none
  std::int64_t peak_threads = 0, peak_rss_bytes = 0;
  std::optional<Census> census;                  // CUDA: the audit pass
  std::string census_absent;                     // why there is none
  std::vector<CompiledKernel> compiled_kernels;  // CUDA: of its own source
  std::string compiled_kernels_absent;           // why they are not known
  double undrained_seconds = 0;  // CUDA: how long it had kept the device busy after done when its worker was ended
  double unstopped_seconds = 0;  // how long it had not stood still after a stop when its worker was ended
  std::vector<RankEvidence> ranks;
  // Threads of all its processes.
  int width() const { return (threads < 1 ? 1 : threads) * (ranks.empty() ? 1 : static_cast<int>(ranks.size())); }
};

struct HostState {  // facts that may change during a run
  double load1 = 0;
  double mhz = 0;          // of the timed core; 0 = unknown
  std::string mhz_source;  // "cpufreq", "cpuinfo", "estimated" (a timed chain of multiplications); "" = unknown
  double foreign_cpu = 0;  // share of the timed cores used by other processes over the run
  std::int64_t swap_in_pages = 0, swap_out_pages = 0;
  std::string governor;          // "" = unknown
  std::string hypervisor;        // "" = none seen
  std::int64_t nice = 0;         // of the judge, and so of its workers
  double throttled_seconds = 0;  // for which the cgroup's quota stopped it, so far
};

struct ParamValue {
  std::string name;
  std::int64_t value = 0;
};

struct TensorFact {
  std::string name, role, dtype;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> shards = {};  // rows of each rank; empty: every rank has all of it
};

// Ceilings of the device that the floor is computed from, measured on this machine.
struct Ceilings {
  double flops = 0;    // FLOP/s of one thread in the workload's arithmetic, widest SIMD
  double bytes = 0;    // byte/s of one thread for a working set of this size
  std::string source;  // "calibration 2026-11-21T05:40:00Z", "quick probe …", "bench peak …, rates of H200"
  // Of `flops`, where it is not the workload's: tensor cores multiply narrower tensors at their own rate.
  std::string arithmetic = {};
};

// What the inputs of a round were drawn from; nobody knew it before the round.
struct RoundKey {
  int restart = 0, round = 0;
  bool pilot = false;  // played before the rounds that count, to plan them
  std::string key;     // 64 hexadecimal digits
};

struct TargetEvidence {
  int schema = 7;
  std::string target;
  std::string about, teaching;
  std::string device = "cpu";
  std::string scale;  // "light" | "full"
  std::vector<ParamValue> params;
  std::vector<TensorFact> tensors;
  double flops = 0, bytes = 0;  // of one call
  std::string arithmetic;
  RanksFact ranks;
  Ceilings ceilings;
  std::string seed;  // hex; secret until the run is over
  int restarts = 1;
  int rounds = 0;  // planned pairs per restart
  std::vector<RoundKey> round_keys;
  std::string cache;             // "cold" | "warm"
  std::string cold_by;           // cold: what drove the inputs out of the caches
  std::string waiting;           // "spin" | "futex": how the judge waits for the worker
  double null_call_seconds = 0;  // amortised cost of an empty call in this run
  // What release and stop cost a batch of one empty call in this run: the least, and the median. CUDA, where calls are
  // not queued behind the gate: `ungated`.
  double handover_seconds = 0, handover_median_seconds = 0, ungated_handover_seconds = 0;
  std::string held_by;  // what keeps workers standing: "cgroup freezer" | "SIGSTOP"
  std::string queued;   // CUDA: "gate": calls are queued before their inputs exist; or why not
  double clock_resolution_seconds = 0;
  double clock_drift = 0;  // of the judge's clock against a second one over the run, relative
  double aa_floor = 0;     // A/A spread measured in this run or by calibrate, as a relative effect
  std::string aa_source;
  std::vector<Sample> twin_samples;  // the baseline a second time, in a worker of its own, in the same rounds
  double judge_seconds = 0;          // drawing, poisoning, reference, comparison
  double timed_seconds = 0;
  HostState before, after;
  std::optional<GpuState> gpu_before, gpu_after;  // CUDA, where NVML tells
  std::string started, finished;                  // UTC, ISO 8601
  std::string error;  // the target could not be run at all (bad declaration, no such plugin)
  bool interrupted = false;
  std::vector<VariantEvidence> variants;  // baseline first
};

std::string to_string(Status);
std::optional<Status> status_from(const std::string&);

}  // namespace aisp::model
