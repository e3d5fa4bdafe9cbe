// Checks: pure functions of evidence that name what one variant did wrong, by issue of the catalogue. One file a
// family; check_variant() runs them all. Any violation withholds the variant's speedup.
#pragma once

#include "model/evidence.hpp"
#include "model/verdict.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace aisp::validity {

class Findings {
 public:
  Findings(std::string variant, std::vector<model::Violation>& into) : variant_(std::move(variant)), into_(into) {}
  void add(std::string issue, std::string seen, std::string expected, std::string advice) {
    into_.push_back({std::move(issue), variant_, std::move(seen), std::move(expected), std::move(advice)});
  }
  std::size_t count() const { return into_.size(); }

 private:
  std::string variant_;
  std::vector<model::Violation>& into_;
};

struct Times {  // of one call, as the verdict has them; 0 = unknown
  double median_seconds = 0, floor_seconds = 0;
  double floor_error = 0;  // how much too long the floor may be, as a share of it
};

std::vector<model::Violation> check_variant(const model::TargetEvidence&, const model::VariantEvidence&, const Times&);

// ---------------------------------------------------------------------------------------------------------------------
// output.cpp: what the comparison and the guard zones saw

void check_output(const model::Verification&, Findings&);

// ---------------------------------------------------------------------------------------------------------------------
// sandbox.cpp: what the sandbox refused

// The issue that an attempt at this refused call is, or "" when honest libraries make such calls too (they probe for a
// name service, set their affinity, ask for limits) and go on without.
std::string issue_of(const model::Refusal&);
void check_refusals(const model::VariantEvidence&, Findings&);

// ---------------------------------------------------------------------------------------------------------------------
// location.cpp: whose processor time, on which threads

// A worker stands still while it has no command: CPU time that it uses then, in a turn, is what the kernel accounts
// late. A virtual machine may be kept from accounting for longer, once in a while: one turn in ten, and up to a
// millisecond.
inline constexpr double kRestlessSeconds = 10e-6, kRestlessShare = 0.1, kRestlessMostSeconds = 1e-3;
// CPU time per batch that a worker with `threads` threads can use. It is read while the worker stands, before and
// after.
inline constexpr double kCpuShare = 1.1, kCpuSecondsPerBatch = 200e-6;

// The same in evidence before schema 7, whose workers ran on between their turns: all idle time of a run, with a share
// of the timed seconds on top; and the time of a batch, with what it spun.
inline constexpr double kRunningIdleSeconds = 0.020, kRunningIdleShare = 0.02;
inline constexpr double kRunningCpuShare = 1.5, kRunningCpuSeconds = 0.002;
inline bool was_held(const model::Sample& s) { return s.handover_seconds > 0; }

void check_place(const model::TargetEvidence&, const model::VariantEvidence&, Findings&);

// ---------------------------------------------------------------------------------------------------------------------
// untimed.cpp: work outside the timed calls, which knows none of their inputs, has limits all the same

// The call before each batch: times what a timed call takes, plus what a cold start costs; by medians over the turns
// of a process after its first, and by their mean, with twice as much room. On the clock a loaded machine adds to it
// what it likes, and waiting gains nothing.
inline constexpr double kDiscardedRatio = 4, kDiscardedSeconds = 2e-3;
inline constexpr double kDiscardedWallRatio = 20, kDiscardedWallSeconds = 0.1;
// All bindings of a process, in CPU time and in wall-clock time: timed calls a slot, plus what repacking constants
// takes.
inline constexpr double kBindRatio = 50, kBindSeconds = 1;
inline constexpr double kPrepareSeconds = 10;  // of a process: libraries are loaded and code is compiled there

void check_untimed(const model::VariantEvidence&, const Times&, Findings&);

// ---------------------------------------------------------------------------------------------------------------------
// timing.cpp: clocks, and work that is not in the time

