#include "judge/judge.hpp"

#include "device/gpu/cubin.hpp"
#include "judge/engine.hpp"
#include "judge/pinned_here.hpp"
#include "judge/profile_pass.hpp"
#include "judge/runner.hpp"
#include "judge/schedule.hpp"
#include "stats/stats.hpp"
#include "verify/cases.hpp"

#include <malloc.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <thread>

namespace aisp::judge {

std::string named_scale(const std::string& scale, const Choices& choices) {
  std::string name = scale;
  for (const auto& [parameter, value] : choices) name += " " + parameter + "=" + std::to_string(value);
  return name;
}

namespace {

constexpr int kMaxRounds = 61, kPilotRounds = 3, kNullBatches = 15, kNullCalls = 1000;
constexpr double kWallPerTimed = 8;         // wall-clock budget per second of timed work, verification included
constexpr double kLookAgainSeconds = 5e-3;  // a pilot call shorter than this may be much shorter
constexpr double kResolvedEffect = 0.02;    // the effect that planned runs should be able to tell from nothing
constexpr std::uint64_t kLightSlots = 256u << 20, kFullSlots = 2ull << 30;  // bytes of slots per variant
constexpr std::uint64_t kFullDeviceSlots = 9ull << 30;
constexpr int kMostThreads = 8;                    // of the judge: memory is the limit soon
constexpr std::uint64_t kAuditSlots = 128u << 20;  // more than twice an L2 cache
constexpr const char* kTwin = "baseline (A/A)";

std::string utc_now() {
  const time_t now = time(nullptr);
  tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

verify::Key key_of(const Seed& seed) { return std::bit_cast<verify::Key>(seed); }

// A replay has the rounds of its source, whatever a pilot would plan today.
Settings settings_for(const std::string& target, Settings settings) {
  if (const auto replay = settings.replay.find(target); replay != settings.replay.end()) {
    settings.restarts = replay->second.restarts;
    settings.pairs = replay->second.rounds;
    settings.calls = replay->second.calls;
  }
  return settings;
}

double clock_resolution() {
  std::int64_t least = INT64_MAX;
  for (int i = 0; i < 1000; ++i) {
    const auto a = now_ns();
    auto b = now_ns();
    while (b == a) b = now_ns();
    least = std::min(least, b - a);
  }
  return static_cast<double>(least) * 1e-9;
}

// The judge's clock beside one that the kernel disciplines (by at most 500 ppm) and nobody sets.
struct Clocks {
  double raw, other;
};
Clocks read_clocks() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return {1e-9 * static_cast<double>(now_ns()), static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec)};
}
double drift(const Clocks& from, const Clocks& to) {
  const double raw = to.raw - from.raw, other = to.other - from.other;
  return raw > 0 ? other / raw - 1 : 0;
}

std::string describe_params(const Problem& p) {
  std::string text;
  for (const auto& q : p.params) text += " " + q.name + "=" + std::to_string(q.value);
  return text;
}

const char* role_name(Role r) {
  switch (r) {
    case Role::fresh: return "fresh";
    case Role::constant: return "constant";
    case Role::inout: return "inout";
    case Role::output: return "output";
  }
  return "?";
}

// References and comparisons use large buffers call after call. Handing them back to the system each time would cost
// more in page faults than the arithmetic: a third of the judge's time for a memory-bound target.
void keep_freed_memory() {
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

// One target, from declaration to evidence.
class Contest {
 public:
  Contest(const WorkloadEntry& entry, const std::vector<Contestant>& contestants, const Settings& settings,
          const device::CpuFacts& facts, const Progress& progress)
      : entry_(entry),
        contestants_(contestants),
        settings_(settings_for(entry.target, settings)),
        facts_(facts),
        progress_(progress) {
    threads_ = std::min(device::usable_cpus(facts), kMostThreads);
    evidence_.target = entry.target;
    evidence_.device = settings.device;
    evidence_.scale = settings.scale;
    evidence_.restarts = settings_.restarts;
    evidence_.started = utc_now();
    keep_freed_memory();
  }

  // Runs `body`, which may be interrupted, and closes the evidence.
  template <class Body> model::TargetEvidence run(Body&& body) {
    try {
      declare();
      describe_contestants();
      body(*this);
      memory_space(dl_device()).trim();
    } catch (const Interrupted&) {
      evidence_.interrupted = true;
    } catch (const std::exception& e) {
      evidence_.error = e.what();
    }
    evidence_.seed = to_hex(settings_.seed);
    evidence_.finished = utc_now();
    return std::move(evidence_);
  }

  void verify_cases(const std::vector<Problem>& cases, const std::string& label) {
    for (std::size_t i = 0; i < cases.size(); ++i) {
      step(label + describe_params(cases[i]), static_cast<int>(i), static_cast<int>(cases.size()));
      verify_case(cases[i], label, i);
    }
  }

  void verify_held_out(int draws) {
    std::vector<Problem> cases;
    if (problem_.no_held_out.empty())
      for (int i = 0; i < draws; ++i)
        cases.push_back(
            verify::held_out_case(entry_, verify::derive(root_, "held-out", static_cast<std::uint64_t>(i))));
    verify_cases(cases, "held-out");
  }
  void verify_edges() { verify_cases(verify::edge_cases(entry_), "edge"); }
  void verify_own_shape(int draws) {
    verify_cases(std::vector<Problem>(static_cast<std::size_t>(draws), problem_), "shape");
  }

  // What the device is to draw and compute must be what the host does, before anything is judged by it.
  void prove_device() {
    if (!on_cuda()) return;
    step("check references on the device");
    const auto key = verify::derive(root_, "prove");
    const bool held_out = problem_.no_held_out.empty();
    memory_space(kDLCUDA).prove(held_out ? verify::held_out_case(entry_, key) : verify::light_case(entry_), key);
  }

  void measure(const device::CpuPeaks& peaks);
  void profile(const ProfileOptions&, model::TargetProfile&);

 private:
  using Runners = std::vector<std::unique_ptr<Runner>>;

  void step(const std::string& text, int done = 0, int total = 0) {
    if (progress_) progress_({total ? Event::Kind::round : Event::Kind::phase, text, done, total});
    if (settings_.interrupted && *settings_.interrupted) throw Interrupted();
  }

  WorkerOptions worker_options() const {
    return {.executable = settings_.worker, .timeout = settings_.timeout, .interrupted = settings_.interrupted};
  }
  bool on_cuda() const { return settings_.device == "cuda"; }
  bool full_scale() const { return settings_.scale == "full"; }
  double least_batch_seconds() const {
    if (on_cuda() && full_scale()) return kMinLargeDeviceBatchSeconds;
    if (on_cuda()) return evidence_.queued == "gate" ? kMinDeviceBatchSeconds : kMinUngatedBatchSeconds;
    return placement_.spin ? kMinBatchSeconds : kMinSleepingBatchSeconds;
  }
  DLDeviceType dl_device() const { return on_cuda() ? kDLCUDA : kDLCPU; }
  // More than twice what the last level of cache holds.
  std::uint64_t evict_bytes() const { return 2 * memory_space(dl_device()).cache_bytes(facts_) + (1 << 20); }
  std::string new_scratch() { return settings_.scratch + "/w" + std::to_string(next_scratch_++); }

  void declare();
  void describe_contestants();
  const std::vector<PluginVariant>& describe(const std::string& plugin);
  void verify_case(const Problem&, const std::string& label, std::uint64_t index);
  RunnerOptions runner_options(const Problem&, int threads);
  std::vector<int> cpus_for(int threads) const;
  void measure_null_call();
  void measure_aa_floor();
  int plan(Runners&, RoundInputs&, const Layout&);
  void share_protocol(Runners&);
  verify::Key round_key(int restart, int round, bool pilot);
  verify::Key next_secret() { return verify::derive(secret_, "use", secrets_++); }
  void play_round(Runners&, RoundInputs&, int restart, int round, int calls, bool record);
  void measure_restart(int restart);
  void audit_variants();
  Problem make_case() const;

  const WorkloadEntry& entry_;
  const std::vector<Contestant>& contestants_;
  const Settings settings_;
  const device::CpuFacts& facts_;
  const Progress& progress_;
  Problem problem_;
  Choices choices_;
  verify::Key root_;  // of all inputs but those of the rounds
  // Of guard zones, poison, decoys and the places that are looked at: what a worker can read of these follows from
  // nothing that inputs are drawn from. It is never recorded; a replay needs none of it.
  const verify::Key secret_ = key_of(fresh_seed());
  std::uint64_t secrets_ = 0;
  model::TargetEvidence evidence_;
  model::VariantEvidence twin_;  // the baseline a second time: what identical code looks like in this run
  device::Placement placement_;
  std::unique_ptr<DeviceProbe> probe_;  // on CUDA
  std::map<std::string, std::vector<PluginVariant>> described_;
  int widest_ = 1;   // threads of the widest variant
  int threads_ = 1;  // for drawing and checking, while the workers sleep or are stopped
  int next_scratch_ = 0, calls_ = 0, most_calls_ = 0, rounds_ = 0;
  Handover handover_;
};

Problem Contest::make_case() const {
  return verify::declare(entry_, [&](const std::string& name, const ParamSpec& p) {
    const auto chosen = choices_.find(name);
    return chosen != choices_.end() ? chosen->second : full_scale() ? p.full : p.light;
  });
}

void Contest::declare() {
  root_ = key_of(settings_.seed);
  if (const auto chosen = settings_.choices.find(entry_.target); chosen != settings_.choices.end())
    choices_ = chosen->second;
  evidence_.scale = named_scale(evidence_.scale, choices_);
  if (const auto replay = settings_.replay.find(entry_.target);
      replay != settings_.replay.end() && replay->second.scale != evidence_.scale)
    throw std::invalid_argument("the run to replay was at scale '" + replay->second.scale + "', this one is at '" +
                                evidence_.scale + "'");
  problem_ = make_case();
  evidence_.about = problem_.about;
  evidence_.teaching = problem_.teaching;
  evidence_.flops = problem_.flops;
  evidence_.bytes = problem_.bytes;
  evidence_.arithmetic = info(problem_.arithmetic).name;
  if (on_cuda()) evidence_.queued = "gate";
  evidence_.cache = problem_.cache == Cache::cold ? "cold" : "warm";
  for (const auto& p : problem_.params) evidence_.params.push_back({p.name, p.value});
  for (const auto& t : problem_.tensors)
    evidence_.tensors.push_back({t.name, role_name(t.role), info(t.dtype).name, t.shape, t.shards});
  if (problem_.ranks == 0) return;
  if (on_cuda()) throw std::invalid_argument(problem_.target + ": several ranks run on the CPU only in this version");
  const auto& wire = problem_.wire;
  evidence_.ranks = {problem_.ranks, wire.least_bytes, wire.message_bytes, {}, wire.least_busy};
  for (const auto& [from, to] : wire.links) evidence_.ranks.links.push_back({from, to});
}

// Asks a plugin, in a sandbox, what it holds.
const std::vector<PluginVariant>& Contest::describe(const std::string& plugin) {
  if (const auto known = described_.find(plugin); known != described_.end()) return known->second;
  const auto scratch = new_scratch();
  std::filesystem::create_directories(scratch);
  auto variants = describe_plugin(plugin, worker_options(), scratch);
  std::filesystem::remove_all(scratch);
  return described_.emplace(plugin, std::move(variants)).first->second;
}

// The declared threads decide placement and limits.
void Contest::describe_contestants() {
  const int cores = std::max(1, static_cast<int>(facts_.allowed_cpus.size())), ranks = std::max(1, problem_.ranks);
  for (const auto& c : contestants_) {
    model::VariantEvidence v;
    v.name = c.info.name.empty() ? c.variant : c.info.name;
    v.source = c.info.source;
    v.peer = c.info.peer;
    v.compile_flags = c.info.flags;
    v.source_switches = c.source_switches;
    v.environment = c.environment;
    if (const char* cap = std::getenv("AISP_ISA")) v.isa = cap;
    try {
      const auto& variants = describe(c.plugin);
      const auto found = std::find_if(variants.begin(), variants.end(), [&](const auto& d) {
        return (c.variant.empty() || d.name == c.variant) && (d.target.empty() || d.target == problem_.target);
      });
      if (found == variants.end())
        throw WorkerFailure(model::Status::refused,
                            c.plugin + " has no variant '" + c.variant + "' for " + problem_.target);
      v.about = found->about;
      const int threads = c.threads < 0 ? found->threads : c.threads;
      v.threads = threads > 0 ? std::min(threads, cores) : std::max(1, device::usable_cpus(facts_) / ranks);
      v.status = model::Status::ok;
      if (on_cuda())
        v.compiled_kernels = device::compiled_kernels(device::device_code(device::content_of(c.plugin)), v.source,
                                                      v.compiled_kernels_absent);
    } catch (const WorkerFailure& e) {
      v.status = e.status;
      v.message = e.what();
    }
    widest_ = std::max(widest_, v.threads * ranks);
    evidence_.variants.push_back(std::move(v));
  }
  placement_ = device::place(facts_, widest_);
  if (problem_.ranks) placement_.spin = false;  // a rank that is done would seem busy
  evidence_.waiting = placement_.spin ? "spin" : "futex";
  for (auto& v : evidence_.variants)
    for (const int cpu : cpus_for(v.threads * ranks)) {
      v.cpus.push_back(cpu);
      for (const auto& c : facts_.cpus)
        if (c.cpu == cpu && std::find(v.numa_nodes.begin(), v.numa_nodes.end(), c.numa_node) == v.numa_nodes.end())
          v.numa_nodes.push_back(c.numa_node);
    }
}

std::vector<int> Contest::cpus_for(int threads) const {
  auto cpus = placement_.worker_cpus;
  if (static_cast<int>(cpus.size()) > threads) cpus.resize(static_cast<std::size_t>(threads));
  return cpus;
}

RunnerOptions Contest::runner_options(const Problem& problem, int threads) {
  RunnerOptions o;
  o.worker = worker_options();
  o.scratch = new_scratch();
  o.cpus = cpus_for(threads * std::max(1, problem.ranks));
  if (on_cuda()) {
    o.device = kDLCUDA;
    o.libraries = cuda_library_folders();
    if (!probe_) probe_ = make_cuda_probe();
    o.probe = probe_.get();
  }
  o.judge_cpu = placement_.judge_cpu;
  o.spin = placement_.spin;
  if (problem.cache == Cache::cold) o.evict_bytes = evict_bytes();
  std::uint64_t bytes = 0;
  for (const auto& t : problem.tensors) bytes += t.bytes();
  o.memory_bytes = settings_.memory_bytes ? settings_.memory_bytes : 8 * bytes + (2ull << 30);
  return o;
}

// Two calls at one shape, in workers of their own: correctness, no timing.
void Contest::verify_case(const Problem& problem, const std::string& label, std::uint64_t index) {
  constexpr int kCalls = 1;
  const auto key = verify::derive(verify::derive(root_, label, index), problem.target);
  const Layout layout = lay_out(problem, kCalls + 1, 0);
  RoundInputs inputs(problem, kCalls + 1, dl_device());
  inputs.draw_constants(verify::derive(key, "constants"));
  for (std::size_t v = 0; v < contestants_.size(); ++v) {
    auto& evidence = evidence_.variants[v];
    if (evidence.status != model::Status::ok) continue;
    Runner runner(problem, contestants_[v], evidence, layout, runner_options(problem, evidence.threads), next_secret());
    runner.start(inputs, kCalls + 1);
    inputs.draw(verify::derive(key, "inputs"), kCalls + 1);
    if (on_cuda()) inputs.withhold(key, kCalls);
    runner.turn(inputs, next_secret(), kCalls, {}, {}, false);
    for (int s = 0; s <= kCalls && runner.alive(); ++s) {
      const auto where = label + describe_params(problem) + " call " + std::to_string(s);
      const auto expectation = inputs.expectation(s, verify::derive(key, "oracle", static_cast<std::uint64_t>(s)));
      runner.check(*expectation, s, where);
    }
    runner.resume();
    runner.finish(inputs, kCalls + 1);
  }
}

// What a call costs when the variant does nothing, and what release and stop cost a batch of one such call.
void Contest::measure_null_call() {
  Problem nothing;
  nothing.target = "builtin:null";
  const int most = on_cuda() ? kMaxGatedCalls : kMaxSlots - 1;
  if (on_cuda())  // without the gate, the last piece of each input is put in after the clock's start
    for (const auto& t : problem_.tensors)
      if (t.role == Role::fresh || t.role == Role::inout)
        nothing.tensors.push_back({.name = t.name, .dtype = u8, .shape = {256}, .distribution = integers(0, 255)});
  Layout layout = lay_out(nothing, most + 1, 64 << 20);
  layout.slots = most + 1;
  const Contestant null{"builtin:null", "null", {}};
  const auto options = runner_options(nothing, 1);
  std::filesystem::create_directories(options.scratch);
  const auto arena = make_arena(options.device, layout, next_secret());
  Team team({make_startup(nothing, layout, null, 1, options)}, *arena, options.worker);
  evidence_.held_by = team.held_by();
  team.command(Op::prepare);
  const PinnedHere pinned(options.judge_cpu);
  RoundInputs inputs(nothing, layout.slots, dl_device());
  if (on_cuda()) inputs.draw(next_secret(), layout.slots);
  const auto run = [&](int n) {
    if (on_cuda()) inputs.withhold(next_secret(), n), probe_->drain();
    const auto span = team.run(1, most, n, [&] {
      inputs.release(*arena, n);
      arena->settle();
    });
    team.report();
    return on_cuda() ? span.answered_seconds : span.seconds;
  };
  const auto run_gated = [&](int n) {
    team.enqueue(1, most, n);
    probe_->drain();
    team.unlock_gate();
    std::this_thread::sleep_for(kSwitchBack);
    const auto span = team.open_gate();
    team.report();
    return span.answered_seconds;
  };
  const int many = std::min(kNullCalls, most);
  std::vector<double> one, all, ungated;
  for (int i = 0; i < kNullBatches; ++i) {
    run(1);  // as before each timed batch
    one.push_back(on_cuda() ? run_gated(1) : run(1));
    all.push_back(on_cuda() ? run_gated(many) : run(many));
    if (on_cuda()) ungated.push_back(run(1));
  }
  const auto least = [](const std::vector<double>& x) { return x.empty() ? 0 : *std::min_element(x.begin(), x.end()); };
  evidence_.null_call_seconds = std::max(0.0, stats::median(all) - stats::median(one)) / (many - 1);
  evidence_.handover_seconds = std::max(0.0, least(one) - evidence_.null_call_seconds);
  evidence_.handover_median_seconds = std::max(0.0, stats::median(one) - evidence_.null_call_seconds);
  evidence_.ungated_handover_seconds = least(ungated);
  handover_.gate = on_cuda() ? evidence_.handover_seconds : 0;
  handover_.run = on_cuda() ? evidence_.ungated_handover_seconds : evidence_.handover_seconds;
  team.kill();
  std::filesystem::remove_all(options.scratch);
}

// The key of what a round draws, made when the round begins: until then it is nowhere, unless a seed or a run is
// replayed.
verify::Key Contest::round_key(int restart, int round, bool pilot) {
  Seed key = fresh_seed();
  if (const auto replay = settings_.replay.find(entry_.target); replay != settings_.replay.end()) {
    const auto& keys = replay->second.keys;
    const auto kept = std::find_if(keys.begin(), keys.end(), [&](const auto& k) {
      return k.restart == restart && k.round == round && k.pilot == pilot;
    });
    if (kept == keys.end())
      throw std::runtime_error("the run to replay has no key for " + std::string(pilot ? "pilot " : "round ") +
                               std::to_string(round) + " of restart " + std::to_string(restart));
    key = seed_from_hex(kept->key);
  } else if (settings_.seed_given) {
    key = std::bit_cast<Seed>(
        verify::derive(verify::derive(root_, pilot ? "pilot" : "round", static_cast<std::uint64_t>(round)), "restart",
                       static_cast<std::uint64_t>(restart)));
  }
  evidence_.round_keys.push_back({restart, round, pilot, to_hex(key)});
  return key_of(key);
}

void Contest::play_round(Runners& runners, RoundInputs& inputs, int restart, int round, int calls, bool record) {
  const auto key = round_key(restart, round, !record);
  // Not always as many: nobody can count which call of a batch is the last.
  if (record && settings_.calls == 0)
    calls += static_cast<int>(
        verify::below(verify::derive(key, "calls"), static_cast<std::uint64_t>(most_calls_ - calls_) + 1));
  const auto begin = now_ns();
  inputs.draw(verify::derive(key, "inputs"), calls + 1);
  if (on_cuda()) inputs.withhold(key, calls);
  double timed = 0;
  int position = 0;
  const int turn_order = restart * rounds_ + round;  // the design goes on over restarts
  for (int v : round_order(static_cast<int>(runners.size()), turn_order)) {
    auto& runner = *runners[static_cast<std::size_t>(v)];
    runner.turn(inputs, next_secret(), calls, {restart, round, position++}, handover_, record);
    if (runner.alive()) timed += runner.last_batch_seconds();
  }
  share_protocol(runners);
  for (int s = 1; s <= calls; ++s) {
    const auto expectation = inputs.expectation(s, verify::derive(key, "oracle", static_cast<std::uint64_t>(s)));
    const std::string where = (record ? "round " : "pilot ") + std::to_string(round) + " call " + std::to_string(s);
    for (auto& runner : runners) runner->check(*expectation, s, where);
  }
  for (std::size_t v = 0; v < runners.size(); ++v) {
    if (record && runners[v]->alive() && v < evidence_.variants.size())
      evidence_.variants[v].verified_timed_calls += static_cast<std::uint64_t>(calls);
    runners[v]->resume();
  }
  if (record) {
    evidence_.timed_seconds += timed;
    evidence_.judge_seconds += static_cast<double>(now_ns() - begin) * 1e-9 - timed;
  }
}

// Where the calls of one cannot be queued behind the gate, those of nobody are.
void Contest::share_protocol(Runners& runners) {
  if (!on_cuda()) return;
  for (const auto& r : runners)
    if (evidence_.queued == "gate" && !r->ungated().empty()) evidence_.queued = r->ungated();
  if (evidence_.queued != "gate")
    for (auto& r : runners) r->do_without_gate(evidence_.queued);
}

// Finds out how long calls take, then fixes the size of a batch and the number of rounds before anything counts.
int Contest::plan(Runners& runners, RoundInputs& inputs, const Layout& layout) {
  step("pilot");
  play_round(runners, inputs, 0, 0, 1, false);
  std::vector<Pilot> pilots;
  for (auto& r : runners)
    if (r->alive()) pilots.push_back({r->last_call_seconds()});
  if (pilots.empty()) return 0;
  calls_ = settings_.calls > 0 ? std::min(settings_.calls, layout.slots - 1)
                               : plan_calls(pilots, layout.slots, least_batch_seconds());
  // The first estimate of a very fast call is mostly hand-over: look again with a batch of that size.
  // A single call that seemed long may have been disturbed.
  const auto short_call = [&] {
    return std::any_of(pilots.begin(), pilots.end(), [](const auto& p) { return p.call_seconds < kLookAgainSeconds; });
  };
  for (int look = 0; look < 3 && (calls_ > 1 || short_call()) && settings_.calls == 0; ++look) {
    for (auto& r : runners) r->bind_up_to(calls_ + 1);
    play_round(runners, inputs, 0, look + 1, calls_, false);
    pilots.clear();
    for (auto& r : runners)
      if (r->alive()) pilots.push_back({r->last_call_seconds()});
    const int better = plan_calls(pilots, layout.slots, least_batch_seconds());
    if (better <= calls_ + calls_ / 4) break;
    calls_ = better;
  }
  most_calls_ = settings_.calls > 0 ? calls_ : std::min(calls_ + std::max(1, calls_ / 8), layout.slots - 1);
  for (auto& r : runners) r->bind_up_to(most_calls_ + 1);
  if (settings_.pairs > 0) return settings_.pairs;

  const auto begin = now_ns();
  std::vector<double> log_ratios;
  double timed = 0;
  for (int i = 0; i < kPilotRounds; ++i) {
    step("pilot", i, kPilotRounds);
    play_round(runners, inputs, 0, 10 + i, calls_, false);
    for (std::size_t v = 0; v < runners.size(); ++v) timed += runners[v]->last_batch_seconds();
    if (runners.size() > 1 && runners.front()->alive() && runners.back()->alive())  // the last runner is the twin
      log_ratios.push_back(std::log(runners.front()->last_call_seconds() / runners.back()->last_call_seconds()));
  }
  const double wall = static_cast<double>(now_ns() - begin) * 1e-9;
  const int wanted = log_ratios.size() < 2 ? kMaxRounds : stats::plan_pairs(log_ratios, kResolvedEffect, kMaxRounds);
  const int affordable = plan_rounds(timed / kPilotRounds, wall / kPilotRounds, settings_.seconds,
                                     settings_.seconds * kWallPerTimed, stats::kMinPairs, kMaxRounds);
  // Twice what a quiet pilot asks for: noise comes in bursts that three rounds may not show. The pairs are spread over
  // the restarts, each with enough for an interval of its own.
  const int pairs = std::clamp(std::max(2 * wanted, 20), stats::kMinPairs, std::max(affordable, stats::kMinPairs));
  return std::max(stats::kMinPairs, (pairs + settings_.restarts - 1) / settings_.restarts);
}

void Contest::measure_restart(int restart) {
  // At most half of what is free, for everybody's slots together, the twin's and the judge's own copy included.
  const auto share = memory_space(dl_device()).free_bytes(facts_) / (2 * (contestants_.size() + 2));
  const auto memory = std::min(share, !full_scale() ? kLightSlots : on_cuda() ? kFullDeviceSlots : kFullSlots);
  const Layout layout = lay_out(problem_, on_cuda() ? kMaxGatedCalls + 1 : kMaxSlots, memory);
  const auto key = verify::derive(root_, "restart", static_cast<std::uint64_t>(restart));
  RoundInputs inputs(problem_, layout.slots, dl_device(), threads_);
  inputs.draw_constants(verify::derive(key, "constants"));

  Runners runners;
  const auto add = [&](std::size_t v, model::VariantEvidence& evidence) {
    runners.push_back(std::make_unique<Runner>(problem_, contestants_[v], evidence, layout,
                                               runner_options(problem_, evidence.threads), next_secret()));
    runners.back()->start(inputs, std::max(2, restart ? most_calls_ + 1 : 2));
  };
  for (std::size_t v = 0; v < contestants_.size(); ++v) {
    step("start " + evidence_.variants[v].name);
    add(v, evidence_.variants[v]);
  }
  twin_.name = kTwin;
  twin_.threads = evidence_.variants.front().threads;
  twin_.status = evidence_.variants.front().status;
  add(0, twin_);

  if (restart == 0) {
    measure_null_call();
    rounds_ = plan(runners, inputs, layout);
    evidence_.rounds = rounds_;
  }
  for (int round = 0; round < rounds_; ++round) {
    step("round", round, rounds_);
    play_round(runners, inputs, restart, round, calls_, true);
  }
  for (auto& r : runners) r->finish(inputs, calls_ + 1);
}

// CUDA: what each variant does on the device, in a pass of its own. Decoys do: nothing here is timed or verified, but
// calls that follow each other read different slots, so that they find the cache as timed calls do.
void Contest::audit_variants() {
  if (!on_cuda()) return;
  const auto key = verify::derive(root_, "audit");
  const Layout layout = lay_out(problem_, kAuditCalls + 1, kAuditSlots);
  RoundInputs inputs(problem_, layout.slots, dl_device(), threads_);
  inputs.draw_constants(key);
  inputs.draw(key, layout.slots);
  for (std::size_t v = 0; v < contestants_.size(); ++v) {
    auto& evidence = evidence_.variants[v];
    if (evidence.status != model::Status::ok) continue;
    step("audit " + evidence.name);
    audit(problem_, contestants_[v], evidence, layout, inputs, runner_options(problem_, evidence.threads),
          next_secret());
  }
}

// On the CPU under perf_event; on CUDA under CUPTI, as the audit pass records.
void Contest::profile(const ProfileOptions& options, model::TargetProfile& out) {
  const auto key = verify::derive(root_, "profile");
  const Layout layout =
      on_cuda() ? lay_out(problem_, kAuditCalls + 1, kAuditSlots) : lay_out(problem_, kProfileSlots, kLightSlots);
  RoundInputs inputs(problem_, layout.slots, dl_device(), threads_);
  inputs.draw_constants(key);
  inputs.draw(key, layout.slots);
  for (std::size_t v = 0; v < contestants_.size(); ++v) {
    const auto& evidence = evidence_.variants[v];
    auto& profile = out.variants.emplace_back();
    profile.name = evidence.name, profile.threads = evidence.threads;
    profile.status = evidence.status, profile.message = evidence.message;
    if (evidence.status != model::Status::ok) continue;
    step("profile " + evidence.name);
    const auto pass = on_cuda() ? device_profile_pass : profile_pass;
    pass(problem_, contestants_[v], layout, inputs, runner_options(problem_, evidence.threads), options, next_secret(),
         profile);
  }
}

// What two copies of the baseline differ by in this run: nothing smaller is called FAST or SLOW.
void Contest::measure_aa_floor() {
  std::vector<stats::PairedTimes> restarts(static_cast<std::size_t>(settings_.restarts));
  for (const auto& twin : twin_.samples)
    for (const auto& b : evidence_.variants.front().samples)
      if (b.restart == twin.restart && b.round == twin.round) {
        auto& pair = restarts[static_cast<std::size_t>(b.restart)];
        pair.baseline.push_back(b.per_call());
        pair.variant.push_back(twin.per_call());
      }
  std::erase_if(restarts, [](const auto& r) { return r.baseline.empty(); });
  if (restarts.empty()) return;
  evidence_.aa_floor = stats::twin_floor(restarts);
  evidence_.aa_source = "the baseline twice in this run";
}

void Contest::measure(const device::CpuPeaks& peaks) {
  if (std::none_of(evidence_.variants.begin(), evidence_.variants.end(),
                   [](const auto& v) { return v.status == model::Status::ok; }))
    return;
  evidence_.clock_resolution_seconds = clock_resolution();
  if (problem_.cache == Cache::cold)
    evidence_.cold_by = std::to_string(evict_bytes() >> 20) + " MiB of the judge's memory " +
                        memory_space(dl_device()).eviction() + " before each batch";
  evidence_.before = device::host_state(placement_.worker_cpus);
  const auto use_before = device::cpu_use(facts_.allowed_cpus, {getpid()});
  const auto clocks = read_clocks();
  for (int restart = 0; restart < settings_.restarts; ++restart) measure_restart(restart);
  evidence_.clock_drift = drift(clocks, read_clocks());
  evidence_.after = device::host_state(placement_.worker_cpus);
  evidence_.after.foreign_cpu = device::foreign_share(use_before, device::cpu_use(facts_.allowed_cpus, {getpid()}));
  evidence_.twin_samples = twin_.samples;
  measure_aa_floor();
  audit_variants();

  std::uint64_t working_set = 0;
  for (const auto& t : problem_.tensors) working_set += t.bytes();
  evidence_.ceilings = device::ceilings_for(peaks, evidence_.arithmetic, working_set, widest_);
}

}  // namespace

model::TargetEvidence judge_target(const WorkloadEntry& entry, const std::vector<Contestant>& contestants,
                                   const Settings& settings, const device::CpuFacts& facts,
                                   const device::CpuPeaks& peaks, const Progress& progress) {
  return Contest(entry, contestants, settings, facts, progress).run([&](Contest& contest) {
    contest.prove_device();
    contest.verify_held_out(1);
    contest.measure(peaks);
  });
}

model::TargetEvidence verify_target(const WorkloadEntry& entry, const std::vector<Contestant>& contestants,
                                    const Settings& settings, const device::CpuFacts& facts, const Progress& progress) {
  return Contest(entry, contestants, settings, facts, progress).run([](Contest& contest) {
    contest.prove_device();
    contest.verify_edges();
    contest.verify_held_out(3);
    contest.verify_own_shape(2);
  });
}

model::TargetProfile profile_target(const WorkloadEntry& entry, const std::vector<Contestant>& contestants,
                                    const Settings& settings, const device::CpuFacts& facts,
                                    const ProfileOptions& options, const Progress& progress) {
  model::TargetProfile profile;
  profile.target = entry.target, profile.device = settings.device, profile.scale = settings.scale;
  profile.when = utc_now();
  const auto evidence = Contest(entry, contestants, settings, facts, progress).run([&](Contest& contest) {
    contest.profile(options, profile);
  });
  if (evidence.interrupted) throw std::runtime_error("interrupted");
  if (!evidence.error.empty()) throw std::runtime_error(evidence.error);
  return profile;
}

}  // namespace aisp::judge
