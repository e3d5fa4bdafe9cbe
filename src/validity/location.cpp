#include "validity/checks.hpp"

#include "stats/stats.hpp"

#include <algorithm>

namespace aisp::validity {
namespace {

constexpr const char* kThread = "location.background_thread";

}  // namespace

void check_place(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  double timed = 0, idle = 0;
  std::vector<double> cpu, allowed, over;
  const int width = v.width();
  const double most_idle = kIdleSeconds * static_cast<double>(std::max<std::size_t>(v.ranks.size(), 1));
  for (const auto& s : v.samples) {
    timed += s.seconds;
    idle += s.idle_cpu_seconds;
    // A CUDA worker spins while the judge draws inputs behind the closed gate; the census knows what it computed.
    if (e.device != "cpu") continue;
    cpu.push_back(s.cpu_seconds);
    allowed.push_back(kCpuShare * width * s.seconds + kCpuSecondsPerBatch * width);
    over.push_back(cpu.back() - allowed.back());
  }
  if (idle > most_idle + kIdleShare * timed)
    found.add(kThread, fmt::format("{} of CPU time while it had nothing to do", ms(idle)),
              fmt::format("at most {}", ms(most_idle + kIdleShare * timed)),
              "do all work in run, on the threads that the variant declares");
  // The median batch: the first ones also pay for what is loaded on first use.
  if (!over.empty() && stats::median(over) > 0)
    found.add(kThread, fmt::format("{} of CPU time in a batch of timed calls", ms(stats::median(cpu))),
              fmt::format("at most {} with {} thread{}", ms(stats::median(allowed)), width, width == 1 ? "" : "s"),
              "declare the threads that run uses");
  if (e.device != "cpu") return;  // the driver's threads are in the count
  // A pool may keep its caller waiting beside its threads; a single-threaded variant has nothing but itself.
  const int threads = std::max(1, v.threads);  // of each process
  const int most = threads == 1 ? 1 : threads + 1;
  if (v.peak_threads > most)
    found.add(kThread, fmt::format("{} threads", v.peak_threads), fmt::format("at most {}", most),
              "declare the threads that run uses");
}

}  // namespace aisp::validity
