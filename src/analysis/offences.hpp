// What one variant did wrong, by issue of the validity catalogue. Pure functions of evidence.
#pragma once

#include "model/evidence.hpp"
#include "model/verdict.hpp"

#include <string>
#include <vector>

namespace aisp::analysis {

// The issue that an attempt at this refused call is, or "" when honest libraries make such calls too (they probe for a
// name service, set their affinity, ask for limits) and go on without.
std::string offence_of(const model::Refusal&);

// A time below this share of the floor cannot be: not all of the work was in it. The margin is for ceilings that a
// disturbed probe measured too low.
inline constexpr double kBelowFloor = 0.8;

// CPU time while idle that is no offence: the worker wakes some hundred times a second to look for commands.
inline constexpr double kIdleSeconds = 0.020;
inline constexpr double kIdleShare = 0.02;  // of the timed seconds, on top

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

// CPU time per batch that a worker with `threads` threads can use: the batch and the discarded call before it, with
// slack for a slow first call and for waiting.
inline constexpr double kCpuShare = 1.5;
inline constexpr double kCpuSecondsPerBatch = 0.002;

std::vector<model::Violation> offences(const model::TargetEvidence&, const model::VariantEvidence&,
                                       double median_seconds, double floor_seconds);

}  // namespace aisp::analysis
