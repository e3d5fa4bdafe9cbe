// Two threads that run one piece of work together: the caller and a helper that is created once and parked between
// calls. Both the wait for work and the wait for the helper spin for a few microseconds, as long as a wake-up by the
// kernel takes, and then sleep in a futex (std::atomic::wait).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ch12 {

inline constexpr int kSpins = 2000;

inline void spin() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

class TwoThreads {
 public:
  TwoThreads() : helper_([this] { serve(); }) {}
  ~TwoThreads() {
    stop_ = true;
    publish(started_);
    helper_.join();
  }
  TwoThreads(const TwoThreads&) = delete;
  TwoThreads& operator=(const TwoThreads&) = delete;

  // work(0) on the caller and work(1) on the helper, at the same time; returns when both have. Must not throw.
  void run(const std::function<void(int)>& work) {
    work_ = &work;
    const auto call = publish(started_);
    work(0);
    await(finished_, call - 1);
  }

 private:
  using Counter = std::atomic<std::uint32_t>;

  static std::uint32_t publish(Counter& counter) {
    const auto value = counter.fetch_add(1, std::memory_order_release) + 1;
    counter.notify_one();
    return value;
  }
  static void await(Counter& counter, std::uint32_t old) {
    for (int i = 0; i < kSpins; ++i) {
      if (counter.load(std::memory_order_acquire) != old) return;
      spin();
    }
    counter.wait(old, std::memory_order_acquire);
  }

  void serve() {
    for (std::uint32_t call = 0;; ++call) {
      await(started_, call);
      if (stop_) return;
      (*work_)(1);
      publish(finished_);
    }
  }

  alignas(64) Counter started_{0};
  alignas(64) Counter finished_{0};
  const std::function<void(int)>* work_ = nullptr;
  bool stop_ = false;
  std::thread helper_;
};

}  // namespace ch12
