// A model of a turn, small enough that every interleaving of judge and worker can be tried. The judge runs a fixed list
// of steps; the threads of the worker do whatever they like whenever they are not stopped, in any order, and a stop
// reaches each of them some time after it was sent. Whatever the interleaving, no thread may compute while the inputs
// are there and the clock does not run, nor between the clock's end and the comparison. src/judge/team.cpp and
// src/judge/runner.cpp hold the steps in this order.
#include <gtest/gtest.h>

#include <deque>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace {

enum class Step {
  send_stop,       // SIGSTOP is sent; threads stop later, one by one
  await_standing,  // goes on when all threads are stopped
  write_inputs,    // of the timed calls
  post_command,    // what the worker is to do; it also sees whether it ran since it was stopped, by its CPU time
  start_clock,
  send_continue,  // SIGCONT: all threads go on
  await_answer,   // goes on when a thread has said that all is done
  end_clock,
  parse_report,  // takes time
  compare_outputs,
};
using Steps = std::vector<Step>;

// The turn as it is on the CPU.
const Steps kTurn = {Step::send_stop,      Step::await_standing, Step::write_inputs,    Step::post_command,
                     Step::start_clock,    Step::send_continue,  Step::await_answer,    Step::send_stop,
                     Step::await_standing, Step::end_clock,      Step::compare_outputs, Step::parse_report};

constexpr int kThreads = 2;

struct State {
  std::size_t at = 0;  // the judge's next step
  bool stopping[kThreads] = {}, stopped[kThreads] = {};
  bool inputs = false, clock = false, answered = false, compared = false, ended = false;
  bool ran_while_held = false, held = false;
  auto operator<=>(const State&) const = default;
};

struct Powers {               // of the worker, beyond computing and answering
  bool undoes_stops = false;  // a timer, a child, another process sends it SIGCONT
};

class Model {
 public:
  Model(Steps steps, Powers powers) : steps_(std::move(steps)), powers_(powers) {}

  // What an interleaving allows that must not be; empty: none does. `unseen`: offences that the judge's look at the
  // worker's CPU time does not show count alone.
  std::set<std::string> offences(bool unseen = false) {
    std::set<State> seen;
    std::deque<State> open{State{}};
    while (!open.empty()) {
      const State s = open.front();
      open.pop_front();
      if (!seen.insert(s).second) continue;
      judge(s, open);
      for (int t = 0; t < kThreads; ++t) thread(s, t, unseen, open);
    }
    states = seen.size();
    return found_;
  }
  std::size_t states = 0;

 private:
  static bool all(const bool (&x)[kThreads]) { return x[0] && x[1]; }

  void judge(State s, std::deque<State>& open) const {
    if (s.at == steps_.size()) return;
    switch (steps_[s.at]) {
      case Step::send_stop:
        for (bool& x : s.stopping) x = true;
        break;
      case Step::await_standing:
        if (!all(s.stopped)) return;
        s.held = true, s.ran_while_held = false;
        break;
      case Step::write_inputs: s.inputs = true; break;
      case Step::post_command: break;
      case Step::start_clock: s.clock = true; break;
      case Step::send_continue:
        for (bool& x : s.stopping) x = false;
        for (bool& x : s.stopped) x = false;
        s.held = false;
        break;
      case Step::await_answer:
        if (!s.answered) return;
        break;
      case Step::end_clock: s.clock = false, s.ended = true; break;
      case Step::parse_report: break;
      case Step::compare_outputs: s.compared = true; break;
    }
    ++s.at;
    open.push_back(s);
  }

  void thread(const State& s, int t, bool unseen, std::deque<State>& open) {
    if (s.stopping[t] && !s.stopped[t]) {  // the signal arrives
      State next = s;
      next.stopped[t] = true;
      open.push_back(next);
    }
    if (s.stopped[t] && powers_.undoes_stops) {
      State next = s;
      next.stopped[t] = next.stopping[t] = false;
      open.push_back(next);
    }
    if (s.stopped[t]) return;
    // It computes. Whatever it does while it is held shows in its CPU time, which the judge compares at post_command
    // and after the turn.
    State next = s;
    next.ran_while_held |= s.held;
    const bool shows = next.ran_while_held;
    if (!(unseen && shows)) {
      if (s.inputs && !s.clock && !s.ended) found_.insert("computes on inputs before the clock runs");
      if (s.ended && !s.compared) found_.insert("computes after the clock has ended");
    }
    open.push_back(next);
    if (s.clock && !s.answered) {  // it may say so at any time, finished or not
      next.answered = true;
      open.push_back(next);
    }
  }

  Steps steps_;
  Powers powers_;
  std::set<std::string> found_;
};

Steps with(Steps steps, Step moved, Step before) {
  std::erase(steps, moved);
  steps.insert(std::find(steps.begin(), steps.end(), before), moved);
  return steps;
}

TEST(TurnModel, NoInterleavingComputesOutsideTheClock) {
  Model model(kTurn, {});
  EXPECT_EQ(model.offences(), std::set<std::string>{});
  EXPECT_GE(model.states, 20u);
}

// The order before 2026-12: continue, wake, and only then the command and the clock.
TEST(TurnModel, AClockThatStartsAfterTheContinuationIsTooLate) {
  Model model(with(kTurn, Step::send_continue, Step::start_clock), {});
  EXPECT_TRUE(model.offences().contains("computes on inputs before the clock runs"));
}

TEST(TurnModel, AClockThatEndsWithTheAnswerIsTooEarly) {
  Steps steps = kTurn;  // the answer, the clock's end, the report, and only then the stop
  steps.erase(std::find(steps.begin(), steps.end(), Step::end_clock));
  steps.insert(std::find(steps.begin(), steps.end(), Step::await_answer) + 1, {Step::end_clock, Step::parse_report});
  Model model(steps, {});
  EXPECT_TRUE(model.offences().contains("computes after the clock has ended"));
}

TEST(TurnModel, AStopIsNotAStandstill) {
  Steps steps = kTurn;
  steps.erase(std::find(steps.begin(), steps.end(), Step::await_standing));  // the first
  Model model(steps, {});
  EXPECT_TRUE(model.offences().contains("computes on inputs before the clock runs"));
}

// A stop that is undone lets the worker compute early, but not without using CPU time while it was held.
TEST(TurnModel, AStopThatIsUndoneShowsInTheCpuTime) {
  EXPECT_FALSE(Model(kTurn, {.undoes_stops = true}).offences().empty());
  EXPECT_EQ(Model(kTurn, {.undoes_stops = true}).offences(true), std::set<std::string>{});
}

}  // namespace
