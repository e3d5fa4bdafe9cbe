#include "judge/runner.hpp"

#include "device/cpu/float_state.hpp"
#include "judge/pinned_here.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

namespace aisp::judge {
namespace {

constexpr double kQueuedSeconds = 5e-3;        // two looks at a device on which a batch is queued
constexpr double kDeviceStopSeconds = 200e-6;  // a CUDA worker has some threads of the driver's to stop
constexpr double kRecoverySeconds = 10;        // a GPU needs up to a second to end the kernels of a killed process

std::unique_ptr<Arena> arena_of(const Problem& problem, DLDeviceType device, Layout layout, verify::Key key) {
  if (problem.ranks == 0) return make_arena(device, std::move(layout), key);
  return std::make_unique<ShardedArena>(problem, device, std::move(layout), key);
}

// The entry of that key, a new one where there is room, else null.
template <class Entry, class Key>
Entry* entry_of(std::vector<Entry>& all, Key Entry::*key, Key value, std::size_t most) {
  const auto known = std::find_if(all.begin(), all.end(), [&](const auto& e) { return e.*key == value; });
  if (known != all.end()) return &*known;
  if (all.size() >= most) return nullptr;
  all.emplace_back().*key = value;
  return &all.back();
}

void add_traffic(const Traffic& t, model::RankEvidence& e) {
  for (std::size_t peer = 0; peer < t.to.size(); ++peer) {
    e.messages_sent += t.to[peer].messages, e.bytes_sent += t.to[peer].bytes;
    e.messages_received += t.from[peer].messages, e.bytes_received += t.from[peer].bytes;
    if (t.to[peer].messages == 0) continue;
    auto* link = entry_of(e.links, &model::WireLink::to, static_cast<std::int64_t>(peer), t.to.size());
    link->messages += t.to[peer].messages, link->bytes += t.to[peer].bytes;
  }
  for (const auto& [bytes, count] : t.sizes) {
    if (auto* size = entry_of(e.sizes, &model::MessageSize::bytes, bytes, kMostSizes))
      size->count += count;
    else
      e.other_sizes += count;
  }
  e.other_sizes += t.other_sizes;
  e.barriers += t.barriers;
}

}  // namespace

std::vector<int> cpus_of_rank(const std::vector<int>& cpus, int ranks, int rank) {
  const auto each = ranks ? cpus.size() / static_cast<std::size_t>(ranks) : 0;
  if (each == 0) return cpus;
  const auto first = cpus.begin() + static_cast<std::ptrdiff_t>(each) * rank;
  return {first, first + static_cast<std::ptrdiff_t>(each)};
}

WorkerOptions options_for(WorkerOptions options, const Contestant& contestant) {
  options.environment = contestant.environment;
  options.output = contestant.output;
  return options;
}

Startup make_startup(const Problem& problem, const Layout& layout, const Contestant& contestant, int threads,
                     const RunnerOptions& options) {
  if (problem.params.size() > kMaxParams || problem.tensors.size() > kMaxTensors)
    throw std::invalid_argument(problem.target + ": at most 16 parameters and 16 tensors");
  Startup s;
  s.spin = options.spin;
  s.device_type = options.device;
  copy_text(s.plugin, contestant.plugin);
  copy_text(s.variant, contestant.variant);
  copy_text(s.target, problem.target);
  copy_text(s.scratch, options.scratch);
  const bool both = !options.libraries.empty() && !contestant.libraries.empty();
  copy_text(s.libraries, options.libraries + (both ? ":" : "") + contestant.libraries);
  s.threads = threads;
  s.max_slots = options.device == kDLCPU ? kMaxSlots : kMaxGatedCalls + 1;
  s.memory_bytes = options.memory_bytes;
  for (const auto& p : problem.params) {
    auto& r = s.params[s.num_params++];
    copy_text(r.name, p.name);
    r.value = p.value;
  }
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    const auto& t = problem.tensors[i];
    auto& r = s.tensors[s.num_tensors++];
    copy_text(r.name, t.name);
    r.role = static_cast<std::int32_t>(t.role);
    r.dtype = static_cast<std::int32_t>(t.dtype);
    r.ndim = static_cast<std::int32_t>(t.shape.size());
    for (std::size_t d = 0; d < t.shape.size(); ++d) r.shape[d] = t.shape[d];
    r.offset = layout.tensors[i].offset;
    r.slot_stride = layout.tensors[i].stride;
  }
  if (options.cpus.size() > kMaxCpus) throw std::length_error("more than 8192 processors for one worker");
  for (int cpu : options.cpus) s.cpus[s.num_cpus++] = cpu;
  return s;
}

