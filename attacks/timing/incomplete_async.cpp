// timing.incomplete_async: run returns while another thread still works.
// Yields nothing: the worker is stopped the moment it answers, and its outputs are read while it stands still.
#include "../attack.hpp"

#include <unistd.h>

#include <thread>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // the same thread, awaited
  std::thread([=] { twice(x, y); }).join();
}

void detached_thread(In x, Out y) {
  std::thread([=] {
    usleep(2000);
    twice(x, y);
  }).detach();
}

}  // namespace

TWIN(twin, .threads = 2);
ATTACK(detached_thread, .threads = 2);
