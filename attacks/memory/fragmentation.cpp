// memory.fragmentation: the heap is cut into pieces before the others run.
// Yields nothing: each variant has processes of its own.
#include "../attack.hpp"

#include <cstdlib>
#include <vector>

namespace {
using namespace attacks;

void twin(In x, Out y) { twice(x, y); }

struct splinters_the_heap {
  explicit splinters_the_heap(const aisp::Setup&) {
    std::vector<void*> blocks;
    for (int i = 0; i < 20000; ++i) blocks.push_back(std::malloc(1000));
    for (std::size_t i = 0; i < blocks.size(); i += 2) std::free(blocks[i]);
  }
  void operator()(In x, Out y) { twice(x, y); }
};

}  // namespace

TWIN(twin);
ATTACK(splinters_the_heap);
