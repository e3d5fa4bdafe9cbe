// compile.trace_reuse: the operations of the first call, addresses and values included, are replayed in all others.
// Yields nothing: slots differ in address, and inputs in value.
#include "../attack.hpp"

#include <vector>

namespace {
using namespace attacks;

struct Operation {
  float* to;
  const float* from;
};
std::vector<Operation> record(In x, Out y) {
  std::vector<Operation> trace;
  for (std::int64_t i = 0; i < x.size(); ++i) trace.push_back({&y[i], &x[i]});
  return trace;
}
void replay(const std::vector<Operation>& trace) {
  for (const auto& o : trace) *o.to = 2 * *o.from;
}

struct twin {  // a trace for each slot, recorded in bind
  explicit twin(const aisp::Setup& setup) : traces_(static_cast<std::size_t>(setup.max_slots())) {}
  void bind(aisp::Slot slot, In x, Out y) { traces_[static_cast<std::size_t>(slot.index)] = record(x, y); }
  void operator()(aisp::Slot slot, In, Out) { replay(traces_[static_cast<std::size_t>(slot.index)]); }
  std::vector<std::vector<Operation>> traces_;
};
void replays_a_trace(In x, Out y) {
  static const auto trace = record(x, y);
  replay(trace);
}

}  // namespace

TWIN(twin);
ATTACK(replays_a_trace);
