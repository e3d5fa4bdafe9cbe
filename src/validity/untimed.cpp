#include "validity/checks.hpp"

#include "stats/stats.hpp"

#include <algorithm>

namespace aisp::validity {
namespace {

constexpr const char* kWarmup = "location.warmup_computation";
constexpr const char* kSetup = "location.setup_precomputation";

struct Account {  // of the same thing, on two clocks
  const char* clock;
  double ratio, seconds;  // allowed
  std::vector<double> discarded = {};
  double call = 0;
};

// What the call before a batch takes, on one clock, against a timed one.
void check_discarded(const Account& a, Findings& found) {
  const double limit = a.ratio * a.call + a.seconds;
  double sum = 0;
  for (const double x : a.discarded) sum += x;
  const double median = stats::median(a.discarded), mean = sum / static_cast<double>(a.discarded.size());
  if (median <= limit && mean <= 2 * limit) return;
  found.add(kWarmup,
            fmt::format("the call before each batch, which is not timed, takes {} {}, a timed one {}",
                        ms(std::max(median, mean)), a.clock, ms(a.call)),
            fmt::format("at most {}", ms(median > limit ? limit : 2 * limit)), "do the same in every call");
}

}  // namespace

void check_untimed(const model::VariantEvidence& v, const Times& times, Findings& found) {
  if (times.median_seconds <= 0) return;
  Account wall{"on the clock", kDiscardedWallRatio, kDiscardedWallSeconds};
  Account cpu{"of CPU time", kDiscardedRatio, kDiscardedSeconds};
  wall.call = times.median_seconds;
  std::vector<double> cpu_a_call;
  const model::Sample* last = nullptr;
  for (const auto& s : v.samples) {
    if (s.calls > 0) cpu_a_call.push_back(s.cpu_seconds / static_cast<double>(s.calls));
    const bool first_of_process = !last || last->restart != s.restart;
    last = &s;
    if (first_of_process) continue;  // timing.cpp looks at first calls
    wall.discarded.push_back(s.discarded_seconds), cpu.discarded.push_back(s.discarded_cpu_seconds);
  }
  if (!wall.discarded.empty()) {
    cpu.call = stats::median(cpu_a_call);
    const auto before = found.count();
    check_discarded(cpu, found);
    if (found.count() == before) check_discarded(wall, found);
  }

  const auto& u = v.untimed;
  if (u.processes <= 0) return;
  const double processes = static_cast<double>(u.processes);
  const double prepare = std::max(u.prepare_seconds, u.prepare_cpu_seconds / v.width()) / processes;
  if (prepare > kPrepareSeconds)
    found.add(kSetup, fmt::format("prepare takes {:.3g} s", prepare), fmt::format("at most {:g} s", kPrepareSeconds),
              "prepare less, or ship what was prepared with the source");
  const double bind = std::max(u.bind_seconds, u.bind_cpu_seconds / v.width()) / processes;
  const double limit = kBindSeconds + kBindRatio * times.median_seconds * static_cast<double>(u.slots) / processes;
  if (bind > limit)
    found.add(kSetup, fmt::format("binding {} slots takes {:.3g} s", u.slots / u.processes, bind),
              fmt::format("at most {:.3g} s: {:g} s and {:g} timed calls a slot", limit, kBindSeconds, kBindRatio),
              "pack constants once, in prepare's time, and keep addresses in bind");
}

}  // namespace aisp::validity
