// timing.warmup_bleed: calls that are not timed do the work of those that are.
// Yields nothing: the inputs of timed calls are drawn after the discarded call, while the worker stands still.
#include "../attack.hpp"

#include <cstring>
#include <vector>

namespace {
using namespace attacks;

std::size_t bytes(In x) { return sizeof(float) * static_cast<std::size_t>(x.size()); }

struct twin {  // keeps a workspace from call to call, but nothing of an input
  explicit twin(const aisp::Setup& setup) : workspace_(static_cast<std::size_t>(setup.shape("x")[0])) {}
  void operator()(In x, Out y) {
    twice(x, {workspace_.data(), {x.size()}});
    std::memcpy(y.data, workspace_.data(), bytes(x));
  }
  std::vector<float> workspace_;
};

struct keeps_first_answers {  // the first answer of each slot, for ever
  explicit keeps_first_answers(const aisp::Setup& setup) : kept_(static_cast<std::size_t>(setup.max_slots())) {}
  void operator()(aisp::Slot slot, In x, Out y) {
    auto& kept = kept_[static_cast<std::size_t>(slot.index)];
    if (kept.empty()) {
      kept.resize(static_cast<std::size_t>(x.size()));
      twice(x, {kept.data(), {x.size()}});
    }
    std::memcpy(y.data, kept.data(), bytes(x));
  }
  std::vector<std::vector<float>> kept_;
};

struct computes_ahead {  // slot 0, the discarded call, answers for all slots that were bound
  explicit computes_ahead(const aisp::Setup&) {}
  void bind(aisp::Slot slot, In x, Out y) {
    if (slot.index) bound_.push_back({x, y});
  }
  void operator()(aisp::Slot slot, In x, Out y) {
    if (slot.index) return;
    twice(x, y);
    for (const auto& [in, out] : bound_) twice(in, out);
  }
  std::vector<std::pair<In, Out>> bound_;
};

}  // namespace

TWIN(twin);
ATTACK(keeps_first_answers);
ATTACK(computes_ahead);
