// What judge and worker share: fixed-size records in shared memory. The judge writes Startup and Command, which the
// worker maps read-only; the worker writes Report, which is untrusted bytes to the judge until parse_report() checked
// it.
#pragma once

#include <aisp/problem.hpp>

#include "judge/activity.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aisp::judge {

inline constexpr std::uint32_t kProtocolVersion = 5;
inline constexpr int kMaxParams = 16, kMaxTensors = 16, kMaxRank = 6, kMaxVariants = 64;
inline constexpr int kMaxCpus = 8192;  // the most that Linux knows on x86-64
inline constexpr std::int32_t kMaxSlots = 16384;

// A gate opens in two steps. Until the first the worker's stream waits without a kernel, so the judge has the device to
// itself. From then on a kernel spins: the device is the worker's again, and the second step begins the calls at once.
inline constexpr std::uint32_t kGateUnlocked = 1, kGateOpen = 2;
inline constexpr double kGatePatience = 2;  // seconds to queue calls behind the closed gate; then the judge opens it
inline constexpr int kMaxGatedCalls = 128;  // calls behind one gate: the launch queue holds about a thousand kernels
inline constexpr int kAuditCalls = 8;       // calls of a batch of the audit pass
inline constexpr std::size_t kMessageBytes = 256;

// Descriptors that the worker finds open at start.
inline constexpr int kStartupFd = 3, kReportFd = 4, kInputsFd = 5, kOutputsFd = 6, kControlFd = 7;
inline constexpr int kWireFd = 8;  // of a rank

inline constexpr int kMostLent = 3;  // descriptors that a worker hands over at its start: see Observer in observer.hpp

// The worker stands, stopped by the judge, whenever it has no command. A timed batch is `run`; on CUDA, where calls can
// be queued, it is `enqueue` (behind a closed gate), then `wait`. `settle` only reports.
enum class Op : std::uint32_t { none, settle, describe, prepare, bind, run, enqueue, wait, release, quit };

// ---------------------------------------------------------------------------------------------------------------------
// Judge → worker

struct TensorRecord {
  char name[32] = {};
  std::int32_t role = {};   // aisp_role
  std::int32_t dtype = {};  // DType
  std::int32_t ndim = {};
  std::int64_t shape[kMaxRank] = {};
  std::uint64_t offset = {};       // of slot 0, within the arena of its role
  std::uint64_t slot_stride = {};  // bytes from slot to slot; 0 for constants
};

struct ParamRecord {
  char name[32] = {};
  std::int64_t value = {};
};

// Written before the worker starts and never changed.
struct Startup {
  std::uint32_t version = kProtocolVersion;
  std::int32_t judge = 0;  // its process: a worker whose parent is another one ends
  std::uint32_t spin = 1;  // wait for commands by spinning; the judge stops it while it has none
  char plugin[512] = {};   // path, or "builtin:null"
  char variant[64] = {};   // "" = the only one
  char target[96] = {};
  char scratch[512] = {};
  char libraries[1024] = {};     // folders of shared libraries outside the system's, separated by colons: the driver's
  std::int32_t device_type = 1;  // DLDeviceType
  std::int32_t threads = 1;
  std::uint32_t audit = 0;  // CUDA: record what every command does, see activity.hpp; never in a worker that is timed.
                            // Gone once the worker has said that it started
  std::int32_t rank = 0, ranks = 0;  // 0 ranks: there is no wire
  std::int32_t max_slots = 0;        // the same in every pass
  std::int32_t num_params = 0, num_tensors = 0;
  ParamRecord params[kMaxParams] = {};
  TensorRecord tensors[kMaxTensors] = {};
  std::uint64_t inputs_bytes = 0, outputs_bytes = 0;
  std::uint64_t memory_bytes = 0;  // private memory limit
  std::int32_t num_cpus = 0;       // where to run; 0 = anywhere
  std::int32_t cpus[kMaxCpus] = {};
};

// How many calls a batch has is not told: the worker makes as many as it may, says so, and waits until the judge allows
// more, or closes the batch. So no call knows whether it is the last.
inline constexpr std::uint32_t kClosed = 0;

struct Command {
  alignas(64) std::atomic<std::uint32_t> sequence{0};  // futex word: a new value is a new command
  Op op = Op::none;
  std::int32_t first = 0, count = 0;    // slots [first, first + count): bound, or used by the calls one after another
  std::atomic<std::uint32_t> until{0};  // run, enqueue: how many calls it may make so far; futex word
  std::atomic<std::uint32_t> gate{0};   // CUDA: steps that gates were opened by; the device reads it
};

