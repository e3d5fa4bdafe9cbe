// statistical.cold_start: the first call, which is discarded, does what all others profit from.
// Caught: the first call of each worker is timed too. The twin prepares in prepare, where the cost is reported.
#include "../attack.hpp"

#include <chrono>

namespace {
using namespace attacks;

void work_for(std::chrono::milliseconds time) {
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < time) continue;
}

struct twin {
  explicit twin(const aisp::Setup&) { work_for(std::chrono::milliseconds(200)); }
  void operator()(In x, Out y) { twice(x, y); }
};
void works_in_the_first_call(In x, Out y) {
  static const bool done = [] {
    work_for(std::chrono::milliseconds(200));
    return true;
  }();
  (void)done;
  twice(x, y);
}

}  // namespace

TWIN(twin);
ATTACK(works_in_the_first_call);
