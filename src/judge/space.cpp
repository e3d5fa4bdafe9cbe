#include "judge/space.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "verify/compare.hpp"

namespace aisp::judge {
namespace {

class HostExpectation : public Expectation {
 public:
  // `memory` is that of the last expectation; this one leaves its own there.
  HostExpectation(const Problem& problem, const std::vector<std::span<const std::byte>>& tensors, verify::Key key,
                  int threads, Case& memory)
      : problem_(problem),
        before_(tensors),
        memory_(memory),
        oracle_(problem, tensors, key, threads, std::exchange(memory, {})) {}
  ~HostExpectation() override { memory_ = std::move(oracle_).release(); }

  std::vector<model::Comparison> check(const std::vector<std::span<std::byte>>& outputs,
                                       const std::vector<verify::Key>& poison_keys) const override {
    const auto count = problem_.tensors.size();
    std::vector<std::span<const std::byte>> after(outputs.begin(), outputs.end()), held(count);
    std::vector<std::vector<std::byte>> poisons(count);
    for (std::size_t i = 0; i < count; ++i)
      if (!problem_.tensors[i].writable()) after[i] = {};
    // What the outputs held before is drawn again only where somebody asks: a probabilistic check, which looks for
    // untouched elements, and the report of a wrong output, which tells them from wrong ones.
    const auto recall_poisons = [&] {
      for (std::size_t i = 0; i < count; ++i) {
        const auto& spec = problem_.tensors[i];
        if (spec.role == Role::inout) held[i] = before_[i];
        if (spec.role != Role::output) continue;
        poisons[i].resize(spec.bytes());
        verify::poison(spec.dtype, poison_keys[i], poisons[i]);
        held[i] = poisons[i];
      }
    };
    if (!oracle_.full()) recall_poisons();
    auto comparisons = oracle_.check(after, held);
    const bool ok = std::all_of(comparisons.begin(), comparisons.end(), [](const auto& c) { return c.ok(); });
    if (ok || !oracle_.full()) return comparisons;
    recall_poisons();
    return oracle_.check(after, held);
  }

 private:
  const Problem& problem_;
  std::vector<std::span<const std::byte>> before_;
  Case& memory_;
  verify::Oracle oracle_;
};

class HostSpace : public MemorySpace {
 public:
  Block allocate(std::size_t bytes) override {
    constexpr std::align_val_t line{64};
    return {static_cast<std::byte*>(::operator new(std::max<std::size_t>(bytes, 1), line)),
            [](std::byte* p) { ::operator delete(p, line); }};
  }
  Block allocate_staging(std::size_t bytes) override { return allocate(bytes); }
  void draw(const TensorSpec& spec, verify::Key key, std::span<std::byte> to, int threads) override {
    verify::draw(spec, key, to, threads);
  }
  void poison(DType dtype, verify::Key key, std::span<std::byte> bytes) override { verify::poison(dtype, key, bytes); }
  void fill_guard(verify::Key key, std::span<std::byte> zone) override { verify::fill_guard(key, zone); }
  void copy(std::span<std::byte> to, std::span<const std::byte> from) override {
    std::copy(from.begin(), from.end(), to.begin());
  }
  void copy_rows(std::byte* to, std::size_t to_pitch, const std::byte* from, std::size_t from_pitch, std::size_t width,
                 std::size_t rows) override {
    for (std::size_t r = 0; r < rows; ++r) std::copy_n(from + r * from_pitch, width, to + r * to_pitch);
  }
  void evict(std::uint64_t bytes) override {
    evicting_.resize(bytes / sizeof(std::uint64_t));
    for (auto& word : evicting_) ++word;
  }
  const char* eviction() const override { return "written"; }
  std::uint64_t cache_bytes(const device::CpuFacts& facts) const override { return device::llc_bytes(facts); }
  std::uint64_t free_bytes(const device::CpuFacts& facts) const override { return facts.memory_available_bytes; }
  void settle() override {}
  bool equal(std::span<const std::byte> a, std::span<const std::byte> b) override {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }
  std::uint64_t damaged_guard_bytes(verify::Key key, const std::vector<std::span<std::byte>>& zones) override {
    std::uint64_t damaged = 0;
    for (const auto zone : zones) damaged += verify::damaged_guard_bytes(key, zone);
    return damaged;
  }
  std::unique_ptr<Expectation> expect(const Problem& problem, const std::vector<std::span<const std::byte>>& tensors,
                                      verify::Key key, int threads) override {
    return std::make_unique<HostExpectation>(problem, tensors, key, threads, expected_);
  }
  void trim() override {
    expected_ = {};
    evicting_ = {};
  }

 private:
  std::vector<std::uint64_t> evicting_;
  Case expected_;  // memory of the last expectation
};

}  // namespace

MemorySpace& memory_space(DLDeviceType device) {
  if (device == kDLCPU) {
    static HostSpace host;
    return host;
  }
  // Never destroyed: the CUDA runtime may be gone before static objects are.
  static MemorySpace* const cuda = make_cuda_space().release();
  return *cuda;
}

}  // namespace aisp::judge
