// aisp calibrate: what this machine can tell apart. Identical code against itself, known durations, the cost of a call,
// ceilings. The result is stored and cited by later runs.
#include "analysis/verdict.hpp"
#include "app/catalogue.hpp"
#include "app/commands/commands.hpp"
#include "app/devices.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "app/progress.hpp"
#include "app/session.hpp"
#include "app/workloads.hpp"
#include "device/gpu/facts.hpp"
#include "record/calibration.hpp"
#include "record/json.hpp"
#include "record/manifest.hpp"
#include "stats/stats.hpp"
#include "verify/cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <optional>

namespace aisp::app {
namespace {

constexpr double kPeakSeconds = 3;      // spent on ceilings
constexpr double kTrialSeconds = 0.25;  // of timed work in one A/A trial

// What differs between devices: how many trials are affordable, what they run, and the bars.
struct Plan {
  int trials, power_trials;  // unless the user says otherwise
  const char* power_target;
  const char* power_variant;  // of power_target: takes longer by power_effect
  double power_effect;
  double shortest_spin;        // seconds
  double spin_absolute;        // a spin may be off by this, or by kSpinRelative
  double null_bar, power_bar;  // seconds
};
constexpr double kSpinRelative = 0.01;
constexpr Plan kOnCpu{20, 0, "calibrate:power", "tenth_more", 0.1, 1e-6, 100e-9, 200e-9, 30};
constexpr Plan kOnCuda{200, 5, "calibrate:long_work", "three_percent_more", 0.03, 2e-6, 0.5e-6, 3e-6, 10};

struct Stopped {};  // Ctrl-C

struct Options {
  std::string device = "cpu";
  std::optional<int> trials, power_trials;
  double timeout = 30;
  bool on_cuda() const { return device == "cuda"; }
  const Plan& plan() const { return on_cuda() ? kOnCuda : kOnCpu; }
};

// Runs calibration's own targets.
class Bench {
 public:
  Bench(const Context& context, const Catalogue& catalogue, Session& session, const Options& o, ProgressBar& bar)
      : catalogue_(catalogue), session_(session), bar_(bar), workloads_(context.paths.workloads()), device_(o.device) {
    settings_.timeout = o.timeout;
    settings_.seconds = kTrialSeconds;
  }

  std::vector<WorkloadEntry> declarations(const std::string& target) {
    return workloads_.all(catalogue_.find(target).workload_library, target);
  }

  // The target's baseline, `copies` times under different names; with so many pairs in so many restarts, where they are
  // given.
  model::TargetEvidence run(const WorkloadEntry& workload, int copies, const std::string& label, int pairs = 0,
                            int restarts = 0) {
    const auto all = contestants_of(workload);
    const auto& baseline = all.front();
    std::vector<judge::Contestant> contestants(static_cast<std::size_t>(copies), baseline);
    for (int i = 1; i < copies; ++i)
      contestants[static_cast<std::size_t>(i)].info.name = fmt::format("baseline_{}", i + 1);
    auto settings = settings_;
    settings.pairs = pairs;
    if (restarts > 0) settings.restarts = restarts;
    return run(workload, contestants, label, settings);
  }

  // The target's baseline against one of its variants, with the time that a run takes by default.
  model::TargetEvidence compare(const WorkloadEntry& workload, const std::string& variant, const std::string& label) {
    auto contestants = contestants_of(workload);
    std::erase_if(contestants, [&](const auto& c) { return c.info.name != "baseline" && c.info.name != variant; });
    auto settings = settings_;
    settings.seconds = judge::Settings{}.seconds;
    return run(workload, contestants, label, settings);
  }

 private:
  std::vector<judge::Contestant> contestants_of(const WorkloadEntry& workload) const {
    return catalogue_.contestants(catalogue_.find(workload.target), device_);
  }