Runner::Runner(const Problem& problem, const Contestant& contestant, model::VariantEvidence& evidence, Layout layout,
               RunnerOptions options, verify::Key key)
    : problem_(problem),
      contestant_(contestant),
      evidence_(evidence),
      options_(std::move(options)),
      key_(key),
      arena_(arena_of(problem, options_.device, std::move(layout), verify::derive(key, "guard"))),
      alive_(evidence.status == model::Status::ok) {
  options_.worker = options_for(options_.worker, contestant);
}

Runner::~Runner() {
  team_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(options_.scratch, ignored);
}

void Runner::fail(model::Status status, const std::string& why) {
  alive_ = false;
  if (options_.probe && team_) {
    // What it left on the device went with its process; until that is over the next variant would be blamed for it.
    team_->kill();
    if (!options_.probe->drain(kRecoverySeconds).idle)
      throw std::runtime_error("the GPU did not come back after '" + evidence_.name + "' was ended: see nvidia-smi");
  }
  evidence_.status = status;
  evidence_.message = why;
}

void Runner::add_refusals(const std::vector<model::Refusal>& refusals) {
  for (const auto& r : refusals) {
    const auto known = std::find_if(evidence_.refusals.begin(), evidence_.refusals.end(),
                                    [&](const auto& e) { return e.syscall == r.syscall && e.detail == r.detail; });
    if (known == evidence_.refusals.end())
      evidence_.refusals.push_back(r);
    else
      known->count = std::max(known->count, r.count);
  }
}

// A command that is not timed.
Team::Done Runner::command(Op op, std::int32_t first, std::int32_t count) {
  auto done = team_->command(op, first, count);
  note_restless();
  return done;
}

// The same random place of each output in every timed slot.
std::vector<Piece> Runner::pieces(int calls) const {
  constexpr std::size_t kBytes = 1 << 20, kLeast = 64;  // about 20 µs on the way to the host
  std::vector<Piece> all;
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
    if (!problem_.tensors[i].writable()) continue;
    const auto& placed = arena_->layout().tensors[i];
    const auto share = kBytes / problem_.tensors.size() / static_cast<std::size_t>(calls);
    const std::size_t width = std::min<std::size_t>(placed.bytes, std::max(share, kLeast));
    const std::size_t offset = verify::below(verify::derive(poison_key_, "look", i), placed.bytes - width + 1);
    all.push_back({arena_->tensor(i, 1).data() + offset, width, placed.stride, static_cast<std::size_t>(calls)});
  }
  return all;
}

// The device must be idle now; a worker that keeps it busy is ended, so that the others get a quiet one.
Drain Runner::expect_idle(const char* when) {
  const auto drain = options_.probe->drain();
  if (drain.idle) return drain;
  evidence_.undrained_seconds = drain.seconds;
  char text[128];
  std::snprintf(text, sizeof text, "it kept the device busy %s: %.2g s later work of its own was still running", when,
                drain.seconds);
  throw WorkerFailure(model::Status::failed, text, team_->refusals());
}

// Runs a step that talks to the worker; its failure ends this variant and nothing else.
template <class Body> void Runner::guarded(Body&& body) {
  if (!alive_) return;
  try {
    body();
  } catch (const WorkerFailure& e) {
    if (const auto* restless = dynamic_cast<const NotStopped*>(&e)) evidence_.unstopped_seconds = restless->seconds;
    fail(e.status, e.what());
    add_refusals(e.refusals);
  }
}

// One a rank, each with its shards and a directory of its own.
std::vector<Startup> Runner::startups() const {
  if (problem_.ranks == 0) return {make_startup(problem_, arena_->layout(), contestant_, evidence_.threads, options_)};
  const auto& shards = dynamic_cast<const ShardedArena&>(*arena_);
  std::vector<Startup> all;
  for (int r = 0; r < problem_.ranks; ++r) {
    auto own = options_;
    own.scratch += "/" + std::to_string(r);
    own.cpus = cpus_of_rank(options_.cpus, problem_.ranks, r);
    std::filesystem::create_directories(own.scratch);
    all.push_back(make_startup(shard_of(problem_, r), shards.part(r).layout(), contestant_, evidence_.threads, own));
    all.back().rank = r;
    all.back().ranks = problem_.ranks;
  }
  return all;
}

