// statistical.gc_interference: garbage is collected in some turns and not in others.
// Caught: two groups of times, of which the slow one takes page faults.
#include "../attack.hpp"

#include <sys/mman.h>

#include <cstring>

namespace {
using namespace attacks;

void collect(std::size_t bytes) {
  void* heap = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (heap == MAP_FAILED) return;
  for (std::size_t i = 0; i < bytes; i += 4096) static_cast<volatile char*>(heap)[i] = 1;
  munmap(heap, bytes);
}

void twin(In x, Out y) {  // a little in every call
  collect(4096);
  twice(x, y);
}

void collects_now_and_then(aisp::Slot slot, In x, Out y) {
  static int turn = 0;
  turn += slot.index == 0;
  if (turn % 2) collect(1 << 18);
  twice(x, y);
}

}  // namespace

TWIN(twin);
ATTACK(collects_now_and_then);
