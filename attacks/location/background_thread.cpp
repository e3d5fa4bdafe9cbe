// location.background_thread: work by others than the declared threads: a child process, threads nobody declared, a
// declared one that goes on when the call is over.
// Caught: what is not declared is refused and named; CPU time of a worker that is to stand still, where somebody lets
// it go on. A declared thread that goes on is stopped with the others, and gains nothing.
#include "../attack.hpp"

#include <unistd.h>

#include <atomic>
#include <thread>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // two threads, declared and joined
  std::thread half([=] { twice(x, y, 0, x.size() / 2); });
  twice(x, y, x.size() / 2, x.size());
  half.join();
}

void forks(In x, Out y) {
  if (fork() == 0)
    for (;;) pause();
  twice(x, y);
}

void spins_on(In x, Out y) {  // precomputes whatever it can get hold of
  static std::atomic<float> sink;
  static const bool started = [] {
    std::thread([] {
      for (float v = 1;; v *= 1.0000001f) sink.store(v, std::memory_order_relaxed);
    }).detach();
    return true;
  }();
  (void)started;
  twice(x, y);
}

void kept_awake(In x, Out y) { twin(x, y); }  // environment/meddler.cpp sends SIGCONT all the time

void undeclared_threads(In x, Out y) {
  twice(x, y);
  std::thread([] {}).join();
}

}  // namespace

TWIN(twin, .threads = 2);
ATTACK(forks);
ATTACK(spins_on, .threads = 2);
ATTACK(undeclared_threads);
ATTACK(kept_awake, .threads = 2);