void Runner::start(const RoundInputs& inputs, int slots) {
  guarded([&] {
    std::filesystem::create_directories(options_.scratch);
    inputs.write_constants(*arena_);
    team_ = std::make_unique<Team>(startups(), *arena_, options_.worker);
    evidence_.sandbox = team_->protections();
    const auto prepared = command(Op::prepare).span;
    evidence_.prepare_seconds = prepared.answered_seconds;
    auto& u = evidence_.untimed;
    ++u.processes;
    u.prepare_seconds += prepared.answered_seconds, u.prepare_cpu_seconds += prepared.cpu_seconds;
    evidence_.status = model::Status::ok;
  });
  bind_up_to(slots);
}

void Runner::bind_up_to(int slots) {
  if (slots <= bound_) return;
  guarded([&] {
    // Decoys: the same family of data as the real inputs, from a stream that no timed call ever sees.
    RoundInputs decoys(problem_, slots, options_.device);
    const auto decoy_key = verify::derive(key_, "decoy", static_cast<std::uint64_t>(bound_));
    decoys.draw(decoy_key, slots);
    for (int s = bound_; s < slots; ++s) {
      decoys.write(*arena_, s, decoy_key);
      arena_->fill_guards(s);
    }
    arena_->settle();
    const auto bound = command(Op::bind, bound_, slots - bound_);
    evidence_.bind_seconds = bound.report.seconds / (slots - bound_);
    auto& u = evidence_.untimed;
    u.slots += slots - bound_;
    u.bind_seconds += bound.span.answered_seconds, u.bind_cpu_seconds += bound.span.cpu_seconds;
    if (bound_ == 0)  // before any call
      evidence_.bound_executable_bytes = std::max(evidence_.bound_executable_bytes, team_->executable_bytes());
    bound_ = slots;
  });
}

// Whether a worker may run on the processors that it was given and on no others.
bool Runner::given_only(std::size_t rank, const std::vector<int>& cpus) const {
  const auto given = cpus_of_rank(options_.cpus, problem_.ranks, static_cast<int>(rank));
  return given.empty() || std::all_of(cpus.begin(), cpus.end(), [&](int cpu) {
           return std::find(given.begin(), given.end(), cpu) != given.end();
         });
}

// The account of all workers together, and that of each rank.
void Runner::account(const std::vector<Usage>& before, const std::vector<Usage>& after, model::Sample& sample) {
  std::int64_t peak_rss_bytes = 0;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const auto &b = before[i], &a = after[i];
    sample.minor_faults += a.minor_faults - b.minor_faults;
    sample.major_faults += a.major_faults - b.major_faults;
    sample.voluntary_switches += a.voluntary_switches - b.voluntary_switches;
    sample.involuntary_switches += a.involuntary_switches - b.involuntary_switches;
    if (i == 0 || a.nice < sample.nice) sample.nice = a.nice;
    if (sample.tracer == 0) sample.tracer = a.tracer ? a.tracer : b.tracer;
    sample.moved = sample.moved || !given_only(i, b.cpus) || !given_only(i, a.cpus);
    evidence_.peak_threads = std::max({evidence_.peak_threads, b.threads, a.threads});
    peak_rss_bytes += a.peak_rss_bytes;
  }
  sample.executable_bytes = team_->executable_bytes();
  evidence_.peak_rss_bytes = std::max(evidence_.peak_rss_bytes, peak_rss_bytes);
}

// What each rank did in a recorded batch, added to what it did before.
void Runner::account_ranks(const std::vector<Usage>& before, const std::vector<Usage>& after,
                           const model::Sample& sample) {
  const auto traffic = team_->wire()->count();
  const auto ranks = static_cast<std::size_t>(problem_.ranks);
  for (std::size_t r = evidence_.ranks.size(); r < ranks; ++r) {
    auto& e = evidence_.ranks.emplace_back();
    const int rank = static_cast<int>(r);
    e.rank = rank;
    e.host = "local";
    for (const int cpu : cpus_of_rank(options_.cpus, problem_.ranks, rank)) e.cpus.push_back(cpu);
    for (const auto& t : shard_of(problem_, rank).tensors) {
      e.shards.push_back(t.shape[0]);
      e.bound_bytes += static_cast<std::int64_t>(t.bytes());
    }
  }
  for (std::size_t r = 0; r < ranks; ++r) {
    auto& e = evidence_.ranks[r];
    const double cpu = after[r].cpu_seconds - before[r].cpu_seconds;
    e.cpu_seconds += cpu;
    e.idle_seconds += std::max(0.0, sample.seconds - cpu);
    add_traffic(traffic[r], e);
  }
}

void Runner::write(const RoundInputs& inputs, int first, int last) {
  for (int s = first; s <= last; ++s) inputs.write(*arena_, s, poison_key_);
  evict();
}

