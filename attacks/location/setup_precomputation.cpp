// location.setup_precomputation: the answer is computed before the call: from what bind shows, from a guess at the
// seed, or in a signal handler that runs when the judge lets a stopped worker go on. Yields nothing: bind sees decoys,
// the seed comes from the kernel's entropy and stays in the judge, and the clock runs when the worker goes on. A search
// in bind is too long for what bind is for.
#include "../attack.hpp"

#include <signal.h>
#include <time.h>

#include <cstring>
#include <random>
#include <utility>
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

// Computes every timed slot in a handler of SIGCONT, once a discarded call has armed it.
struct on_continuation {
  struct Job {
    In x;
    Out y;
    bool done = false;
  };
  static inline std::vector<Job> jobs;
  static inline bool armed = false;

  static void handler(int) {
    if (!std::exchange(armed, false)) return;
    for (auto& job : jobs) {
      if (job.x.data) twice(job.x, job.y);
      job.done = true;
    }
  }
  explicit on_continuation(const aisp::Setup& setup) {
    jobs.resize(static_cast<std::size_t>(setup.max_slots()));
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(SIGCONT, &action, nullptr);
  }
  void bind(aisp::Slot slot, In x, Out y) {
    if (slot.index) jobs[static_cast<std::size_t>(slot.index)] = {x, y, false};
  }
  void operator()(aisp::Slot slot, In x, Out y) {
    auto& job = jobs[static_cast<std::size_t>(slot.index)];
    if (slot.index == 0) armed = true;
    if (!std::exchange(job.done, false)) twice(x, y);
  }
};

struct searches_in_bind {  // for a key, say
  explicit searches_in_bind(const aisp::Setup&) {}
  void bind(aisp::Slot slot, In, Out) {
    if (slot.index) return;
    timespec now{};
    while (now.tv_sec < 2) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  }
  void operator()(In x, Out y) { twice(x, y); }
};

}  // namespace

TWIN(twin);
ATTACK(from_decoys);
ATTACK(from_a_guessed_seed);
ATTACK(on_continuation);
ATTACK(searches_in_bind);
