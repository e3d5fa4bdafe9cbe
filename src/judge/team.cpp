#include "judge/team.hpp"

#include "device/cpu/float_state.hpp"

#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <random>
#include <utility>

namespace aisp::judge {
namespace {

constexpr double kStopSeconds = 2;  // a loaded machine may keep a thread from its stop for many time slices
constexpr std::int64_t kLookAtThreadsNs = 10'000'000;
constexpr std::int64_t kStandingNs = 100'000'000;  // CUDA: how long a worker stands while the device works

void merge(Report& all, const Report& one) {
  all.seconds = std::max(all.seconds, one.seconds);
  all.heap_bytes += one.heap_bytes;
  if (device::describe_float_state(all.float_state).empty()) all.float_state = one.float_state;
}

// How many of a batch's calls are allowed at first: one or two are held back in most batches, so that the end of what
// is allowed says nothing about the end of the batch.
int first_part(int calls) {
  static std::random_device system;  // rdrand or getrandom(2)
  return std::max(1, calls - static_cast<int>(system() % 3));
}

}  // namespace

Team::Team(const std::vector<Startup>& startups, const Arena& arena, WorkerOptions options)
    : options_(std::move(options)), on_device_(startups.front().device_type != kDLCPU) {
  const auto ranks = startups.front().ranks;
  if (ranks == 0) {
    workers_.push_back(std::make_unique<Worker>(startups.front(), arena.lend(), options_));
  } else {
    const auto& shards = dynamic_cast<const ShardedArena&>(arena);
    switch_ = std::make_unique<WireSwitch>(ranks);
    for (int r = 0; r < ranks; ++r) try {
        auto& socket = switch_->end_of(r);
        workers_.push_back(
            std::make_unique<Worker>(startups[static_cast<std::size_t>(r)], shards.part(r).lend(), options_, &socket));
        socket = Fd();  // a worker that is gone is then seen by the switch
      } catch (const WorkerFailure& e) {
        fail(static_cast<std::size_t>(r), e);
      }
  }
  settle_in();
}

Team::Team(const Startup& startup, const LentMemory& lent, WorkerOptions options)
    : options_(std::move(options)), on_device_(startup.device_type != kDLCPU) {
  workers_.push_back(std::make_unique<Worker>(startup, lent, options_));
  settle_in();
}

// A worker for CUDA goes on loading the driver after it has sent its descriptors: only a worker that takes commands is
// as it will be when the plugin comes.
void Team::settle_in() {
  stop();
  command(Op::settle);
  each([](Worker& w) { w.observe(); });
}

void Team::fail(std::size_t i, const WorkerFailure& e) {
  kill();
  if (!switch_) throw e;
  throw WorkerFailure(e.status, "rank " + std::to_string(i) + ": " + e.what(), e.refusals);
}

void Team::each(const std::function<void(Worker&)>& body) {
  for (std::size_t i = 0; i < workers_.size(); ++i) try {
      body(*workers_[i]);
    } catch (const NotStopped&) {
      kill();
      throw;
    } catch (const WorkerFailure& e) {
      fail(i, e);
    }
}

Team::Done Team::command(Op op, std::int32_t first, std::int32_t count, int calls) {
  post(op, first, count, calls);
  release();
  await_reports(calls);
  stop();
  return {span_, take()};
}

Span Team::run(std::int32_t first, std::int32_t count, int calls, const std::function<void()>& complete) {
  if (switch_)
    if (const auto left = switch_->settle(); left.rank >= 0)
      fail(static_cast<std::size_t>(left.rank), {model::Status::protocol, left.what});
  post(Op::run, first, count, calls);
  if (switch_) switch_->forget();
  release(complete);
  if (on_device_)
    await_reports(calls);
  else
    await_calls(calls);
  stop();
  open_ = !on_device_;
  if (switch_) switch_->settle();
  // One that reported within an open batch has failed; take() says how.
  if (open_ && std::any_of(workers_.begin(), workers_.end(), [](const auto& w) { return w->answered(); })) {
    take();
    fail(0, {model::Status::protocol, "reported before its batch was over"});
  }
  return span_;
}

Report Team::report() {
  if (std::exchange(unasked_, false)) return command(Op::wait).report;
  if (open_) {
    open_ = false;
    const auto batch = span_;
    each([](Worker& w) { w.allow(kClosed); });
    release();
    await([](const Worker& w) { return w.answered(); });
    stop();
    span_ = batch;
  }
  return take();
}

bool Team::enqueue(std::int32_t first, std::int32_t count, int calls) {
  post(Op::enqueue, first, count, calls);
  enqueued_ = workers_.front()->sequence();
  release();
  bool opened = false;
  const auto patience = started_ + static_cast<std::int64_t>(std::min(kGatePatience, options_.timeout / 2) * 1e9);
  const auto look = [&](std::int64_t now) {
    if (opened || now < patience) return;
    opened = true;
    workers_.front()->open_gate(kGateOpen);
  };
  await_reports(calls, look);
  stop();
  take();
  return opened;
}

Span Team::open_gate() {
  auto& worker = *workers_.front();
  restless_ = worker.cpu_seconds() - cpu_.front();
  started_ = now_ns();
  worker.open_gate(kGateOpen - kGateUnlocked);
  const auto patience = started_ + kStandingNs;
  while (!worker.device_done(enqueued_) && now_ns() < patience) cpu_relax();
  answered_ = now_ns();
  if (worker.device_done(enqueued_)) {
    unasked_ = true;
    const double seconds = static_cast<double>(answered_ - started_) * 1e-9;
    return span_ = {seconds, seconds, 0};
  }
  worker.post(Op::wait, 0, 0, 0);
  worker.go_on();
  await([&](const Worker& w) { return w.device_done(enqueued_) || w.answered(); });
  const auto done = answered_;
  await([](const Worker& w) { return w.answered(); });
  stop();
  span_.answered_seconds = span_.seconds = static_cast<double>(done - started_) * 1e-9;
  return span_;
}

void Team::post(Op op, std::int32_t first, std::int32_t count, int calls) {
  allowed_ = calls > 0 ? first_part(calls) : 0;
  each([&](Worker& w) { w.post(op, first, count, static_cast<std::uint32_t>(allowed_)); });
  restless_ = 0;
  for (std::size_t i = 0; i < workers_.size(); ++i) restless_ += workers_[i]->cpu_seconds() - cpu_[i];
}

void Team::release(const std::function<void()>& complete) {
  started_ = now_ns();
  if (complete) complete();
  for (const auto& w : workers_) w->go_on();
}

// Returns when it is true of every worker. A rank that has answered while others are awaited may have given up: that
// ends the others' waiting.
void Team::await(const IsDone& is_done, const Meanwhile& meanwhile) {
  const auto deadline = started_ + static_cast<std::int64_t>(options_.timeout * 1e9);
  auto next_look = now_ns() + kHouseKeepingNs;
  for (std::size_t i = 0; i < workers_.size();) {
    const auto bell = workers_[i]->bell();
    if (is_done(*workers_[i])) {
      ++i;
      continue;
    }
    workers_[i]->wait_a_moment(bell);
    const auto now = now_ns();
    if (now < next_look) continue;
    next_look = now + kHouseKeepingNs;
    if (switch_)
      if (const auto offence = switch_->offence(); offence.rank >= 0)
        fail(static_cast<std::size_t>(offence.rank), {model::Status::protocol, "it sent " + offence.what});
    each([](Worker& w) {
      if (w.answered()) w.take();
      w.check_alive();
    });
    if (meanwhile) meanwhile(now);
    if (now <= deadline) continue;
    std::string others;
    for (std::size_t other = i + 1; other < workers_.size(); ++other)
      if (!is_done(*workers_[other])) others += ", " + std::to_string(other);
    try {
      workers_[i]->fail(model::Status::timed_out, "no answer within " + text_of(options_.timeout) + " s" +
                                                      (!switch_         ? ""
                                                       : others.empty() ? "; the others have answered"
                                                                        : ", nor of rank" + others.substr(1)));
    } catch (const WorkerFailure& e) {
      fail(i, e);
    }
  }
  answered_ = now_ns();
}

void Team::await_calls(int calls, const Meanwhile& meanwhile) {
  const auto await_mark = [&](int wanted) {
    const auto made = static_cast<std::uint32_t>(wanted);
    await([made](const Worker& w) { return w.made(made) || w.answered(); }, meanwhile);
  };
  await_mark(allowed_);
  if (allowed_ == calls) return;
  each([&](Worker& w) { w.allow(static_cast<std::uint32_t>(calls)); });
  await_mark(calls);
}

void Team::await_reports(int calls, const Meanwhile& meanwhile) {
  if (calls > 0) {
    await_calls(calls, meanwhile);
    each([](Worker& w) { w.allow(kClosed); });
  }
  await([](const Worker& w) { return w.answered(); }, meanwhile);
}

// Returns when all of them stand, and their CPU time is accounted for.
void Team::stop() {
  for (const auto& w : workers_) w->halt();
  const auto sent = now_ns();
  each([&](Worker& w) {
    for (auto look = sent + kLookAtThreadsNs; !w.stands(); sched_yield()) {
      const auto now = now_ns();
      if (now < look) continue;
      look = now + kLookAtThreadsNs;
      w.check_alive();
      if (w.threads_stand()) break;
      const double waited = static_cast<double>(now - sent) * 1e-9;
      if (waited > kStopSeconds) try {
          w.fail(model::Status::protocol, "it had not stopped " + text_of(kStopSeconds) + " s after it was asked to");
        } catch (const WorkerFailure& e) {
          throw NotStopped(waited, e);
        }
    }
  });
  const auto standing = now_ns();
  double used = 0;
  cpu_.resize(workers_.size());
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const double now = workers_[i]->settled_cpu_seconds();
    used += now - cpu_[i];
    cpu_[i] = now;
  }
  const auto seconds = [&](std::int64_t until) { return static_cast<double>(until - started_) * 1e-9; };
  span_ = {seconds(standing), seconds(answered_), used - restless_};
}

