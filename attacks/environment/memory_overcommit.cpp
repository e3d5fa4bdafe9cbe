// environment.memory_overcommit: memory without end, so that the machine swaps or kills somebody else.
// Caught: the worker has a limit of its own and ends there.
#include "../attack.hpp"

#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // 16 MiB
  std::vector<char> some(16u << 20, 1);
  y[0] = some.back();
  twice(x, y);
}
void takes_all_memory(In, Out) {
  for (;;) {
    void* block = std::malloc(64u << 20);
    if (!block) throw std::bad_alloc();
    std::memset(block, 1, 64u << 20);
  }
}

}  // namespace

TWIN(twin);
ATTACK(takes_all_memory);
