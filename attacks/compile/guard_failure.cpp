// compile.guard_failure: code is specialised for a value and made again when the value changes, hidden in run.
// Caught: executable memory that was not there when the slots were bound.
#include "../machine_code.hpp"

namespace {
using namespace attacks;

struct twin {  // one code for all values
  explicit twin(const aisp::Setup&) : code_(assemble()) {}
  void operator()(In x, Out y) { code_(x.data, y.data, x.size()); }
  Doubler code_;
};
void recompiles_on_new_values(In x, Out y) {
  static float seen = 0;
  static Doubler code = nullptr;
  if (!code || (x[0] > 3) != (seen > 3)) code = assemble();
  seen = x[0];
  code(x.data, y.data, x.size());
}

}  // namespace

TWIN(twin);
ATTACK(recompiles_on_new_values);