  model::TargetEvidence run(const WorkloadEntry& workload, const std::vector<judge::Contestant>& contestants,
                            const std::string& label, judge::Settings settings) {
    bar_.begin(label);
    settings.seed = judge::fresh_seed();
    auto evidence = session_.judge(workload, contestants, settings, device_,
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
  std::string device_;
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

// A call on a device takes as long as its kernel and a launch, so the cost of an empty call is taken off there.
void measure_spins(Bench& bench, const Options& o, record::CalibrationRecord& record) {
  for (const auto& workload : bench.declarations("calibrate:spin")) {
    if (static_cast<double>(verify::light_case(workload).params.at(0).value) * 1e-9 < o.plan().shortest_spin) continue;
    const auto evidence = bench.run(workload, 1, "known duration", 0, o.on_cuda() ? 1 : 0);
    record::SpinAccuracy spin;
    spin.requested_seconds = static_cast<double>(evidence.params.at(0).value) * 1e-9;
    auto seconds = per_call(evidence.variants.front());
    if (o.on_cuda())
      for (auto& s : seconds) s -= record.null_call_seconds;
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

// The times of two in the same rounds, by restart.
std::vector<stats::PairedTimes> paired(const std::vector<model::Sample>& first,
                                       const std::vector<model::Sample>& second) {
  std::map<int, stats::PairedTimes> restarts;
  for (const auto& a : first)
    for (const auto& b : second)
      if (a.restart == b.restart && a.round == b.round) {
        restarts[a.restart].baseline.push_back(a.per_call());
        restarts[a.restart].variant.push_back(b.per_call());
      }
  std::vector<stats::PairedTimes> pairs;
  for (auto& [restart, times] : restarts) pairs.push_back(std::move(times));
  if (pairs.empty()) throw std::runtime_error("identical code: no pair of timed calls");
  return pairs;
}

// Trials on a device share the starts of their workers, which would take longer than everything else: one contest of
// many rounds is cut into trials of as many restarts and pairs as a run has.
std::vector<model::TargetEvidence> trials_of_one_contest(Bench& bench, const WorkloadEntry& workload, int trials) {
  constexpr int kPairs = 7, kMostGroups = 4;
  const int restarts = judge::Settings{}.restarts;
  const int groups = std::clamp(trials / 10, 1, kMostGroups), cuts = (trials + groups - 1) / groups;
  const auto all =
      bench.run(workload, 2, fmt::format("identical code, {} trials", trials), kPairs * cuts, restarts * groups);
  auto bare = all;
  bare.twin_samples.clear();
  for (auto& variant : bare.variants) variant.samples.clear();
  std::vector<model::TargetEvidence> parts(static_cast<std::size_t>(trials), bare);
  const auto part_of = [&](const model::Sample& s) {
    const int cut = s.round / kPairs, group = s.restart / restarts;
    return static_cast<std::size_t>(cut * groups + group);
  };
  const auto deal = [&](const std::vector<model::Sample>& samples, auto&& pile_of) {
    for (auto s : samples) {
      const auto part = part_of(s);
      if (part >= parts.size()) continue;
      s.restart %= restarts, s.round %= kPairs;
      pile_of(parts[part]).push_back(s);
    }
  };
  for (std::size_t v = 0; v < all.variants.size(); ++v)
    deal(
        all.variants[v].samples, [v](auto& part) -> auto& { return part.variants[v].samples; });
  deal(
      all.twin_samples, [](auto& part) -> auto& { return part.twin_samples; });
  for (auto& part : parts) part.aa_floor = stats::twin_floor(paired(part.variants.front().samples, part.twin_samples));
  return parts;
}

void measure_identical(Bench& bench, const Options& o, int trials, record::CalibrationRecord& record) {
  const auto workload = bench.declarations(o.on_cuda() ? "calibrate:long_work" : "calibrate:fixed_work").at(0);
  std::vector<model::TargetEvidence> together;
  if (o.on_cuda()) together = trials_of_one_contest(bench, workload, trials);
  std::vector<double> ratios, seconds;
  int withheld = 0;
  std::string why;
  for (int trial = 0; trial < trials; ++trial) {
    const auto evidence =
        o.on_cuda() ? together[static_cast<std::size_t>(trial)]
                    : bench.run(workload, 2, fmt::format("identical code, trial {} of {}", trial + 1, trials));
    const auto second = analysis::verdict(evidence).variants.at(1);
    if (second.speedup <= 0) {
      ++withheld;
      why = second.why;
    }
    // The ratio whatever the verdict on them: it is the spread that is asked for here.
    ratios.push_back(
        stats::paired_ratio(paired(evidence.variants.at(0).samples, evidence.variants.at(1).samples)).speedup);
    if (second.word == model::Word::fast || second.word == model::Word::slow) ++record.aa_false_calls;
    const auto times = per_call(evidence.variants.front());
    seconds.insert(seconds.end(), times.begin(), times.end());
  }
  if (withheld > 0)
    print_err("note: the verdict was withheld in {} of {} trials: {}\n", withheld, trials, one_line(why));
  record.aa_trials = trials;
  record.aa_floor = stats::aa_floor(ratios);
  if (o.on_cuda())
    seconds = per_call(
        bench.run(bench.declarations("calibrate:fixed_work").at(0), 1, "a fixed computation", 0, 1).variants.front());
  const double median = stats::median(seconds);
  record.noise = median_absolute_deviation(seconds, median) / median;
}

// Work of about a millisecond against the same work and a known share more: how often, and how soon, the judge says so.
void measure_power(Bench& bench, const Plan& plan, int trials, record::CalibrationRecord& record) {
  const auto workload = bench.declarations(plan.power_target).at(0);
  record.power_trials = trials;
  record.power_effect = plan.power_effect;
  for (int trial = 0; trial < trials; ++trial) {
    const auto start = std::chrono::steady_clock::now();
    const auto evidence =
        bench.compare(workload, plan.power_variant,
                      fmt::format("{:.0f} % more, trial {} of {}", 100 * plan.power_effect, trial + 1, trials));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    record.power_worst_seconds = std::max(record.power_worst_seconds, took.count());
    record.power_resolved += analysis::verdict(evidence).variants.at(1).word == model::Word::slow;
  }
}

bool within_bar(const record::SpinAccuracy& spin, const Plan& plan) {
  return std::abs(spin.measured_seconds - spin.requested_seconds) <=
         std::max(kSpinRelative * spin.requested_seconds, plan.spin_absolute);
}

// The chance of `count` or more of `trials` where each has the chance `p`.
double at_least(int count, int trials, double p) {
  double below = 0, exactly = std::pow(1 - p, trials);
  for (int k = 0; k < count; ++k) {
    below += exactly;
    exactly *= p / (1 - p) * (trials - k) / (k + 1);
  }
  return std::max(0.0, 1 - below);
}

// A bar of 5 % is missed by more cases than chance explains: one of ten is none.
constexpr double kUnlikely = 0.01;

// What of the table lies outside its bar, in words.
std::vector<std::string> bars_missed(const record::CalibrationRecord& record, const Plan& plan) {
  std::vector<std::string> missed;
  if (at_least(record.aa_false_calls, record.aa_trials, 0.05) < kUnlikely)
    missed.push_back(fmt::format("identical code was called FAST or SLOW in {} of {} trials; at most 5 % may be",
                                 record.aa_false_calls, record.aa_trials));
  if (at_least(record.power_trials - record.power_resolved, record.power_trials, 0.05) < kUnlikely)
    missed.push_back(fmt::format("{:.0f} % more work was called SLOW in {} of {} trials; at least 95 % must be",
                                 100 * record.power_effect, record.power_resolved, record.power_trials));
  if (record.power_trials > 0 && record.power_worst_seconds > plan.power_bar)
    missed.push_back(fmt::format("a trial of {:.0f} % more work took {:.1f} s; the bar is {:.0f} s",
                                 100 * record.power_effect, record.power_worst_seconds, plan.power_bar));
  if (record.null_call_seconds > plan.null_bar)
    missed.push_back(fmt::format("an empty call costs {}; the bar is {}", human_seconds(record.null_call_seconds),
                                 human_seconds(plan.null_bar)));
  for (const auto& spin : record.spin)
    if (!within_bar(spin, plan))
      missed.push_back(fmt::format("a spin of {} was measured as {}", human_seconds(spin.requested_seconds),
                                   human_seconds(spin.measured_seconds)));
  return missed;
}

void print_table(const record::CalibrationRecord& record, const Plan& plan) {
  std::vector<std::vector<std::string>> rows{{"what", "found", "bar"}};
  rows.push_back({"identical code called FAST or SLOW",
                  fmt::format("{} of {} trials", record.aa_false_calls, record.aa_trials), "at most 5 %"});
  rows.push_back({"identical code differs by", fmt::format("{:.2f} %", 100 * record.aa_floor), ""});
  if (record.power_trials > 0)
    rows.push_back({fmt::format("{:.0f} % more work called SLOW", 100 * record.power_effect),
                    fmt::format("{} of {} trials, {:.1f} s at most", record.power_resolved, record.power_trials,
                                record.power_worst_seconds),
                    fmt::format("at least 95 %, in {:.0f} s", plan.power_bar)});
  rows.push_back({"noise of a fixed computation", fmt::format("{:.2f} %", 100 * record.noise), ""});
  rows.push_back({"cost of an empty call", human_seconds(record.null_call_seconds), human_seconds(plan.null_bar)});
  rows.push_back({"clock resolution", human_seconds(record.clock_resolution_seconds), ""});
  for (const auto& spin : record.spin)
    rows.push_back({"spin of " + human_seconds(spin.requested_seconds),
                    fmt::format("{:+.2f} %", 100 * (spin.measured_seconds / spin.requested_seconds - 1)),
                    fmt::format("{} max(1 %, {})", within_bar(spin, plan) ? "within" : "OUTSIDE",
                                human_seconds(plan.spin_absolute))});
  if (record.device == "cuda") {
    print_out("{}", aligned(rows));
    return;
  }
  rows.push_back({"peak f32, one thread", fmt::format("{:.4g} GFLOP/s", record.peaks.flops_f32 * 1e-9), ""});
  rows.push_back({"peak f64, one thread", fmt::format("{:.4g} GFLOP/s", record.peaks.flops_f64 * 1e-9), ""});
  for (const auto& level : record.peaks.bandwidth)
    rows.push_back({"bandwidth of " + human_bytes(static_cast<double>(level.working_set)),
                    fmt::format("{:.4g} GB/s", level.bytes_per_second * 1e-9), ""});
  print_out("{}", aligned(rows));
}

int calibrate(const Context& context, const Options& o) {
  const Devices devices(o.device);  // refuses one that is not there
  const Catalogue catalogue(context.paths);
  Session session(context);
  session.take({o.device});
  record::CalibrationRecord record;
  record.device = o.device;
  record.host = record::host_key(session.facts());
  if (o.on_cuda()) record.host += "-" + device::gpu_key(device::gpu_facts().gpus.at(0));
  record.when = record::utc_now();
  record.aisp_version = record::aisp_version();
  record.state = device::host_state(session.facts().allowed_cpus);
  const auto& plan = o.plan();
  const int trials = o.trials.value_or(plan.trials), power_trials = o.power_trials.value_or(plan.power_trials);
  constexpr int kOtherSteps = 8;  // ceilings, null call, six durations; CUDA: fixed work, null call, five durations
  ProgressBar bar(kOtherSteps + (o.on_cuda() ? 1 : trials) + power_trials);
  try {
    if (!o.on_cuda()) {  // `bench peak` has a GPU's
      bar.begin("ceilings");
      record.peaks = device::measure_peaks(kPeakSeconds);
    }
    Bench bench(context, catalogue, session, o, bar);
    measure_null_call(bench, record);
    measure_spins(bench, o, record);
    measure_identical(bench, o, trials, record);
    measure_power(bench, plan, power_trials, record);
  } catch (const Stopped&) {
    bar.clear();
    print_err("interrupted; nothing was stored\n");
    return kCrash;
  }
  bar.clear();
  const auto file = record::save_calibration(context.artifacts, record);
  if (context.json) {
    print_json(Json::parse(record::to_json(record)));
  } else {
    print_table(record, plan);
    print_out("\nstored in {}; later runs cite it\n", file.string());
  }
  const auto missed = bars_missed(record, plan);
  for (const auto& what : missed) print_err("outside its bar: {}\n", what);
  return missed.empty() ? kOk : kClaimNotMet;
}

}  // namespace

void add_calibrate(CLI::App& root, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* command = add_command(root, context, "calibrate", "Measure what this machine can tell apart, and store it",
                              "aisp calibrate --trials 40", [&context, o] { return calibrate(context, *o); });
  command->add_option("--device", o->device, "What to calibrate")->check(one_of("device", {"cpu", "cuda"}));
  command->add_option("--trials", o->trials, "Trials of identical code against itself (default: 20; 200 on CUDA)")
      ->check(CLI::Range(2, 10000))
      ->type_name("N");
  command
      ->add_option("--power-trials", o->power_trials,
                   "Trials of work that is known to take longer: a tenth (default: 0); on CUDA 3 % (default: 5)")
      ->check(CLI::Range(0, 10000))
      ->type_name("N");
  command->add_option("--timeout", o->timeout, "Seconds that one command to a worker may take")
      ->check(number_between(0.1, 86400.0))
      ->type_name("S");
  add_artifacts_option(*command, context);
}

}  // namespace aisp::app
