#include "validity/checks.hpp"

#include "stats/stats.hpp"

#include <algorithm>

namespace aisp::validity {
namespace {

constexpr const char* kAsync = "timing.incomplete_async";
constexpr const char* kPersistent = "cuda.persistent_kernel";

// Work on the device outside the timed calls. What the judge's probe has to wait for is the worker's: the others are
// stopped, and each of them was seen to leave the device idle.
void check_drain(const model::VariantEvidence& v, Findings& found) {
  const auto check = [&](double model::Sample::*waited, const char* issue, const char* when, const char* advice) {
    std::vector<double> busy;
    for (const auto& s : v.samples)
      if (s.*waited > kProbeBusySeconds) busy.push_back(s.*waited);
    if (static_cast<double>(busy.size()) > kProbeBusyShare * static_cast<double>(v.samples.size()))
      found.add(issue,
                fmt::format("{} in {} of {} batches, a kernel of the judge's waited {}", when, busy.size(),
                            v.samples.size(), ms(stats::median(busy))),
                fmt::format("an idle device: at most {}", ms(kProbeBusySeconds)), advice);
  };
  constexpr const char* kJoin = "join every stream to the given one, and use no context of your own";
  check(&model::Sample::idle_drain_seconds, kPersistent, "before the calls were queued", "leave no kernel running");
  check(&model::Sample::drain_seconds, kAsync, "after the calls were said to be done", kJoin);
  if (v.undrained_seconds > 0)
    found.add(kPersistent, fmt::format("the device was busy for {} and no end in sight", ms(v.undrained_seconds)),
              "an idle device when the calls are done", "leave no kernel running");
  if (v.verification.late_batches > 0)
    found.add(kAsync,
              fmt::format("the outputs of {} batch{} changed after they were said to be done",
                          v.verification.late_batches, v.verification.late_batches == 1 ? "" : "es"),
              "outputs that are final", kJoin);
}

// The judge's clock alone counts. A worker's claim can be caught when it is impossible: more time than passed. On a
// device whose calls were queued, the time between its events must fill what the judge saw pass, too. By medians over
// batches: one in which either process was preempted says nothing about honesty.
void check_clocks(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  std::vector<double> judge, worker;
  bool on_device = false;
  for (const auto& s : v.samples) {
    on_device |= s.device_seconds > 0;
    const double claim = s.device_seconds > 0 ? s.device_seconds : s.worker_seconds;
    if (claim > 0) judge.push_back(s.seconds), worker.push_back(claim);
  }
  if (judge.empty()) return;
  const double by_judge = stats::median(judge), by_worker = stats::median(worker);
  const double slack = on_device              ? kClockDeviceShare * by_judge + kClockDeviceSeconds
                       : e.waiting == "futex" ? kClockShare * by_judge + kClockFutexSeconds
                                              : kClockShare * by_judge + kClockSpinSeconds;
  const bool queued =
      on_device && (e.queued.empty() || e.queued == "gate");  // before schema 7 all were, as far as known
  if (by_worker > by_judge + slack || (queued && by_worker < by_judge - slack))
    found.add("timing.event_gaps",
              fmt::format("a batch takes {} by the worker's clock, {} by the judge's", ms(by_worker), ms(by_judge)),
              fmt::format("a difference of at most {}", ms(slack)), "leave the worker's clock and messages alone");
}

// The first call of a process is discarded; what it does for the others belongs into prepare, where it is reported.
void check_first_call(const model::TargetEvidence& e, const model::VariantEvidence& v, const Times& times,
                      Findings& found) {
  if (e.device != "cpu" || times.median_seconds <= 0) return;  // on a device it loads modules
  if (v.first_call_seconds > kFirstCallSeconds && v.first_call_seconds > kFirstCallRatio * times.median_seconds)
    found.add("statistical.cold_start",
              fmt::format("the first call takes {}, the median {}", ms(v.first_call_seconds), ms(times.median_seconds)),
              fmt::format("at most {}, or {:g} medians", ms(kFirstCallSeconds), kFirstCallRatio),
              "prepare in prepare, where it is reported");
}

// A time shorter than the floor, but for the error of the ceilings, cannot be: not all of the work was in it.
void check_floor(const Times& times, Findings& found) {
  const double least = (1 - times.floor_error) * times.floor_seconds;
  if (times.median_seconds <= 0 || times.median_seconds >= least) return;
  found.add(kAsync,
            fmt::format("{} a call, {:.0f} % of the speed of light", ms(times.median_seconds),
                        100 * times.floor_seconds / times.median_seconds),
            fmt::format("at least {}: the hardware needs {}, known to {:g} %", ms(least), ms(times.floor_seconds),
                        100 * times.floor_error),
            "find the work that is not in the timed call; if all of it is, the declared FLOPs or bytes are too many");
}

}  // namespace

void check_timing(const model::TargetEvidence& e, const model::VariantEvidence& v, const Times& times,
                  Findings& found) {
  check_clocks(e, v, found);
  check_drain(v, found);
  check_floor(times, found);
  check_first_call(e, v, times, found);
}

}  // namespace aisp::validity