void Runner::evict() {
  if (options_.evict_bytes) arena_->evict(options_.evict_bytes);
  arena_->settle();
}

// The call before the batch: it pays for what the neighbours' turns did to the caches. Its inputs are those of the
// first turn, and those of the timed calls come when it is over.
void Runner::discard_one(model::Sample& sample) {
  const auto span = team_->run(0, 1, 1);
  note_restless();
  team_->report();
  note_restless();
  sample.discarded_seconds = span.seconds, sample.discarded_cpu_seconds = span.cpu_seconds;
  auto& u = evidence_.untimed;
  u.discarded_seconds += span.seconds, u.discarded_cpu_seconds += span.cpu_seconds;
  ++evidence_.discarded_calls;
}

// CUDA: queues the calls, and only then writes what they read. From then until the gate opens the worker stands, so its
// own threads can neither read the inputs nor launch anything. A kernel of its own that waits for the inputs beside the
// queue would keep the device busy now; so does a stream that waits for an event of the gated one (H200, driver
// 580.159: the judge's probe waits 2.3 ms for either), which is why neither is queued. Work that the device starts
// by itself when an input changes would misread the piece of each that comes last: 0.2 ms before the clock's start,
// since a copy of the judge's may take a time slice of the device and give it back. Returns nothing for a variant that
// cannot be queued.
std::optional<Span> Runner::run_gated(const RoundInputs& inputs, int calls) {
  const bool opened = team_->enqueue(1, bound_ - 1, calls);
  note_restless();
  if (opened)
    ungated_ = "a variant waits for its own work in run";
  else if (!options_.probe->drain(kQueuedSeconds).idle)
    ungated_ = "a variant's own streams keep the device busy while its calls are queued";
  if (!ungated_.empty()) {  // its calls go past the gate on what lies in the slots
    if (!opened) {
      team_->unlock_gate();
      team_->open_gate();
      note_restless();
      team_->report();
    } else {
      command(Op::wait);
    }
    return {};
  }
  for (int s = 1; s <= calls; ++s) inputs.write_withholding(*arena_, s, poison_key_);
  evict();
  team_->unlock_gate();
  std::this_thread::sleep_for(kSwitchBack);
  inputs.release(*arena_, calls);
  arena_->settle();
  std::this_thread::sleep_for(kSwitchBack / 2);  // a small copy may have taken the device for the judge once more
  const auto span = team_->open_gate();
  note_restless();
  return span;
}

// The timed batch: whether its calls are queued or not, they begin when the clock does.
Span Runner::run(const RoundInputs& inputs, int calls, model::Sample& sample) {
  if (options_.device != kDLCPU && ungated_.empty()) {
    if (auto span = run_gated(inputs, calls)) return *span;
    // The calls went past the gate before their inputs were there. Once more, without it.
    sample.idle_drain_seconds = std::max(sample.idle_drain_seconds, expect_idle("after its calls").longest);
  }
  if (options_.device == kDLCPU) {
    write(inputs, 1, calls);
    const auto span = team_->run(1, bound_ - 1, calls);
    note_restless();
    return span;
  }
  for (int s = 1; s <= calls; ++s) inputs.write_withholding(*arena_, s, poison_key_);
  evict();
  // A kernel that was left running would see the inputs now, and would keep the judge's own from running.
  sample.idle_drain_seconds = std::max(sample.idle_drain_seconds, expect_idle("while it had no calls").longest);
  const auto span = team_->run(1, bound_ - 1, calls, [&] {
    inputs.release(*arena_, calls);
    arena_->settle();
  });
  note_restless();
  return span;
}

// What the worker left running on the device, and whether its outputs were final when it said so.
void Runner::look_at_device(int calls, model::Sample& sample) {
  if (!options_.probe) return;
  const auto places = pieces(calls);
  const auto at_once = options_.probe->look(places);
  const auto drain = expect_idle("after it said done");
  sample.drain_seconds = drain.longest;
  sample.sm_mhz = drain.sm_mhz;
  evidence_.verification.late_batches += options_.probe->look(places) != at_once;
}

