// cpu_bars [--rounds N] [--scale light|full] [TARGET...]: the CPU variants against what this machine allows. A row
// takes turns, in one process and on the memory that the judge would lend, between an optimized variant and its
// measure: loops that only move the bytes that the variant must move (the kernels of the judge's own bandwidth
// ceilings, as in STREAM), or a library. Ratios are measure over variant: 1 is as fast. The first is that of turns that
// nothing disturbed, which is what the bars are about; the last is the median over pairs of turns with its interval,
// whatever else the machine did. Exits 1 when a bar is missed.
#include <fmt/format.h>

#include "../in_process.hpp"
#include "app/workloads.hpp"
#include "device/cpu/peak_kernels.hpp"
#include "judge/schedule.hpp"
#include "stats/stats.hpp"
#include "verify/cases.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace aisp;
using bench::Stage, bench::Variant;

struct Bar {
  std::string target, variant;
  std::string library;  // the variant to compare with; empty: moving the bytes
  double at_least;
};

const std::vector<Bar> kBars = {
    {"ch07:copy_vectorized", "nontemporal", "", 0.9},
    {"ch07:transpose", "simd", "", 0.9},
    {"ch07:reduction", "lanes", "", 0.9},
    {"ch09:kernel_fusion", "fused_streamed", "", 0.9},
    {"ch09:softmax", "overlapped", "", 0.85},
    {"ch09:l2norm", "fused_streamed", "", 0.85},
    {"ch09:rmsnorm", "one_read_streamed", "", 0.85},
    {"ch09:micro_tiling_matmul", "micro_tiled", "openblas", 0.9},
    {"ch12:work_queue", "queue", "onetbb", 0.9},
};

constexpr double kTurnSeconds = 2e-3;
constexpr std::uint64_t kMemory = std::uint64_t{3} << 28;  // bytes of slots

struct Contestant {
  std::string name;
  std::function<void(int slot)> run;
  std::vector<double> seconds;  // per call, by round
};

// The ways to move a call's bytes: what is read for each call and what is written, in the fewest arrays.
std::vector<Contestant> movers(const Stage& stage) {
  std::vector<std::size_t> in, out;
  std::size_t largest = 0;
  for (const auto& t : stage.problem().tensors) largest = std::max(largest, t.bytes());
  for (std::size_t i = 0; i < stage.problem().tensors.size(); ++i) {
    const auto& t = stage.problem().tensors[i];
    if (t.bytes() < largest) continue;  // a row of weights, a sum per row
    (t.writable() ? out : in).push_back(i);
  }
  const bool pairs = in.size() == out.size();
  const auto arrays = pairs ? 2 : static_cast<int>(in.size() + out.size());
  const std::size_t repeats = pairs ? in.size() : 1, bytes = largest / device::kStreamBlock * device::kStreamBlock;
  if (!pairs && (in.empty() || in.size() > 2 || out.size() > 1))
    throw std::logic_error(stage.problem().target + ": no stream has its mix of reads and writes");
  std::vector<Contestant> all;
  for (const auto& kernel : device::stream_kernels()) {
    if (kernel.arrays != arrays) continue;
    all.push_back({kernel.streaming ? "streaming stores"
                   : arrays == 1    ? "loads"
                                    : "stores",
                   [=, &stage](int slot) {
                     for (std::size_t i = 0; i < repeats; ++i) {
                       std::byte* const a = stage.at(in[i], slot);
                       std::byte* const b = stage.at(in[in.size() == 2 && !pairs ? 1 : i], slot);
                       std::byte* const c = out.empty() ? nullptr : stage.at(out[i], slot);
                       kernel.run(c, a, b, bytes, 1);
                     }
                   },
                   {}});
  }
  return all;
}

// Every contestant once per round, in the judge's order of turns, on the next slots of the ring. The first call of a
// turn warms up. Turns are no longer than a time slice, so that other processes disturb some of them and not all.
void take_turns(std::vector<Contestant>& contestants, int slots, int rounds) {
  int slot = 0;
  const auto call = [&](Contestant& c) { c.run(slot++ % slots); };
  const auto turn = [&](Contestant& c) {
    call(c);
    const auto begin = judge::now_ns();
    auto now = begin;
    int calls = 0;
    for (; static_cast<double>(now - begin) < kTurnSeconds * 1e9; ++calls) {
      call(c);
      now = judge::now_ns();
    }
    return static_cast<double>(now - begin) * 1e-9 / calls;
  };
  for (auto& c : contestants) turn(c);
  for (int round = 0; round < rounds; ++round)
    for (const int c : judge::round_order(static_cast<int>(contestants.size()), round)) {
      auto& contestant = contestants[static_cast<std::size_t>(c)];
      contestant.seconds.push_back(turn(contestant));
    }
}

