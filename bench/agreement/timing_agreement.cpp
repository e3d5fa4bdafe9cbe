// timing_agreement [ROUNDS]: one compiled function, timed by the judge, by Google Benchmark, and the way nanobench does
// (epochs of enough iterations for the clock, median over epochs), in turns within one run. Prints one row a duration
// and exits 1 when the judge is further than 2 % from either.
#include <aisp/plugin.h>
#include <benchmark/benchmark.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include "judge/judge.hpp"
#include "stats/stats.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr std::int64_t kNumbers = 256;
constexpr double kAgreement = 0.02;
using Clock = std::chrono::steady_clock;

std::int64_t degree = 0;  // of the polynomial being timed; a declaration is a plain function and takes no arguments

void declare(aisp::Workload& w) {
  w.about("A polynomial of each of a few numbers");
  w.no_held_out("the degree is the size");
  w.param("degree", {.light = degree, .full = degree});
  w.input("x", aisp::f32, {kNumbers}, aisp::uniform(0, 0.5));
  w.output("y", aisp::f32, {kNumbers});
  w.accumulates(degree);
  w.flops(2.0 * static_cast<double>(kNumbers * degree));
  w.reference([d = degree](aisp::Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < kNumbers; ++i) {
      double value = 1;
      for (std::int64_t k = 0; k < d; ++k) value = value * x[i] + 1;
      y[i] = value;
    }
  });
}

// The variant in this process, through the C ABI, on memory of its own.
class Kernel {
 public:
  Kernel() {
    void* library = ::dlopen(AISP_AGREEMENT_KERNEL, RTLD_NOW | RTLD_LOCAL);
    if (!library) throw std::runtime_error(::dlerror());
    const auto entry = reinterpret_cast<aisp_plugin_fn>(::dlsym(library, AISP_PLUGIN_SYMBOL));
    if (!entry) throw std::runtime_error(::dlerror());
    variant_ = entry()->variants[0];

    std::int64_t shape[] = {kNumbers};
    const DLDataType type = aisp::info(aisp::f32).dl;
    DLTensor in{x_.data(), {kDLCPU, 0}, 1, type, shape, nullptr, 0}, out = in;
    out.data = y_.data();
    const DLTensor* const bound[] = {&in, &out};
    const aisp_param param{"degree", degree};
    const aisp_tensor_info tensors[] = {{"x", AISP_FRESH, in}, {"y", AISP_OUTPUT, out}};
    const aisp_setup setup{sizeof(aisp_setup), "bench:agreement", 1,     &param, 2, tensors, 1, 1,
                           {kDLCPU, 0},        nullptr,           "/tmp"};
    check(variant_->prepare(&setup, &state_));
    check(variant_->bind(state_, 0, bound, 2));
  }
  ~Kernel() { variant_->release(state_); }
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  void operator()() const {
    variant_->run(state_, 0);
    benchmark::ClobberMemory();
  }

 private:
  static void check(const char* error) {
    if (error) throw std::runtime_error(error);
  }
  std::vector<float> x_ = std::vector<float>(kNumbers, 0.25F), y_ = std::vector<float>(kNumbers);
  const aisp_variant* variant_ = nullptr;
  void* state_ = nullptr;
};

class Capture : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const auto& run : runs) seconds = run.real_accumulated_time / static_cast<double>(run.iterations);
  }
  double seconds = 0;
};

double google_benchmark(const Kernel& kernel) {
  benchmark::ClearRegisteredBenchmarks();
  benchmark::RegisterBenchmark("kernel",
                               [&](benchmark::State& state) {
                                 for (auto _ : state) kernel();
                               })
      ->MinTime(0.1)
      ->UseRealTime();
  Capture capture;
  benchmark::RunSpecifiedBenchmarks(&capture);
  return capture.seconds;
}

double nanobench_style(const Kernel& kernel) {
  const auto epoch = [&](std::int64_t iterations) {
    const auto start = Clock::now();
    for (std::int64_t i = 0; i < iterations; ++i) kernel();
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  std::int64_t iterations = 1;
  while (epoch(iterations) < 1e-3) iterations *= 2;
  std::vector<double> seconds;
  for (int i = 0; i < 11; ++i) seconds.push_back(epoch(iterations) / static_cast<double>(iterations));
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
  const auto evidence = aisp::judge::judge_target({"bench:agreement", &declare}, {contestant}, settings, facts, peaks,
                                                  [](const auto&) {});
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
  fmt::print("{:>8} {:>12} {:>12} {:>12} {:>10} {:>10}\n", "degree", "judge", "google", "nanobench", "j/google",
             "j/nanob.");
  bool agrees = true;
  for (const std::int64_t d : {64, 1024, 16384, 131072}) {
    degree = d;
    const Kernel kernel;
    std::vector<double> judge, google, nano, to_google, to_nano;
    for (int i = 0; i < rounds; ++i) {  // in turns, so that a drift of the clock hits all three
      judge.push_back(judged(facts, peaks));
      google.push_back(google_benchmark(kernel));
      nano.push_back(nanobench_style(kernel));
      to_google.push_back(judge.back() / google.back());
      to_nano.push_back(judge.back() / nano.back());
    }
    const double g = aisp::stats::median(to_google), n = aisp::stats::median(to_nano);
    agrees = agrees && std::abs(g - 1) <= kAgreement && std::abs(n - 1) <= kAgreement;
    fmt::print("{:>8} {:>9.3f} us {:>9.3f} us {:>9.3f} us {:>10.4f} {:>10.4f}\n", d, 1e6 * aisp::stats::median(judge),
               1e6 * aisp::stats::median(google), 1e6 * aisp::stats::median(nano), g, n);
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
