// aisp calibrate: what this machine can tell apart. Identical code against itself, known durations, the cost of a call,
// ceilings. The result is stored and cited by later runs.
#include "analysis/verdict.hpp"
#include "app/catalogue.hpp"
#include "app/commands/commands.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/progress.hpp"
#include "app/session.hpp"
#include "app/workloads.hpp"
#include "record/calibration.hpp"
#include "record/json.hpp"
#include "record/manifest.hpp"
#include "stats/stats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>

namespace aisp::app {
namespace {

constexpr double kPeakSeconds = 3;                              // spent on ceilings
constexpr double kTrialSeconds = 0.25;                          // of timed work in one A/A trial
constexpr double kSpinRelative = 0.01, kSpinAbsolute = 100e-9;  // the bar of performance.md

struct Stopped {};  // Ctrl-C

struct Options {
  int trials = 20;
  int power_trials = 0;
  double timeout = 30;
};

// Runs calibration's own targets.
class Bench {
 public:
  Bench(const Context& context, const Catalogue& catalogue, Session& session, const Options& o, ProgressBar& bar)
      : catalogue_(catalogue), session_(session), bar_(bar), workloads_(context.paths.workloads()) {
    settings_.timeout = o.timeout;
    settings_.seconds = kTrialSeconds;
  }

  std::vector<WorkloadEntry> declarations(const std::string& target) {
    return workloads_.all(catalogue_.find(target).workload_library, target);
  }

  // The target's baseline, `copies` times under different names.
  model::TargetEvidence run(const WorkloadEntry& workload, int copies, const std::string& label) {
    const auto baseline = catalogue_.contestants(catalogue_.find(workload.target)).front();
    std::vector<judge::Contestant> contestants(static_cast<std::size_t>(copies), baseline);
    for (int i = 1; i < copies; ++i)
      contestants[static_cast<std::size_t>(i)].info.name = fmt::format("baseline_{}", i + 1);
    return run(workload, contestants, label);
  }

  // The target's baseline against one of its variants, with the time that a run takes by default.
  model::TargetEvidence compare(const WorkloadEntry& workload, const std::string& variant, const std::string& label) {
    auto contestants = catalogue_.contestants(catalogue_.find(workload.target));
    std::erase_if(contestants, [&](const auto& c) { return c.info.name != "baseline" && c.info.name != variant; });
    settings_.seconds = judge::Settings{}.seconds;
    return run(workload, contestants, label);
  }

 private:
  model::TargetEvidence run(const WorkloadEntry& workload, const std::vector<judge::Contestant>& contestants,
                            const std::string& label) {
    bar_.begin(label);
    auto settings = session_.equip(settings_);
    settings.seed = judge::fresh_seed();
    auto evidence = judge::judge_target(workload, contestants, settings, session_.facts(), session_.peaks(),
                                        [&](const judge::Event& event) { bar_.update(event); });
    if (evidence.interrupted || session_.interrupted()) throw Stopped{};
    if (!evidence.error.empty()) throw std::runtime_error(fmt::format("{}: {}", label, evidence.error));
    for (const auto& variant : evidence.variants)
      if (variant.status != model::Status::ok)
        throw std::runtime_error(fmt::format("{}: {}: {}", label, model::to_string(variant.status), variant.message));
    return evidence;
  }

