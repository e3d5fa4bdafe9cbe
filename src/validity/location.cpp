#include "validity/checks.hpp"

#include "stats/stats.hpp"

#include <algorithm>

namespace aisp::validity {
namespace {

constexpr const char* kThread = "location.background_thread";

}  // namespace

// Between two commands every thread is stopped, and nothing that runs in the process can undo that. Where it is undone
// all the same, the process may have computed on inputs before the clock ran.
void check_standing(const model::VariantEvidence& v, Findings& found) {
  double most = 0, running = 0, timed = 0;
  std::size_t turns = 0;
  for (const auto& s : v.samples) {
    timed += s.seconds;
    if (!was_held(s)) running += s.idle_cpu_seconds;
    if (was_held(s) && s.idle_cpu_seconds > kRestlessSeconds) ++turns, most = std::max(most, s.idle_cpu_seconds);
  }
  const double rare = 1 + kRestlessShare * static_cast<double>(v.samples.size());
  if (static_cast<double>(turns) > rare || most > kRestlessMostSeconds)
    found.add(
        kThread,
        fmt::format("{} of CPU time while it was to stand still, in {} of {} turns", ms(most), turns, v.samples.size()),
        fmt::format("at most {}", ms(kRestlessSeconds)), "do all work in run, and leave SIGCONT alone");
  if (v.unstopped_seconds > 0)
    found.add(kThread, fmt::format("it had not stopped {:.3g} s after it was asked to", v.unstopped_seconds),
              "a worker that stands while it has no command", "leave SIGCONT alone");
  const double limit =
      kRunningIdleSeconds * static_cast<double>(std::max<std::size_t>(v.ranks.size(), 1)) + kRunningIdleShare * timed;
  if (running > limit)
    found.add(kThread, fmt::format("{} of CPU time while it had nothing to do", ms(running)),
              fmt::format("at most {}", ms(limit)), "do all work in run, on the threads that the variant declares");
}

void check_place(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  check_standing(v, found);
  if (e.device != "cpu") return;  // there it waits for the device in a loop, and the driver has threads of its own
  std::vector<double> cpu, allowed, over;
  const int width = v.width();
  for (const auto& s : v.samples) {
    cpu.push_back(s.cpu_seconds);
    const double share = was_held(s) ? kCpuShare : kRunningCpuShare;
    const double more = was_held(s) ? kCpuSecondsPerBatch : kRunningCpuSeconds;
    allowed.push_back(width * (share * (s.seconds + s.handover_seconds) + more));
    over.push_back(cpu.back() - allowed.back());
  }
  // The median batch: the first ones also pay for what is loaded on first use.
  if (!over.empty() && stats::median(over) > 0)
    found.add(kThread, fmt::format("{} of CPU time in a batch of timed calls", ms(stats::median(cpu))),
              fmt::format("at most {} with {} thread{}", ms(stats::median(allowed)), width, width == 1 ? "" : "s"),
              "declare the threads that run uses");
  // A pool may keep its caller waiting beside its threads; a single-threaded variant has nothing but itself.
  const int threads = std::max(1, v.threads);  // of each process
  const int most = threads == 1 ? 1 : threads + 1;
  if (v.peak_threads > most)
    found.add(kThread, fmt::format("{} threads", v.peak_threads), fmt::format("at most {}", most),
              "declare the threads that run uses");
}

}  // namespace aisp::validity
