// Vectorised: as threads, with the widest vectors of the machine; when the three vectors exceed what a last-level cache
// holds, streaming stores write the sum past the caches and save reading its lines first.
// Expected: twice the threads and more inside the caches; in memory 4/3 of a plain loop (3 transfers instead of 4).
// What binds it: cache or memory bandwidth.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace {

constexpr int spins = 200;                          // looks at the next call before a helper sleeps
constexpr std::int64_t streaming_bytes = 48 << 20;  // of all three vectors

#if defined(__x86_64__)
AISP_TARGET_AVX512 void add_avx512(std::int64_t n, const float* a, const float* b, float* out, bool stream) {
  std::int64_t i = 0;
  for (; i < n && reinterpret_cast<std::uintptr_t>(out + i) % 64; ++i) out[i] = a[i] + b[i];
  if (stream)
    for (; i + 16 <= n; i += 16)
      _mm512_stream_ps(out + i, _mm512_add_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i)));
  else
    for (; i + 16 <= n; i += 16)
      _mm512_store_ps(out + i, _mm512_add_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i)));
  for (; i < n; ++i) out[i] = a[i] + b[i];
  _mm_sfence();
}
AISP_TARGET_AVX2 void add_avx2(std::int64_t n, const float* a, const float* b, float* out, bool stream) {
  std::int64_t i = 0;
  for (; i < n && reinterpret_cast<std::uintptr_t>(out + i) % 32; ++i) out[i] = a[i] + b[i];
  if (stream)
    for (; i + 8 <= n; i += 8) _mm256_stream_ps(out + i, _mm256_add_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i)));
  else
    for (; i + 8 <= n; i += 8) _mm256_store_ps(out + i, _mm256_add_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i)));
  for (; i < n; ++i) out[i] = a[i] + b[i];
  _mm_sfence();
}
#endif
void add_plain(std::int64_t n, const float* a, const float* b, float* __restrict out, bool) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = a[i] + b[i];
}

using Add = void (*)(std::int64_t n, const float* a, const float* b, float* out, bool stream);
Add widest() {
#if defined(__x86_64__)
  return aisp::cpu::pick<Add>(add_avx512, add_avx2, add_plain);
#else
  return add_plain;
#endif
}

// Threads that sleep between calls, unless the next comes within some microseconds; share s of the vector belongs to
// thread s, the last share to the caller.
class Vectorized {
 public:
  explicit Vectorized(const aisp::Setup& setup) : shares_(std::max(setup.threads(), 1)) {
    for (int s = 0; s + 1 < shares_; ++s) helpers_.emplace_back([this, s] { help(s); });
  }
  ~Vectorized() {
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
    const bool stream = z_.size() * std::int64_t{12} > streaming_bytes;
    add_(last - first, x_.data + first, y_.data + first, z_.data + first, stream);
  }

  const Add add_ = widest();
  const int shares_;
  std::atomic<std::uint32_t> epoch_ = 0;
  std::atomic<int> pending_ = 0;
  std::atomic<bool> stop_ = false;
  aisp::Vector<const float> x_, y_;
  aisp::Vector<float> z_;
  std::vector<std::thread> helpers_;
};

}  // namespace

AISP_VARIANT(Vectorized, .about = "widest vectors, streaming stores, all threads", .threads = 0);