  const Catalogue& catalogue_;
  Session& session_;
  ProgressBar& bar_;
  WorkloadLibraries workloads_;
  judge::Settings settings_;
};

std::vector<double> per_call(const model::VariantEvidence& variant) {
  std::vector<double> seconds;
  for (const auto& sample : variant.samples) seconds.push_back(sample.per_call());
  return seconds;
}

void measure_null_call(Bench& bench, record::CalibrationRecord& record) {
  const auto evidence = bench.run(bench.declarations("calibrate:null").at(0), 1, "null call");
  record.null_call_seconds = stats::median(per_call(evidence.variants.front()));
  record.clock_resolution_seconds = evidence.clock_resolution_seconds;
}

void measure_spins(Bench& bench, record::CalibrationRecord& record) {
  for (const auto& workload : bench.declarations("calibrate:spin")) {
    const auto evidence = bench.run(workload, 1, "known duration");
    record::SpinAccuracy spin;
    spin.requested_seconds = static_cast<double>(evidence.params.at(0).value) * 1e-9;
    const auto seconds = per_call(evidence.variants.front());
    spin.measured_seconds = stats::median(seconds);
    for (const double s : seconds)
      spin.worst_error_seconds = std::max(spin.worst_error_seconds, std::abs(s - spin.requested_seconds));
    record.spin.push_back(spin);
  }
}

double median_absolute_deviation(const std::vector<double>& values, double median) {
  std::vector<double> deviations;
  for (const double v : values) deviations.push_back(std::abs(v - median));
  return stats::median(std::move(deviations));
}

// The paired ratio of two copies, whatever the verdict on them: it is the spread that is asked for here.
double ratio_of(const model::VariantEvidence& first, const model::VariantEvidence& second) {
  std::map<int, stats::PairedTimes> restarts;
  for (const auto& a : first.samples)
    for (const auto& b : second.samples)
      if (a.restart == b.restart && a.round == b.round) {
        restarts[a.restart].baseline.push_back(a.per_call());
        restarts[a.restart].variant.push_back(b.per_call());
      }
  std::vector<stats::PairedTimes> pairs;
  for (auto& [restart, times] : restarts) pairs.push_back(std::move(times));
  if (pairs.empty()) throw std::runtime_error("identical code: no pair of timed calls");
  return stats::paired_ratio(pairs).speedup;
}

void measure_identical(Bench& bench, int trials, record::CalibrationRecord& record) {
  const auto workload = bench.declarations("calibrate:fixed_work").at(0);
  std::vector<double> ratios, seconds;
  int withheld = 0;
  std::string why;
  for (int trial = 0; trial < trials; ++trial) {
    const auto evidence = bench.run(workload, 2, fmt::format("identical code, trial {} of {}", trial + 1, trials));
    const auto second = analysis::verdict(evidence).variants.at(1);
    if (second.speedup <= 0) {
      ++withheld;
      why = second.why;
    }
    ratios.push_back(ratio_of(evidence.variants.at(0), evidence.variants.at(1)));
    if (second.word == model::Word::fast || second.word == model::Word::slow) ++record.aa_false_calls;
    const auto times = per_call(evidence.variants.front());
    seconds.insert(seconds.end(), times.begin(), times.end());
  }
  if (withheld > 0)
    fmt::print(stderr, "note: the verdict was withheld in {} of {} trials: {}\n", withheld, trials, one_line(why));
  record.aa_trials = trials;
  record.aa_floor = stats::aa_floor(ratios);
  const double median = stats::median(seconds);
  record.noise = median_absolute_deviation(seconds, median) / median;
}

// Work of about a millisecond against the same work and a tenth more: how often, and how soon, the judge says so.
void measure_power(Bench& bench, int trials, record::CalibrationRecord& record) {
  const auto workload = bench.declarations("calibrate:power").at(0);
  record.power_trials = trials;
  record.power_effect = 0.1;
  for (int trial = 0; trial < trials; ++trial) {
    const auto start = std::chrono::steady_clock::now();
    const auto evidence =
        bench.compare(workload, "tenth_more", fmt::format("a tenth more, trial {} of {}", trial + 1, trials));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    record.power_worst_seconds = std::max(record.power_worst_seconds, took.count());
    record.power_resolved += analysis::verdict(evidence).variants.at(1).word == model::Word::slow;
  }
}

bool within_bar(const record::SpinAccuracy& spin) {
  return std::abs(spin.measured_seconds - spin.requested_seconds) <=
         std::max(kSpinRelative * spin.requested_seconds, kSpinAbsolute);
}

void print_table(const record::CalibrationRecord& record) {
  std::vector<std::vector<std::string>> rows{{"what", "found", "bar"}};
  rows.push_back({"identical code called FAST or SLOW",
                  fmt::format("{} of {} trials", record.aa_false_calls, record.aa_trials), "at most 5 %"});
  rows.push_back({"identical code differs by", fmt::format("{:.2f} %", 100 * record.aa_floor), ""});
  if (record.power_trials > 0)
    rows.push_back({fmt::format("{:.0f} % more work called SLOW", 100 * record.power_effect),
                    fmt::format("{} of {} trials, {:.1f} s at most", record.power_resolved, record.power_trials,
                                record.power_worst_seconds),
                    "at least 95 %, in 30 s"});
  rows.push_back({"noise of a fixed computation", fmt::format("{:.2f} %", 100 * record.noise), ""});
  rows.push_back({"cost of an empty call", human_seconds(record.null_call_seconds), "200 ns"});
  rows.push_back({"clock resolution", human_seconds(record.clock_resolution_seconds), ""});
  for (const auto& spin : record.spin)
    rows.push_back({"spin of " + human_seconds(spin.requested_seconds),
                    fmt::format("{:+.2f} %", 100 * (spin.measured_seconds / spin.requested_seconds - 1)),
                    within_bar(spin) ? "within max(1 %, 100 ns)" : "OUTSIDE max(1 %, 100 ns)"});
  rows.push_back({"peak f32, one thread", fmt::format("{:.4g} GFLOP/s", record.peaks.flops_f32 * 1e-9), ""});
  rows.push_back({"peak f64, one thread", fmt::format("{:.4g} GFLOP/s", record.peaks.flops_f64 * 1e-9), ""});
  for (const auto& level : record.peaks.bandwidth)
    rows.push_back({"bandwidth of " + human_bytes(static_cast<double>(level.working_set)),
                    fmt::format("{:.4g} GB/s", level.bytes_per_second * 1e-9), ""});
  fmt::print("{}", aligned(rows));
}

int calibrate(const Context& context, const Options& o) {
  const Catalogue catalogue(context.paths);
  Session session(context);
  session.take({"cpu"});
  record::CalibrationRecord record;
  record.host = record::host_key(session.facts());
  record.when = record::utc_now();
  record.aisp_version = record::aisp_version();
  record.state = device::host_state(session.facts().allowed_cpus);
  constexpr int kOtherSteps = 7;  // ceilings, null call, five durations
  ProgressBar bar(kOtherSteps + o.trials + o.power_trials);
  try {
    bar.begin("ceilings");
    record.peaks = device::measure_peaks(kPeakSeconds);
    Bench bench(context, catalogue, session, o, bar);
    measure_null_call(bench, record);
    measure_spins(bench, record);
    measure_identical(bench, o.trials, record);
    measure_power(bench, o.power_trials, record);
  } catch (const Stopped&) {
    bar.clear();
    fmt::print(stderr, "interrupted; nothing was stored\n");
    return kCrash;
  }
  bar.clear();
  const auto file = record::save_calibration(context.artifacts, record);
  if (context.json) {
    print_json(Json::parse(record::to_json(record)));
  } else {
    print_table(record);
    fmt::print("\nstored in {}; later runs cite it\n", file.string());
  }
  return kOk;
}

}  // namespace

void add_calibrate(CLI::App& root, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* command = add_command(root, context, "calibrate", "Measure what this machine can tell apart, and store it",
                              "aisp calibrate --trials 40", [&context, o] { return calibrate(context, *o); });
  command->add_option("--trials", o->trials, "Trials of identical code against itself")
      ->check(CLI::Range(2, 10000))
      ->type_name("N");
  command->add_option("--power-trials", o->power_trials, "Trials of work that is known to take a tenth longer")
      ->check(CLI::Range(0, 10000))
      ->type_name("N");
  command->add_option("--timeout", o->timeout, "Seconds that one command to a worker may take")
      ->check(CLI::Range(0.1, 86400.0))
      ->type_name("S");
  add_artifacts_option(*command, context);
}

}  // namespace aisp::app
