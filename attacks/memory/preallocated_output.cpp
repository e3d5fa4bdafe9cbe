// memory.preallocated_output: the output is filled in bind, and run does nothing.
// Yields nothing: outputs are poisoned right before each call.
#include "../attack.hpp"

namespace {
using namespace attacks;

struct twin {  // touching the output early is harmless
  explicit twin(const aisp::Setup&) {}
  void bind(In x, Out y) { twice(x, y); }
  void operator()(In x, Out y) { twice(x, y); }
};
struct filled_in_bind {
  explicit filled_in_bind(const aisp::Setup&) {}
  void bind(In x, Out y) { twice(x, y); }
  void operator()(In, Out) {}
};

}  // namespace

TWIN(twin);
ATTACK(filled_in_bind);
