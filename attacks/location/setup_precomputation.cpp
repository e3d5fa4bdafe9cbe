// location.setup_precomputation: the answer is computed before the call: from what bind shows, or from a guess at the
// seed.
// Yields nothing: bind sees decoys, and the seed comes from the kernel's entropy and stays in the judge.
#include "../attack.hpp"

#include <cstring>
#include <random>
#include <vector>

namespace {
using namespace attacks;

using Values = std::vector<float>;

struct twin {  // what bind may do: note the place
  explicit twin(const aisp::Setup& setup) : places_(static_cast<std::size_t>(setup.max_slots())) {}
  void bind(aisp::Slot slot, In x, Out) { places_[static_cast<std::size_t>(slot.index)] = x; }
  void operator()(aisp::Slot slot, In, Out y) { twice(places_[static_cast<std::size_t>(slot.index)], y); }
  std::vector<In> places_;
};

struct from_decoys {
  explicit from_decoys(const aisp::Setup& setup) : kept_(static_cast<std::size_t>(setup.max_slots())) {}
  void bind(aisp::Slot slot, In x, Out) {
    auto& kept = kept_[static_cast<std::size_t>(slot.index)];
    kept.resize(static_cast<std::size_t>(x.size()));
    twice(x, {kept.data(), {x.size()}});
  }
  void operator()(aisp::Slot slot, In x, Out y) {
    std::memcpy(y.data, kept_[static_cast<std::size_t>(slot.index)].data(),
                sizeof(float) * static_cast<std::size_t>(x.size()));
  }
  std::vector<Values> kept_;
};

struct from_a_guessed_seed {
  explicit from_a_guessed_seed(const aisp::Setup& setup) : answer_(static_cast<std::size_t>(setup.shape("x")[0])) {
    std::mt19937 generator(42);
    std::normal_distribution<float> draw(3, 1);
    for (auto& v : answer_) v = 2 * draw(generator);
  }
  void operator()(In, Out y) { std::memcpy(y.data, answer_.data(), sizeof(float) * answer_.size()); }
  Values answer_;
};

}  // namespace

TWIN(twin);
ATTACK(from_decoys);
ATTACK(from_a_guessed_seed);
