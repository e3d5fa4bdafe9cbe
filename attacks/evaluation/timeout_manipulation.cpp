// evaluation.timeout_manipulation: a call that does not end, in the hope that the limit is somebody else's.
// Caught: the judge keeps the deadline, and ends the worker with everything it started.
#include "../attack.hpp"

#include <signal.h>
#include <unistd.h>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // slow, and within the limit
  usleep(2000);
  twice(x, y);
}
void hangs(In, Out) {
  for (;;) asm volatile("");
}
void sleeps(In, Out) { sleep(1000); }
void stops_itself(In, Out) { raise(SIGSTOP); }

}  // namespace

TWIN(twin);
ATTACK(hangs);
ATTACK(sleeps);
ATTACK(stops_itself);