// The judge's page: mapped read-only by the worker.
struct JudgePage {
  Startup startup;
  Command command;
};

// ---------------------------------------------------------------------------------------------------------------------
// Worker → judge

enum class Outcome : std::uint32_t { ok, error, out_of_memory, refused };

struct VariantRecord {
  char name[64];
  char target[96];
  char about[160];
  std::int32_t threads;
  std::int32_t device;
};

struct ProtectionRecord {
  char name[32];
  std::uint32_t present;
  char detail[96];
};
inline constexpr int kMaxProtections = 24;

// What a worker reports; a WorkerPage without its long tail.
struct WorkerReport {
  alignas(64) std::atomic<std::uint32_t> bell{0};  // futex word: rung when either of the next two changes
  std::atomic<std::uint32_t> sequence{0};          // the command that this report answers
  std::atomic<std::uint64_t> mark{0};              // mark_of() what it has done of a batch
  std::atomic<std::uint32_t> device_done{
      0};  // CUDA: the enqueue whose calls the device has done; it writes this itself
  Outcome outcome = Outcome::ok;
  std::uint64_t nanoseconds = 0;  // the worker's own claim of how long the work took
  std::uint32_t float_state = 0;  // after settle: device/cpu/float_state.hpp
  std::uint64_t heap_bytes = 0;   // after settle: in use, by malloc's account
  char message[kMessageBytes];
  std::int32_t num_variants = 0;  // after describe
  VariantRecord variants[kMaxVariants];
  std::int32_t num_protections = 0;
  ProtectionRecord protections[kMaxProtections];
  // In a worker started with Startup::audit: what the command did.
  char census_tool[32];     // "CUPTI 130001"
  char census_absent[160];  // why nothing is recorded; "" = it is
  std::uint32_t drained = 1;
  std::uint64_t dropped = 0;
  std::int32_t num_activities = 0;
};

// The worker's page.
struct WorkerPage : WorkerReport {
  ActivityRecord activities[kMaxActivities];
};

// A checked copy of a report.
struct PluginVariant {
  std::string name, target, about;
  int threads = 1;
  int device = 0;
};
struct ProtectionFact {
  std::string name, detail;
  bool present = false;
};
struct Report {
  Outcome outcome = Outcome::ok;
  double seconds = 0;
  std::uint32_t float_state = 0;
  std::int64_t heap_bytes = 0;
  std::string message;
  std::vector<PluginVariant> variants;
  std::vector<ProtectionFact> protections;
  std::string census_tool, census_absent;
  bool drained = true;
  std::uint64_t dropped = 0;
  std::vector<Activity> activities;
};

// So many calls of command `sequence` are done.
constexpr std::uint64_t mark_of(std::uint32_t sequence, std::uint32_t calls) {
  return std::uint64_t{sequence} << 32 | calls;
}

// What a command asks the worker to report besides its outcome; anything else in the report is refused.
struct Asked {
  bool variants = false;     // describe
  bool protections = false;  // once, when the sandbox is closed
  bool census = false;       // in a worker that was started for it
};

// Copies `bytes` (one WorkerPage) once and checks every field; text is cut at its field and made printable.
// Returns nothing, and the reason in `why`, when the bytes make no sense or say what was not asked.
std::optional<Report> parse_report(const std::byte* bytes, std::size_t size, const Asked& asked, std::string& why);

// Copies `text` into a fixed field, NUL-terminated; throws std::length_error when it does not fit.
template <std::size_t N> void copy_text(char (&field)[N], const std::string& text) {
  if (text.size() >= N) throw std::length_error("'" + text.substr(0, 40) + "…' is longer than the protocol allows");
  for (std::size_t i = 0; i < N; ++i) field[i] = i < text.size() ? text[i] : '\0';
}

// ---------------------------------------------------------------------------------------------------------------------
// Waiting on a shared word

void futex_wake(std::atomic<std::uint32_t>& word);
// Returns when the word is no longer `old`, or after `seconds`, or spuriously.
void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t old, double seconds);

inline void cpu_relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// CLOCK_MONOTONIC_RAW in nanoseconds: never stepped or slewed.
std::int64_t now_ns();

}  // namespace aisp::judge
