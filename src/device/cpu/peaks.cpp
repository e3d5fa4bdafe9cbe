#include "device/cpu/peak_kernels.hpp"
#include "device/cpu/topology.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

namespace aisp::device {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// A ceiling is the best of many short samples: whatever disturbs a sample only makes it slower. Samples of different
// kernels take turns, so that a disturbance of some milliseconds costs every kernel a few samples and none all of them.
constexpr double kSampleSeconds = 100e-6;
constexpr int kTurns = 6;

class Probe {
 public:
  // `run(n)` does n units of `unit` operations or bytes; its best rate is one candidate for `*peak`.
  Probe(double* peak, double unit, std::function<void(std::int64_t)> run)
      : peak_(peak), unit_(unit), run_(std::move(run)) {}

  void turn(double seconds) {
    const auto start = Clock::now();
    do {
      const auto from = Clock::now();
      run_(n_);
      const double t = seconds_since(from);
      if (t < kSampleSeconds / 2)
        n_ *= 2;
      else
        *peak_ = std::max(*peak_, unit_ * static_cast<double>(n_) / t);
    } while (seconds_since(start) < seconds || *peak_ == 0);
  }

 private:
  double* peak_;
  double unit_;
  std::function<void(std::int64_t)> run_;
  std::int64_t n_ = 1;
};

// Anonymous memory in huge pages where the kernel has some: page walks are not part of a bandwidth ceiling.
class Buffer {
 public:
  explicit Buffer(std::size_t bytes) : bytes_(bytes) {
    data_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data_ == MAP_FAILED) throw std::bad_alloc();
    madvise(data_, bytes, MADV_HUGEPAGE);
    for (std::size_t at = 0; at < bytes; at += 4096) data()[at] = std::byte{1};
  }
  ~Buffer() { munmap(data_, bytes_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  std::byte* data() const { return static_cast<std::byte*>(data_); }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

// Extra bytes between arrays, so that stores do not share address bits 0 … 11 with loads that follow ("4K aliasing").
constexpr std::size_t kSkew = 1280;
constexpr std::size_t kPiece = 2 << 20;

struct Stream {
  std::size_t bytes;  // of one unit of work, all arrays together
  std::function<void(std::int64_t)> run;
};

// Streams over a working set. A small one is split into the kernel's arrays. A large one is a ring of pieces that all
// kernels share: each takes the next pieces as its arrays, so any byte is touched again only after all others have
// been, whatever ran last, and a sample can be short.
Stream stream(const StreamKernel& kernel, const Buffer& buffer, std::size_t working_set,
              const std::shared_ptr<std::size_t>& cursor) {
  const auto arrays = static_cast<std::size_t>(kernel.arrays);
  std::byte* const base = buffer.data();
  if (working_set <= 4 * kPiece) {
    const std::size_t array = working_set / arrays / kStreamBlock * kStreamBlock;
    const auto at = [=](std::size_t i) { return base + std::min(i, arrays - 1) * (array + kSkew); };
    return {array * arrays, [=](std::int64_t n) { kernel.run(at(2), at(0), at(1), array, n); }};
  }
  const std::size_t pieces = working_set / (kPiece + kSkew);
  const auto next = [=] { return base + (*cursor)++ % pieces * (kPiece + kSkew); };
  return {kPiece * arrays, [=](std::int64_t n) {
            for (; n > 0; --n) {
              std::byte* const a = next();
              std::byte* const b = arrays > 1 ? next() : a;
              std::byte* const c = arrays > 2 ? next() : b;
              kernel.run(c, a, b, kPiece, 1);
            }
          }};
}

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace

CpuPeaks measure_peaks(double budget) {
  if (!(budget > 0)) throw std::invalid_argument("the time budget of a peak measurement must be positive");
  CpuPeaks peaks;
  if (budget >= 1) peaks.when = now_utc();

  std::vector<Probe> compute, memory;
  const auto add_compute = [&](double& peak, const std::vector<ComputeKernel>& kernels) {
    constexpr std::int64_t kUnit = 64;
    for (const auto& k : kernels)
      compute.emplace_back(&peak, k.ops_per_iteration * kUnit, [k](std::int64_t n) { k.run(n * kUnit); });
  };
  const auto kernels = compute_kernels();
  add_compute(peaks.flops_f32, kernels.f32);
  add_compute(peaks.flops_f64, kernels.f64);
  add_compute(peaks.flops_bf16, kernels.bf16);
  add_compute(peaks.flops_f16, kernels.f16);
  add_compute(peaks.ops_i8, kernels.i8);
  add_compute(peaks.ops_i32, kernels.i32);

  std::uint64_t last_level = 0;
  for (const auto& cache : discover_topology().caches) last_level = std::max(last_level, cache.bytes);
  if (last_level == 0) last_level = 32 << 20;
  const auto streams = stream_kernels();
  if (!streams.empty())
    for (std::uint64_t size = 16 << 10; size < 8 * last_level && size <= std::uint64_t{1} << 30; size *= 2)
      peaks.bandwidth.push_back({size, 0});
  const Buffer buffer(std::max<std::size_t>(4096, peaks.bandwidth.empty() ? 0 : peaks.bandwidth.back().working_set) +
                      3 * kSkew);
  for (auto& [size, rate] : peaks.bandwidth) {
    const auto cursor = std::make_shared<std::size_t>(0);
    for (const auto& kernel : streams) {
      // Non-temporal stores pass the caches by, so they can win only where the working set exceeds the last level.
      if (kernel.streaming && size <= last_level) continue;
      auto work = stream(kernel, buffer, size, cursor);
      memory.emplace_back(&rate, static_cast<double>(work.bytes), std::move(work.run));
    }
  }

  for (int turn = 0; turn < kTurns; ++turn) {
    for (auto& probe : compute) probe.turn(0.2 * budget / kTurns / static_cast<double>(compute.size()));
    for (auto& probe : memory) probe.turn(0.8 * budget / kTurns / static_cast<double>(memory.size()));
  }
  return peaks;
}

model::Ceilings ceilings_for(const CpuPeaks& peaks, const std::string& arithmetic, std::uint64_t working_set,
                             int threads) {
  model::Ceilings c;
  const double n = std::max(1, threads);
  const auto flops = [&] {
    if (arithmetic == "f32") return peaks.flops_f32;
    if (arithmetic == "f64") return peaks.flops_f64;
    if (arithmetic == "bf16") return peaks.flops_bf16;
    if (arithmetic == "f16") return peaks.flops_f16;
    if (arithmetic == "i8" || arithmetic == "u8") return peaks.ops_i8;
    if (arithmetic == "i32" || arithmetic == "i64") return peaks.ops_i32;  // i64: no faster than i32
    return 0.0;
  };
  c.flops = flops();
  // Part of a working set that exceeds a cache still hits it, so the bandwidth taken is that of half the thread's
  // working set, and never less than any measured for a larger one.
  const auto per_thread = static_cast<double>(working_set) / n;
  for (std::size_t i = 0; i < peaks.bandwidth.size(); ++i) {
    const bool still_larger =
        i + 1 < peaks.bandwidth.size() && static_cast<double>(peaks.bandwidth[i + 1].working_set) <= per_thread / 2;
    if (!still_larger) c.bytes = std::max(c.bytes, peaks.bandwidth[i].bytes_per_second);
  }
  if (!peaks.bandwidth.empty()) c.source = peaks.when.empty() ? "quick probe in this run" : "calibration " + peaks.when;
  return c;
}

}  // namespace aisp::device
