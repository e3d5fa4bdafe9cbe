#include "device/cuda/peak_runner.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <numeric>
#include <set>

namespace aisp::device::cuda {
namespace {

constexpr int kRounds = 3;
constexpr std::size_t kFinalists = 4;
constexpr double kScreenSeconds = 0.004, kSampleSeconds = 0.02;
constexpr int kMaxCalls = 100'000;
constexpr unsigned long long kClockNanoseconds = 100'000;  // the global timer ticks in steps of up to 1 µs

double median(std::vector<double> v) {
  if (v.empty()) return 0;
  const auto middle = v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2);
  std::nth_element(v.begin(), middle, v.end());
  if (v.size() % 2) return *middle;
  return (*middle + *std::max_element(v.begin(), middle)) / 2;
}

// NVML numbers GPUs by PCI address, CUDA as CUDA_DEVICE_ORDER and CUDA_VISIBLE_DEVICES say.
int nvml_index(int device) {
  const auto list = gpu_facts();
  const auto* gpu = gpu_at(list, pci_bus_id(device));
  return gpu ? gpu->index : -1;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace

DeviceBuffer::DeviceBuffer(std::size_t bytes) : size_(bytes) { AISP_CUDA_CHECK(cudaMalloc(&data_, bytes)); }
DeviceBuffer::~DeviceBuffer() {
  if (data_) cudaFree(data_);
}

struct PeakRunner::Contest {
  Way way;
  std::vector<double> seconds_per_work;
  int calls = 0;  // of one sample; 0 = not known yet
  double seconds_per_call = 0;
  std::string failure;
  double best() const { return median(seconds_per_work); }
};

struct PeakRunner::Ticks {
  unsigned long long cycles, nanoseconds;
};

PeakRunner::PeakRunner(const PeakOptions& options)
    : options_((AISP_CUDA_CHECK(cudaSetDevice(options.device)), options)) {
  cudaDeviceProp p{};
  AISP_CUDA_CHECK(cudaGetDeviceProperties(&p, options.device));
  multiprocessors_ = p.multiProcessorCount;
  capability_ = p.major * 10 + p.minor;
  nvml_index_ = nvml_index(options.device);
  void* ticks = nullptr;
  AISP_CUDA_CHECK(cudaHostAlloc(&ticks, sizeof(Ticks), cudaHostAllocMapped));
  ticks_ = new (ticks) Ticks{};
}

PeakRunner::~PeakRunner() {
  if (ticks_) cudaFreeHost(ticks_);
}

std::size_t PeakRunner::free_bytes() const {
  std::size_t free = 0, total = 0;
  AISP_CUDA_CHECK(cudaMemGetInfo(&free, &total));
  return free;
}

double PeakRunner::sm_mhz() {
  launch_clock_kernel(stream_.get(), kClockNanoseconds, &ticks_->cycles);
  AISP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
  return ticks_->nanoseconds ? 1e3 * static_cast<double>(ticks_->cycles) / static_cast<double>(ticks_->nanoseconds) : 0;
}

// Seconds per unit of work over at least `least_seconds` of calls, timed by events on the device.
double PeakRunner::sample(Contest& c, double least_seconds) {
  const auto timed = [&](int calls) {
    AISP_CUDA_CHECK(cudaEventRecord(start_.get(), stream_.get()));
    for (int i = 0; i < calls; ++i) c.way.run(stream_.get());
    AISP_CUDA_CHECK(cudaEventRecord(stop_.get(), stream_.get()));
    if (while_running_) while_running_();
    AISP_CUDA_CHECK(cudaEventSynchronize(stop_.get()));
    float ms = 0;
    AISP_CUDA_CHECK(cudaEventElapsedTime(&ms, start_.get(), stop_.get()));
    return 1e-3 * ms / calls;
  };
  if (c.seconds_per_call == 0) {
    c.way.run(stream_.get());  // module load, first touch
    AISP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
    c.seconds_per_call = std::max(timed(2), 1e-7);
  }
  const int calls = static_cast<int>(std::clamp(std::ceil(least_seconds / c.seconds_per_call), 1.0, double{kMaxCalls}));
  c.seconds_per_call = std::max(timed(calls), 1e-7);
  return c.seconds_per_call / c.way.work;
}

// One short sample of each way; where there are many, only the best go on.
void PeakRunner::screen(std::vector<Contest>& contests) {
  const auto guarded = [&](Contest& c, double seconds) {
    if (!c.failure.empty()) return;
    try {
      c.seconds_per_work.push_back(sample(c, seconds));
    } catch (const Error& e) {
      c.failure = e.what();
    }
  };
  for (auto& c : contests) guarded(c, kScreenSeconds);
  const auto slower = [](const Contest& a, const Contest& b) {
    if (a.failure.empty() != b.failure.empty()) return a.failure.empty();
    return a.best() < b.best();
  };
  std::stable_sort(contests.begin(), contests.end(), slower);
  const auto finalists = std::min(kFinalists, contests.size());
  for (std::size_t i = 0; i < finalists; ++i) contests[i].seconds_per_work.clear();  // the first sample may be cold
  for (int round = 0; round < kRounds; ++round)
    for (std::size_t i = 0; i < finalists; ++i) guarded(contests[i], kSampleSeconds);
  std::stable_sort(contests.begin(), contests.begin() + static_cast<std::ptrdiff_t>(finalists), slower);
}

void PeakRunner::sustain(Contest& c, GpuFigure& figure) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(options_.seconds);
  std::vector<double> samples, clocks, watts, celsius;
  std::set<std::string> throttled;
  // NVML is read while the GPU works on a sample that is already queued, so that it costs no pause.
  while_running_ = [&] {
    if (nvml_index_ < 0) return;
    const auto state = gpu_state(nvml_index_);
    watts.push_back(state.watts), celsius.push_back(state.celsius);
    throttled.insert(state.throttle_reasons.begin(), state.throttle_reasons.end());
  };
  const struct Unwatch {
    std::function<void()>& watch;
    ~Unwatch() { watch = nullptr; }
  } unwatch{while_running_};
  do {
    samples.push_back(sample(c, kSampleSeconds));
    clocks.push_back(sm_mhz());
  } while (Clock::now() < end || samples.size() < 3);
  throttled.erase("gpu_idle");  // of a reading that came after the sample had ended
  const bool time = figure.unit == "s";
  const auto spell = [time](double seconds) { return time ? seconds : 1 / seconds; };
  const auto [least, most] = std::minmax_element(samples.begin(), samples.end());
  figure.value = spell(median(samples));
  figure.lo = spell(time ? *least : *most), figure.hi = spell(time ? *most : *least);
  figure.samples = static_cast<int>(samples.size());
  figure.method = c.way.name;
  figure.sm_mhz = median(clocks), figure.watts = median(watts), figure.celsius = median(celsius);
  figure.throttle_reasons.assign(throttled.begin(), throttled.end());
}

GpuFigure PeakRunner::measure(const std::string& name, const std::string& unit, std::vector<Way> ways) {
  if (options_.progress) options_.progress(name);
  GpuFigure figure;
  figure.name = name, figure.unit = unit;
  std::vector<Contest> contests;
  for (auto& way : ways) contests.push_back({std::move(way), {}, 0, 0, {}});
  screen(contests);
  for (const auto& c : contests) {
    const double best = c.best();
    figure.methods.push_back({c.way.name, best <= 0 ? 0 : unit == "s" ? best : 1 / best, c.failure});
  }
  if (contests.empty() || !contests.front().failure.empty()) {
    figure.absent = contests.empty() ? "there is no way to measure it here" : contests.front().failure;
    return figure;
  }
  try {
    sustain(contests.front(), figure);
  } catch (const Error& e) {
    figure.value = 0, figure.absent = e.what();
  }
  return figure;
}

namespace {

struct Group {
  const char* name;
  void (*measure)(PeakRunner&, std::vector<GpuFigure>&);
};
constexpr Group kGroups[] = {{"memory", measure_memory},     {"on-chip", measure_on_chip}, {"launch", measure_launch},
                             {"transfer", measure_transfer}, {"vector", measure_vector},   {"matrix", measure_matrix}};

}  // namespace

const std::vector<std::string>& peak_groups() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& group : kGroups) all.emplace_back(group.name);
    return all;
  }();
  return names;
}

GpuPeaks measure_peaks(const std::string& group, const PeakOptions& options) {
  if (const auto why = why_absent()) throw Error(*why);
  PeakRunner runner(options);
  GpuPeaks peaks;
  cudaDeviceProp p{};
  AISP_CUDA_CHECK(cudaGetDeviceProperties(&p, options.device));
  peaks.device = p.name, peaks.pci_bus_id = pci_bus_id(options.device);
  peaks.multiprocessors = p.multiProcessorCount;
  peaks.l2_bytes = static_cast<std::uint64_t>(p.l2CacheSize);
  peaks.shared_per_block_bytes = p.sharedMemPerBlockOptin;
  peaks.cuda = std::to_string(CUDART_VERSION / 1000) + "." + std::to_string(CUDART_VERSION % 1000 / 10);
  peaks.cublas = cublas_version();
  peaks.when = utc_now();
  for (const auto& g : kGroups)
    if (group.empty() || group == g.name) g.measure(runner, peaks.figures);
  return peaks;
}

}  // namespace aisp::device::cuda
