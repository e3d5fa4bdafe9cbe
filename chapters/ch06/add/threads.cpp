// Threads: the baseline's loop on every core, one contiguous share each (the CPU's grid-stride loop).
// Expected: the number of cores, until they wait for the same cache or memory.
// What binds it: one element a cycle and core, and waking the helpers (some microseconds a call).
#include <aisp/variant.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace {

constexpr int spins = 200;  // looks at the next call before a helper sleeps
void add(std::int64_t n, const float* a, const float* b, float* out) {
  for (std::int64_t i = 0; i < n; ++i) {
    out[i] = a[i] + b[i];
    asm volatile("" ::: "memory");  // as in the baseline
  }
}

// Threads that sleep between calls, unless the next comes within some microseconds; share s of the vector belongs to
// thread s, the last share to the caller.
class Threads {
 public:
  explicit Threads(const aisp::Setup& setup) : shares_(std::max(setup.threads(), 1)) {
    for (int s = 0; s + 1 < shares_; ++s) helpers_.emplace_back([this, s] { help(s); });
  }
  ~Threads() {
    stop_ = true;
    start();
    for (auto& helper : helpers_) helper.join();
  }
  void operator()(aisp::Vector<const float> x, aisp::Vector<const float> y, aisp::Vector<float> z) {
    x_ = x, y_ = y, z_ = z;
    pending_ = shares_ - 1;
    start();
    add_share(shares_ - 1);
    while (pending_ > 0) std::this_thread::yield();
  }

 private:
  void start() {
    ++epoch_;
    epoch_.notify_all();
  }
  void help(int share) {
    for (std::uint32_t seen = 0;; ++seen) {
      for (int spin = 0; spin < spins && epoch_ == seen; ++spin) std::this_thread::yield();
      epoch_.wait(seen);
      if (stop_) return;
      add_share(share);
      --pending_;
    }
  }
  void add_share(int share) const {
    const auto line = std::int64_t{16};  // floats in a cache line: no line belongs to two threads
    const auto size = (z_.size() / shares_ + line) / line * line;
    const auto first = std::min(share * size, z_.size()), last = std::min(first + size, z_.size());
    add(last - first, x_.data + first, y_.data + first, z_.data + first);
  }

  const int shares_;
  std::atomic<std::uint32_t> epoch_ = 0;
  std::atomic<int> pending_ = 0;
  std::atomic<bool> stop_ = false;
  aisp::Vector<const float> x_, y_;
  aisp::Vector<float> z_;
  std::vector<std::thread> helpers_;
};

}  // namespace

AISP_VARIANT(Threads, .about = "all threads, one element at a time each", .threads = 0);