// How far a claimed time may be from the judge's, of the median batch: a share, plus what handing over costs.
inline constexpr double kClockShare = 0.10;
inline constexpr double kClockSpinSeconds = 50e-6;
inline constexpr double kClockFutexSeconds = 500e-6;
inline constexpr double kClockDeviceShare = 0.05;  // on a device the gaps between calls lie within the claim
inline constexpr double kClockDeviceSeconds = 50e-6;

// A kernel of the judge's that waited longer than this met work of the worker's: an idle device takes 25 to 300 µs to
// switch contexts, a busy one makes it wait for a time slice of about 2.5 ms. In more than a share of the batches,
// because anything may disturb one.
inline constexpr double kProbeBusySeconds = 1e-3;
inline constexpr double kProbeBusyShare = 0.25;

// A first call that takes this long, and this many times a median one, did what others profit from.
inline constexpr double kFirstCallSeconds = 0.1;
inline constexpr double kFirstCallRatio = 100;

void check_timing(const model::TargetEvidence&, const model::VariantEvidence&, const Times&, Findings&);

// ---------------------------------------------------------------------------------------------------------------------
// process.cpp: the state of the worker: its code, its arithmetic, its scheduling, its memory

inline constexpr std::int64_t kHeapGrowth = 1 << 20;  // over a restart, when it grows in every turn
// A baseline that faults in its tensors' pages in every call, while no contestant faults a tenth as often.
inline constexpr double kFaultShare = 0.5;  // of the pages of its tensors, a call
inline constexpr double kPageBytes = 4096;

void check_process(const model::TargetEvidence&, const model::VariantEvidence&, Findings&);

// ---------------------------------------------------------------------------------------------------------------------
// statistical.cpp: the samples themselves

// Two groups of undisturbed samples, relative to what the neighbours took in the same rounds: each with a share of all,
// their medians this ratio apart in wall and in CPU time, nothing between them, each within itself alike (by its
// quartiles; the more so the nearer the two are), and no such thing in the neighbours. Undisturbed: nobody else had the
// processor meanwhile, so that wall and CPU time agree.
inline constexpr double kUndisturbed = 1.25, kUndisturbedSeconds = 100e-6;
inline constexpr int kGroupSamples = 20;
inline constexpr double kGroupShare = 0.25, kGroupRatio = 1.8, kGroupGap = 1.25, kGroupSpread = 1.25,
                        kNeighbourRatio = 1.2;

void check_samples(const model::TargetEvidence&, const model::VariantEvidence&, Findings&);

// ---------------------------------------------------------------------------------------------------------------------
// comparison.cpp: what must be equal for all variants of a target

void check_equality(const model::TargetEvidence&, const model::VariantEvidence&, Findings&);

// ---------------------------------------------------------------------------------------------------------------------
// distributed.cpp: ranks, and what passed between them, against what the problem states

// CPU time of the busiest rank over a run from which on the shares of the others say something.
inline constexpr double kBusiestSeconds = 5e-3;

void check_distributed(const model::TargetEvidence&, const model::VariantEvidence&, Findings&);

// ---------------------------------------------------------------------------------------------------------------------
// cuda.cpp: what the audit pass saw. Where records were dropped, nothing is concluded from order.

// How much longer than its call a call's work may seem: a share, plus what the stamps of neighbouring activities vary.
inline constexpr double kBusyShare = 1.02;
inline constexpr double kBusySeconds = 2e-6;

inline constexpr std::int64_t kLeastCalls = 4;  // of an audit, to say that something happens in every call

void check_census(const model::TargetEvidence&, const model::VariantEvidence&, Findings&);
const model::CensusPhase* phase_of(const model::VariantEvidence&, std::string_view name);  // null: not recorded
std::string a_call(std::int64_t count, const model::CensusPhase& run);                     // "1.5 a call"

inline std::string ms(double seconds) { return fmt::format("{:.4g} ms", seconds * 1e3); }
inline const char* plural(std::int64_t n) { return n == 1 ? "" : "s"; }

}  // namespace aisp::validity
