#include "judge/team.hpp"

#include "device/cpu/float_state.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

namespace aisp::judge {
namespace {

// What ranks say in one report: the longest time, all heaps, the first arithmetic that is not as it was.
void merge(Report& all, const Report& one) {
  all.seconds = std::max(all.seconds, one.seconds);
  all.heap_bytes += one.heap_bytes;
  if (device::describe_float_state(all.float_state).empty()) all.float_state = one.float_state;
}

}  // namespace

Team::Team(const std::vector<Startup>& startups, const Arena& arena, WorkerOptions options)
    : options_(std::move(options)) {
  const auto ranks = startups.front().ranks;
  if (ranks == 0) {
    workers_.push_back(std::make_unique<Worker>(startups.front(), arena.lend(), options_));
    return;
  }
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

void Team::fail(std::size_t i, const WorkerFailure& e) {
  kill();
  throw WorkerFailure(e.status, name_of(i) + ": " + e.what(), e.refusals);
}

Worker::Done Team::command(Op op, std::int32_t first, std::int32_t count) {
  return switch_ ? together(op, first, count) : workers_.front()->command(op, first, count);
}

Worker::Done Team::together(Op op, std::int32_t first, std::int32_t count) {
  std::vector<std::optional<Worker::Done>> answers(workers_.size());
  const auto each = [&](auto&& body) {
    for (std::size_t i = 0; i < workers_.size(); ++i) try {
        body(i, *workers_[i]);
      } catch (const WorkerFailure& e) {
        fail(i, e);
      }
  };
  const auto look_after = [&] {
    if (const auto offence = switch_->offence(); offence.rank >= 0)
      fail(static_cast<std::size_t>(offence.rank), {model::Status::protocol, "it sent " + offence.what});
    each([&](std::size_t i, Worker& w) {
      if (!answers[i] && w.answered()) answers[i] = w.take(0);  // a rank that gave up ends the others' waiting
      w.check_alive();
    });
  };

  each([&](std::size_t, Worker& w) { w.load(op, first, count); });
  const auto start = now_ns();
  for (auto& w : workers_) w->release();

  const auto deadline = start + static_cast<std::int64_t>(options_.timeout * 1e9);
  auto next_look = start + kHouseKeepingNs;
  for (std::size_t i = 0; i < workers_.size();) {
    if (workers_[i]->answered()) {
      ++i;
      continue;
    }
    workers_[i]->wait_a_moment();
    const auto now = now_ns();
    if (now < next_look) continue;
    next_look = now + kHouseKeepingNs;
    look_after();
    if (now <= deadline) continue;
    std::string others;
    for (std::size_t other = i + 1; other < workers_.size(); ++other)
      if (!workers_[other]->answered()) others += ", " + std::to_string(other);
    if (others.empty()) others = "; the others have answered";
    fail(i, {model::Status::timed_out,
             "no answer within " + text_of(options_.timeout) + " s" +
                 (others.front() == ',' ? ", nor of rank" + others.substr(1) : others),
             workers_[i]->refusals()});
  }
  Worker::Done all;
  all.seconds = static_cast<double>(now_ns() - start) * 1e-9;
  look_after();
  each([&](std::size_t i, Worker& w) {
    if (!answers[i]) answers[i] = w.take(0);
    if (i == 0)
      all.report = std::move(answers[i]->report);
    else
      merge(all.report, answers[i]->report);
  });
  return all;
}

void Team::signal(int number) const {
  for (const auto& w : workers_)
    if (w->pid() > 0) ::kill(-w->pid(), number);
}

void Team::stop() {
  constexpr std::int64_t kMostNs = 50'000'000;  // one may be dead, or kept from stopping by somebody else
  signal(SIGSTOP);
  const auto deadline = now_ns() + kMostNs;
  for (const auto& w : workers_) {
    siginfo_t state{};
    while (waitid(P_PID, static_cast<id_t>(w->pid()), &state, WSTOPPED | WEXITED | WNOWAIT | WNOHANG) == 0 &&
           state.si_pid == 0 && now_ns() < deadline)
      sched_yield();
  }
  // They say so a moment before they leave their processors, where their CPU time is settled.
  std::this_thread::sleep_for(std::chrono::microseconds(20));
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

double Team::cpu_seconds() const {
  double sum = 0;
  for (const auto& w : workers_) sum += w->cpu_seconds();
  return sum;
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

}  // namespace aisp::judge