// What a contestant takes when nothing disturbs it: a tenth of its turns were faster.
double quiet(const Contestant& c) { return stats::quantile(c.seconds, 0.1); }

std::string libraries_of(const std::string& target) { return target.substr(0, target.find(':')) + ".so"; }

// One row; false when the bar is not met.
bool measure(const Bar& bar, const std::string& scale, int rounds, app::WorkloadLibraries& workloads) {
  const auto& entry = workloads.find(libraries_of(bar.target), bar.target);
  const Problem problem = scale == "full" ? verify::full_case(entry) : verify::light_case(entry);
  const std::string plugin = std::string(AISP_VARIANTS) + "/" + libraries_of(bar.target);
  const int threads = judge::find_variant(judge::load_plugin(plugin), bar.target, bar.variant).threads == 1 ? 1 : 2;
  const Stage stage(problem, kMemory, threads);

  std::vector<Contestant> contestants;
  if (bar.library.empty()) {
    if (threads > 1) throw std::logic_error("the streams run on one thread, " + bar.variant + " on more");
    contestants = movers(stage);
  } else {
    const std::string peers = bar.library == "onetbb" ? std::string(AISP_TBB_PEER) : plugin;
    if (peers.empty()) {
      fmt::print("{:<26}{:<20}{:<20} not here\n", bar.target, bar.variant, bar.library);
      return true;
    }
    contestants.push_back(
        {bar.library, [v = std::make_shared<Variant>(stage, peers, bar.library)](int s) { (*v)(s); }, {}});
  }
  contestants.push_back(
      {bar.variant, [v = std::make_shared<Variant>(stage, plugin, bar.variant)](int s) { (*v)(s); }, {}});
  take_turns(contestants, stage.slots(), rounds);

  const auto variant =
      std::find_if(contestants.begin(), contestants.end(), [&](auto& c) { return c.name == bar.variant; });
  const Contestant* best = nullptr;
  for (const auto& c : contestants)
    if (&c != &*variant && (!best || quiet(c) < quiet(*best))) best = &c;
  const stats::PairedTimes times{best->seconds, variant->seconds};
  const auto paired = stats::paired_ratio({&times, 1});
  const double ratio = quiet(*best) / quiet(*variant);
  const bool met = ratio >= bar.at_least;
  fmt::print(
      "{:<26}{:<20}{:<18}{:>9.1f} us {:>8.1f} us {:>7.2f} GB/s {:>7.3f} {:>5.2f} {:<7} {:>6.3f} ({:.3f}-{:.3f})\n",
      bar.target, bar.variant, best->name, 1e6 * quiet(*variant), 1e6 * quiet(*best),
      problem.bytes * 1e-9 / quiet(*variant), ratio, bar.at_least, met ? "met" : "MISSED", paired.speedup,
      paired.interval.lo, paired.interval.hi);
  std::fflush(stdout);
  return met;
}

int run(const std::vector<std::string>& targets, const std::string& scale, int rounds) {
  app::WorkloadLibraries workloads(AISP_WORKLOADS);
  fmt::print("{:<26}{:<20}{:<18}{:>12} {:>11} {:>12} {:>7} {:>5} {:<7} {}\n", scale + " scale", "variant", "against",
             "variant", "against", "", "ratio", "bar", "", "paired median");
  bool all = true;
  for (const auto& bar : kBars)
    if (targets.empty() || std::find(targets.begin(), targets.end(), bar.target) != targets.end())
      all = measure(bar, scale, rounds, workloads) && all;
  return all ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = 101;
  std::string scale = "light";
  std::vector<std::string> targets;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--rounds" && i + 1 < argc)
      rounds = std::atoi(argv[++i]);
    else if (argument == "--scale" && i + 1 < argc)
      scale = argv[++i];
    else
      targets.push_back(argument);
  }
  if (rounds < stats::kMinPairs || (scale != "light" && scale != "full")) {
    fmt::print(stderr, "cpu_bars: at least {} rounds, scale light or full\n", stats::kMinPairs);
    return 2;
  }
  try {
    return run(targets, scale, rounds);
  } catch (const std::exception& error) {
    fmt::print(stderr, "cpu_bars: {}\n", error.what());
    return 6;
  }
}