Report Team::take() {
  Report all;
  bool first = true;
  each([&](Worker& w) {
    auto report = w.take();
    if (first)
      all = std::move(report);
    else
      merge(all, report);
    first = false;
  });
  return all;
}

std::vector<model::Protection> Team::protections() const {
  auto all = workers_.front()->protections();
  for (const auto& w : workers_)
    for (const auto& own : w->protections())
      for (auto& p : all)
        if (p.name == own.name && !own.present) p = own;
  return all;
}

std::vector<Usage> Team::usage() const {
  std::vector<Usage> all;
  for (const auto& w : workers_) all.push_back(w->usage());
  return all;
}

std::int64_t Team::executable_bytes() const {
  std::int64_t sum = 0;
  for (const auto& w : workers_) sum += w->observer().executable_bytes();
  return sum;
}

model::CodeCheck Team::compare_code() const {
  model::CodeCheck all;
  for (const auto& w : workers_) {
    auto one = w->observer().compare();
    all.bytes += one.bytes;
    all.changed_pages += one.changed_pages;
    if (all.first.empty()) all.first = std::move(one.first);
    if (all.absent.empty()) all.absent = std::move(one.absent);
  }
  return all;
}

std::vector<model::Refusal> Team::refusals() const {
  std::vector<model::Refusal> all;
  for (const auto& w : workers_) all.insert(all.end(), w->refusals().begin(), w->refusals().end());
  return all;
}

void Team::kill() {
  for (auto& w : workers_) w->kill();
}

std::vector<PluginVariant> describe_plugin(const std::string& plugin, const WorkerOptions& options,
                                           const std::string& scratch) {
  const SharedMemory nothing("aisp-none", 4096);
  Startup s;
  copy_text(s.plugin, plugin);
  copy_text(s.scratch, scratch);
  s.spin = 0;
  Team team(s, {nothing.read_only_fd(), nothing.duplicate_fd(), nothing.size(), nothing.size()}, options);
  return std::move(team.command(Op::describe).report.variants);
}

}  // namespace aisp::judge
