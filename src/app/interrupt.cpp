#include "app/interrupt.hpp"

#include <signal.h>

namespace aisp::app {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

void on_signal(int) { interrupted.store(true); }

void install(void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupted.store(false);
  install(on_signal, static_cast<int>(SA_RESETHAND));  // the default action comes back for a second signal
}

InterruptGuard::~InterruptGuard() { install(SIG_DFL, 0); }

const std::atomic<bool>& InterruptGuard::flag() const { return interrupted; }

}  // namespace aisp::app
