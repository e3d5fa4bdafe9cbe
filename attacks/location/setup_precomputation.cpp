// location.setup_precomputation: the answer is computed before the call: from what bind shows, from a guess at the
// seed, from what a guard zone says of the keys, or in a signal handler that runs when the judge lets a stopped worker
// go on. Yields nothing: bind sees decoys; the seed comes from the kernel's entropy and stays in the judge; the bytes
// of a guard zone follow one way from a secret of their own, and the key of a round's inputs does not exist before the
// round; and the clock runs when the worker goes on. A search in bind is too long for what bind is for.
#include "../attack.hpp"

#include <signal.h>
#include <time.h>

#include <cstdint>
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
    while (now.tv_sec < 1 || now.tv_nsec < 400'000'000) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  }
  void operator()(In x, Out y) { twice(x, y); }
};

// The mixers of counter-based generators are bijections. One that fills guard zones can be run backwards from two words
// of a zone to its key, and key derivation of the same kind from there to the root and down to any input.
struct from_the_guard_zone {
  using u32 = std::uint32_t;
  using u64 = std::uint64_t;
  static constexpr u32 kFirst = 0x7FEB352Du, kSecond = 0x846CA68Bu;
  static constexpr u64 kOne = 0xBF58476D1CE4E5B9u, kTwo = 0x94D049BB133111EBu;

  explicit from_the_guard_zone(const aisp::Setup& setup) : answer_(static_cast<std::size_t>(setup.shape("x")[0])) {}

  void bind(aisp::Slot slot, In, Out y) {
    if (slot.index) return;
    std::memcpy(zone_, reinterpret_cast<const char*>(y.data) - 256, sizeof zone_);
    const auto half_back = [&](int i) { return (zone_[i] ^ (zone_[i] >> 16)) * static_cast<u32>(inverse(kSecond)); };
    first_ = half_back(0);
    const u32 difference = first_ ^ half_back(1);
    wanted_ = difference ^ (difference >> 15) ^ (difference >> 30);
    for (u32 high = 0; high < 1u << 16 && !key_; ++high) search(high << 16, 0);
    const u64 root = up(up(up(key_, 0), 1), 0);  // guard, runner, restart
    foresee(mix(mix(root)));
  }
  void operator()(In, Out y) { std::memcpy(y.data, answer_.data(), sizeof(float) * answer_.size()); }

 private:
  static u64 inverse(u64 odd) {
    u64 x = odd;
    for (int i = 0; i < 5; ++i) x *= 2 - odd * x;
    return x;
  }
  static u64 mix(u64 x) {
    x = (x ^ (x >> 30)) * kOne;
    x = (x ^ (x >> 27)) * kTwo;
    return x ^ (x >> 31);
  }
  static u64 unmix(u64 x) {
    x = (x ^ (x >> 31) ^ (x >> 62)) * inverse(kTwo);
    x = (x ^ (x >> 27) ^ (x >> 54)) * inverse(kOne);
    return x ^ (x >> 30) ^ (x >> 60);
  }
  static u64 up(u64 child, u64 index) { return unmix(unmix(child) ^ mix(index)); }
  static u32 mixed(u32 z) { return (z ^ (z >> 16)) * kFirst; }

  // Bit by bit: with the upper half of the key known, a bit of the difference depends on no higher bit of the lower
  // half.
  void search(u32 key, int bit) {
    if (bit == 16) return check(key, first_ ^ mixed(key) ^ (mixed(key) >> 15));
    for (const u32 guess : {key, key | 1u << bit})
      if (!(((mixed(guess) ^ mixed(guess + 1) ^ wanted_) >> bit) & 1)) search(guess, bit + 1);
  }
  void check(u32 low, u32 high) {
    for (u32 i = 0; i < 64; ++i) {
      const u32 x = mixed(low + i), y = (x ^ (x >> 15) ^ high) * kSecond;
      if ((y ^ (y >> 16)) != zone_[i]) return;
    }
    key_ = u64{high} << 32 | low;
  }
  void foresee(u64 inputs) {
    std::mt19937_64 generator(inputs);
    std::normal_distribution<float> draw(3, 1);
    for (auto& v : answer_) v = 2 * draw(generator);
  }

  u32 zone_[64] = {}, first_ = 0, wanted_ = 0;
  u64 key_ = 0;
  Values answer_;
};

}  // namespace

TWIN(twin);
ATTACK(from_decoys);
ATTACK(from_a_guessed_seed);
ATTACK(on_continuation);
ATTACK(searches_in_bind);
ATTACK(from_the_guard_zone);
