#include "device/cpu/sampler.hpp"

#include "device/cpu/counters.hpp"
#include "device/cpu/procfs.hpp"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

namespace aisp::device {
namespace {

constexpr std::uint64_t kPeriodNs = 250'000;
constexpr std::size_t kBufferPages = 64;  // a power of two
constexpr std::size_t kMostFrames = 64;

// One event on one cpu, with the ring that the kernel writes into.
class Ring {
 public:
  Ring(int pid, int cpu) {
    perf_event_attr attr{};
    attr.size = sizeof attr;
    attr.type = PERF_TYPE_SOFTWARE;
    attr.config = PERF_COUNT_SW_CPU_CLOCK;
    attr.sample_period = kPeriodNs;
    attr.sample_type = PERF_SAMPLE_CALLCHAIN;
    attr.sample_max_stack = kMostFrames;
    attr.disabled = attr.inherit = attr.exclude_kernel = attr.exclude_hv = attr.exclude_callchain_kernel = 1;
    fd_ = static_cast<int>(syscall(SYS_perf_event_open, &attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC));
    error_ = fd_ < 0 ? errno : 0;
    if (fd_ < 0) return;
    void* memory = mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    if (memory == MAP_FAILED)
      error_ = errno;
    else
      page_ = static_cast<perf_event_mmap_page*>(memory);
  }
  Ring(Ring&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), error_(other.error_), page_(std::exchange(other.page_, nullptr)) {}
  Ring& operator=(Ring&&) = delete;
  ~Ring() {
    if (page_) munmap(page_, bytes());
    if (fd_ >= 0) close(fd_);
  }

  int error() const { return error_; }
  void control(unsigned long request) const { ioctl(fd_, request, 0); }

  void drain(std::vector<CallChain>& chains, std::int64_t& lost) {
    const auto size = kBufferPages * page_size();
    const auto* data = reinterpret_cast<const std::byte*>(page_) + page_size();
    const std::uint64_t head = __atomic_load_n(&page_->data_head, __ATOMIC_ACQUIRE);
    std::uint64_t tail = page_->data_tail;
    std::vector<std::byte> record;
    while (head - tail >= sizeof(perf_event_header)) {
      perf_event_header header;
      copy(data, size, tail, &header, sizeof header);
      if (header.size < sizeof header || header.size > head - tail) break;
      record.resize(header.size - sizeof header);
      copy(data, size, tail + sizeof header, record.data(), record.size());
      tail += header.size;
      read(header.type, record, chains, lost);
    }
    __atomic_store_n(&page_->data_tail, head, __ATOMIC_RELEASE);
  }

 private:
  static std::size_t page_size() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }
  static std::size_t bytes() { return (kBufferPages + 1) * page_size(); }

  static void copy(const std::byte* data, std::size_t size, std::uint64_t from, void* to, std::size_t count) {
    const auto at = static_cast<std::size_t>(from % size), first = std::min(count, size - at);
    std::memcpy(to, data + at, first);
    std::memcpy(static_cast<std::byte*>(to) + first, data, count - first);
  }

  static void read(std::uint32_t type, std::span<const std::byte> record, std::vector<CallChain>& chains,
                   std::int64_t& lost) {
    const auto word = [&](std::size_t i) {
      std::uint64_t value = 0;
      if ((i + 1) * sizeof value <= record.size()) std::memcpy(&value, record.data() + i * sizeof value, sizeof value);
      return value;
    };
    if (type == PERF_RECORD_LOST) lost += static_cast<std::int64_t>(word(1));
    if (type != PERF_RECORD_SAMPLE) return;
    CallChain chain;
    const auto frames = std::min<std::uint64_t>(word(0), record.size() / sizeof(std::uint64_t));
    for (std::size_t i = 1; i <= frames; ++i)
      if (word(i) < static_cast<std::uint64_t>(PERF_CONTEXT_MAX)) chain.addresses.push_back(word(i));
    if (!chain.addresses.empty()) chains.push_back(std::move(chain));
  }

  int fd_ = -1, error_ = 0;
  perf_event_mmap_page* page_ = nullptr;
};

class PerfSampler final : public Sampler {
 public:
  explicit PerfSampler(std::vector<Ring> rings) : rings_(std::move(rings)) {}
  void enable() override {
    for (const auto& r : rings_) r.control(PERF_EVENT_IOC_ENABLE);
  }
  void disable() override {
    for (const auto& r : rings_) r.control(PERF_EVENT_IOC_DISABLE);
  }
  std::vector<CallChain> take(std::int64_t& lost) override {
    std::vector<CallChain> chains;
    for (auto& r : rings_) r.drain(chains, lost);
    return chains;
  }

 private:
  std::vector<Ring> rings_;
};

}  // namespace

std::unique_ptr<Sampler> Sampler::attach(int pid, const std::vector<int>& cpus, std::string& why_absent) {
  std::vector<Ring> rings;
  for (const int cpu : cpus) {
    rings.emplace_back(pid, cpu);
    if (const int error = rings.back().error()) {
      why_absent = perf::why(error, procfs::read_text("/proc/sys/kernel/perf_event_paranoid"), perf::filtered());
      return nullptr;
    }
  }
  return std::make_unique<PerfSampler>(std::move(rings));
}

}  // namespace aisp::device
