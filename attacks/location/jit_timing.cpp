// location.jit_timing: code is made in run, so that its cost falls into some timed calls and not into others.
// Caught: executable memory that was not there when the slots were bound. The twin makes its code in prepare.
#include "../machine_code.hpp"

namespace {
using namespace attacks;

struct twin {
  explicit twin(const aisp::Setup&) : code_(assemble()) {}
  void operator()(In x, Out y) { code_(x.data, y.data, x.size()); }
  Doubler code_;
};

void compiles_when_called(In x, Out y) {
  static const Doubler code = assemble();
  code(x.data, y.data, x.size());
}

}  // namespace

TWIN(twin);
ATTACK(compiles_when_called);
