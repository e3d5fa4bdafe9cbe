// timing_agreement [ROUNDS]: one compiled function, timed by the judge, by Google Benchmark, and the way nanobench does
// (epochs of enough iterations for the clock, median over epochs), in turns within one run. Prints a row for each of
// some durations, with the medians of the ratios of each turn, and exits 1 when the judge is further than 2 % from
// either. The row of a function bound by memory is for information: its inputs do not lie in the same caches.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "../in_process.hpp"
#include "judge/judge.hpp"
#include "stats/stats.hpp"
#include "verify/cases.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr double kAgreement = 0.02;
constexpr double kEpochSeconds = 0.5e-3;  // shorter than a time slice: other processes disturb some epochs, not all
constexpr int kEpochs = 31;
constexpr std::uint64_t kMemory = 256u << 20;
using Clock = std::chrono::steady_clock;

// A polynomial of `degree` of each of `numbers`: arithmetic alone when they are few, memory alone when they are many.
struct Function {
  const char* name;
  std::int64_t numbers, degree;
  bool same_memory;  // the judge writes inputs just before it times, which shows where they do not fit a core's caches
};
constexpr Function kFunctions[] = {{"1 us", 16, 100, true},
                                   {"10 us", 64, 140, true},
                                   {"100 us", 256, 280, true},
                                   {"1 ms", 256, 2800, true},
                                   {"memory", 1 << 21, 1, false}};

Function timed = {};  // a declaration is a plain function and takes no arguments

void declare(aisp::Workload& w) {
  w.about("A polynomial of each of some numbers");
  w.no_held_out("the degree is the size");
  w.param("degree", {.light = timed.degree, .full = timed.degree});
  w.input("x", aisp::f32, {timed.numbers}, aisp::uniform(0, 0.5));
  w.output("y", aisp::f32, {timed.numbers});
  w.accumulates(timed.degree);
  w.flops(2.0 * static_cast<double>(timed.numbers * timed.degree));
  w.reference([f = timed](aisp::Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < f.numbers; ++i) {
      double value = 1;
      for (std::int64_t k = 0; k < f.degree; ++k) value = value * x[i] + 1;
      y[i] = value;
    }
  });
}
const aisp::WorkloadEntry kWorkload{"bench:agreement", &declare};

// The variant in this process, on memory like the judge's and through the slots in the same order.
class Kernel {
 public:
  Kernel() : stage_(aisp::verify::light_case(kWorkload), kMemory), variant_(stage_, AISP_AGREEMENT_KERNEL, "") {}
  void operator()() {
    if (++slot_ == stage_.slots()) slot_ = 1;
    variant_(slot_);
    benchmark::ClobberMemory();
  }

 private:
  bench::Stage stage_;
  bench::Variant variant_;
  int slot_ = 0;
};

class Capture : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const auto& run : runs)
      if (run.run_type == Run::RT_Iteration)
        seconds.push_back(run.real_accumulated_time / static_cast<double>(run.iterations));
  }
  std::vector<double> seconds;  // per call, by repetition
};

double google_benchmark(Kernel& kernel) {
  benchmark::ClearRegisteredBenchmarks();
  benchmark::RegisterBenchmark("kernel",
                               [&](benchmark::State& state) {
                                 for (auto _ : state) kernel();
                               })
      ->MinTime(kEpochSeconds)
      ->Repetitions(kEpochs)
      ->UseRealTime();
  Capture capture;
  benchmark::RunSpecifiedBenchmarks(&capture);
  return aisp::stats::median(capture.seconds);
}

double nanobench_style(Kernel& kernel) {
  const auto epoch = [&](std::int64_t iterations) {
    const auto start = Clock::now();
    for (std::int64_t i = 0; i < iterations; ++i) kernel();
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  std::int64_t iterations = 1;
  while (epoch(iterations) < kEpochSeconds) iterations *= 2;
  std::vector<double> seconds;
  for (int i = 0; i < kEpochs; ++i) seconds.push_back(epoch(iterations) / static_cast<double>(iterations));
  return aisp::stats::median(seconds);
}

double judged(const aisp::device::CpuFacts& facts, const aisp::device::CpuPeaks& peaks) {
  aisp::judge::Settings settings;
  settings.seconds = 0.2;
  settings.seed = aisp::judge::fresh_seed();
  settings.worker = AISP_WORKER;
  std::string scratch = (std::filesystem::temp_directory_path() / "timing-agreement-XXXXXX").string();
  if (!::mkdtemp(scratch.data())) throw std::runtime_error("no scratch directory: " + scratch);
  settings.scratch = scratch;
  aisp::judge::Contestant contestant;
  contestant.plugin = AISP_AGREEMENT_KERNEL;
  contestant.info.name = "polynomial";
  contestant.info.device = "cpu";
  const auto evidence = aisp::judge::judge_target(kWorkload, {contestant}, settings, facts, peaks, [](const auto&) {});
  std::filesystem::remove_all(scratch);
  if (!evidence.error.empty()) throw std::runtime_error(evidence.error);
  const auto& variant = evidence.variants.at(0);
  if (variant.status != aisp::model::Status::ok) throw std::runtime_error(variant.message);
  std::vector<double> seconds;
  for (const auto& sample : variant.samples) seconds.push_back(sample.per_call());
  return aisp::stats::median(seconds);
}

int run(int rounds) {
  const auto facts = aisp::device::cpu_facts();
  const auto peaks = aisp::device::measure_peaks(0.5);
  fmt::print("{:<8} {:>12} {:>12} {:>12} {:>14} {:>14}\n", "function", "judge", "google", "nanobench", "judge/google",
             "judge/nanob.");
  bool agrees = true;
  for (const auto& function : kFunctions) {
    timed = function;
    Kernel kernel;
    std::vector<double> judge, google, nano, to_google, to_nano;
    for (int i = 0; i < rounds; ++i) {  // in turns, so that a drift of the clock hits all three
      judge.push_back(judged(facts, peaks));
      google.push_back(google_benchmark(kernel));
      nano.push_back(nanobench_style(kernel));
      to_google.push_back(judge.back() / google.back());
      to_nano.push_back(judge.back() / nano.back());
    }
    const double g = aisp::stats::median(to_google), n = aisp::stats::median(to_nano);
    if (function.same_memory) agrees = agrees && std::abs(g - 1) <= kAgreement && std::abs(n - 1) <= kAgreement;
    fmt::print("{:<8} {:>9.3f} us {:>9.3f} us {:>9.3f} us {:>14.4f} {:>14.4f}\n", function.name,
               1e6 * aisp::stats::median(judge), 1e6 * aisp::stats::median(google), 1e6 * aisp::stats::median(nano), g,
               n);
    std::fflush(stdout);
  }
  return agrees ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  if (rounds < 1) {
    fmt::print(stderr, "timing_agreement: '{}' is not a number of rounds\n", argv[1]);
    return 2;
  }
  try {
    return run(rounds);
  } catch (const std::exception& error) {
    fmt::print(stderr, "timing_agreement: {}\n", error.what());
    return 6;
  }
}