void Runner::turn(const RoundInputs& inputs, verify::Key poison_key, int calls, Place place, const Handover& handover,
                  bool record) {
  poison_key_ = poison_key;
  guarded([&] {
    const bool first_turn = !warmed_;
    if (warmed_)
      inputs.restore_state(*arena_, 0);
    else
      inputs.write(*arena_, 0, poison_key);
    warmed_ = true;
    write(inputs, 1, 0);

    model::Sample sample;
    sample.restart = place.restart;
    sample.round = place.round;
    sample.position = place.position;
    sample.calls = calls;
    const PinnedHere pinned(options_.judge_cpu);
    discard_one(sample);
    // A loaded machine adds to the clock what it likes; its CPU time is its own.
    const double first = std::min(sample.discarded_seconds, sample.discarded_cpu_seconds / evidence_.width());
    if (first_turn) evidence_.first_call_seconds = std::max(evidence_.first_call_seconds, first);
    if (options_.probe) sample.idle_drain_seconds = expect_idle("before its calls were queued").longest;
    const auto before = team_->usage();
    const auto span = run(inputs, calls, sample);
    reported_ = false;
    look_at_device(calls, sample);
    const auto after = team_->usage();
    time(span, handover, sample);
    account(before, after, sample);
    if (record && team_->wire()) account_ranks(before, after, sample);
    last_batch_seconds_ = sample.seconds;
    last_call_seconds_ = sample.per_call();
    recorded_ = record;
    if (record) {
      evidence_.samples.push_back(sample);
      evidence_.timed_calls += static_cast<std::uint64_t>(calls);
    } else {
      evidence_.discarded_calls += static_cast<std::uint64_t>(calls);
    }
  });
}

// On the CPU the clock runs until the worker stands, so that nothing is done after the answer. Behind the gate the
// device ends it while the worker stands. Without the gate the work is over with the answer, which look_at_device()
// proves; what the worker does later than a stop takes is added.
void Runner::time(const Span& span, const Handover& handover, model::Sample& sample) const {
  const bool gated = options_.device != kDLCPU && ungated_.empty();
  sample.stop_seconds = span.seconds - span.answered_seconds;
  double seconds = span.seconds;
  if (options_.device != kDLCPU) seconds -= std::min(sample.stop_seconds, kDeviceStopSeconds);
  sample.handover_seconds = std::min(gated ? handover.gate : handover.run, 0.9 * seconds);
  sample.seconds = seconds - sample.handover_seconds;
  sample.cpu_seconds = span.cpu_seconds;
}

void Runner::check(const Expectation& expectation, int slot, const std::string& where) {
  if (!alive_) return;
  std::vector<std::span<std::byte>> outputs;
  std::vector<verify::Key> poison_keys;
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
    outputs.push_back(problem_.tensors[i].writable() ? arena_->written(i, slot) : std::span<std::byte>());
    poison_keys.push_back(RoundInputs::poison_key_of(poison_key_, i, slot));
  }
  const auto comparisons = expectation.check(outputs, poison_keys);
  const bool ok = std::all_of(comparisons.begin(), comparisons.end(), [](const auto& c) { return c.ok(); });
  auto& v = evidence_.verification;
  for (const auto& comparison : comparisons) {
    v.max_error = std::max(v.max_error, comparison.max_error);
    v.norm_error = std::max(v.norm_error, comparison.norm_error);
    if (comparison.ok() || v.first_failure) continue;
    v.first_failure = comparison;
    v.failed_case = where;
  }
  ++v.calls;
  v.wrong_calls += !ok;
  if (const auto damaged = arena_->damaged_guard_bytes(slot)) {
    v.guard_violations += damaged;
    arena_->fill_guards(slot);
  }
}

void Runner::resume() {
  if (reported_) return;
  reported_ = true;
  guarded([&] {
    const auto batch = team_->report();
    note_restless();
    const auto report = command(Op::settle).report;
    evidence_.untimed.idle_cpu_seconds += restless_;
    if (recorded_) {
      auto& sample = evidence_.samples.back();
      sample.worker_seconds = batch.seconds;
      if (options_.device != kDLCPU) sample.device_seconds = batch.seconds;
      sample.heap_bytes = report.heap_bytes;
      sample.float_state = device::describe_float_state(report.float_state);
      sample.idle_cpu_seconds = restless_;
    }
    restless_ = 0;
  });
}

void Runner::finish(const RoundInputs& inputs, int slots) {
  if (alive_)
    for (int s = 0; s < slots; ++s)
      evidence_.verification.input_violations += static_cast<std::uint64_t>(inputs.changed_inputs(*arena_, s));
  guarded([&] {
    std::int64_t peak_rss_bytes = 0;
    for (const auto& u : team_->usage()) peak_rss_bytes += u.peak_rss_bytes;
    evidence_.peak_rss_bytes = std::max(evidence_.peak_rss_bytes, peak_rss_bytes);
    if (const auto code = team_->compare_code(); code.changed_pages >= evidence_.code.changed_pages)
      evidence_.code = code;
    command(Op::release);
  });
  if (team_) add_refusals(team_->refusals());
  team_.reset();
}

}  // namespace aisp::judge
