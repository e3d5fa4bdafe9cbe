// Device memory as a space of the judge's: inputs drawn, outputs poisoned and compared by the kernels of verify/cuda,
// and expectations computed on the device where there is a way that the host has confirmed.
#include <aisp/device_reference.hpp>

#include "device/cuda/runtime.hpp"
#include "judge/space.hpp"
#include "verify/cases.hpp"
#include "verify/compare.hpp"
#include "verify/cuda/device.hpp"
#include "verify/product.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace aisp::judge {
namespace {

namespace cuda = device::cuda;
using Bytes = std::span<const std::byte>;

// Multiplications up to which a declared product is computed in full: some tenths of a second on a data-centre GPU.
constexpr double kLargestProduct = 0x1p40;
constexpr std::int64_t kMostRows = std::int64_t{65535} * 64;  // of one product: the limit of a launch

std::span<std::byte> bytes_of(std::vector<double>& v) { return std::as_writable_bytes(std::span(v)); }

// Memory of the host that kernels reach: what a check sends back.
template <class T> class Pinned {
 public:
  Pinned() { AISP_CUDA_CHECK(cudaMallocHost(reinterpret_cast<void**>(&at_), sizeof(T))); }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  ~Pinned() { cudaFreeHost(at_); }
  T* get() const { return at_; }

 private:
  T* at_ = nullptr;
};

class CudaSpace : public MemorySpace {
 public:
  CudaSpace();
  CudaSpace(const CudaSpace&) = delete;
  CudaSpace& operator=(const CudaSpace&) = delete;
  ~CudaSpace() override;

  Block allocate(std::size_t bytes) override;
  Block allocate_staging(std::size_t bytes) override;
  void trim() override;
  void draw(const TensorSpec&, verify::Key, std::span<std::byte> to, int threads) override;
  void poison(DType dtype, verify::Key key, std::span<std::byte> bytes) override {
    verify::cuda::poison(dtype, key, bytes, stream());
  }
  void fill_guard(verify::Key key, std::span<std::byte> zone) override {
    verify::cuda::fill_guard(key, zone, stream());
  }
  void copy(std::span<std::byte> to, Bytes from) override;
  void copy_rows(std::byte* to, std::size_t to_pitch, const std::byte* from, std::size_t from_pitch, std::size_t width,
                 std::size_t rows) override {
    AISP_CUDA_CHECK(cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, width, rows, cudaMemcpyDefault, stream()));
  }
  void evict(std::uint64_t bytes) override;
  const char* eviction() const override { return "written and read"; }
  std::uint64_t cache_bytes(const device::CpuFacts&) const override { return cache_bytes_; }
  std::uint64_t free_bytes(const device::CpuFacts&) const override {
    std::size_t free = 0, total = 0;
    AISP_CUDA_CHECK(cudaMemGetInfo(&free, &total));
    return free;
  }
  void settle() override { AISP_CUDA_CHECK(cudaStreamSynchronize(stream())); }
  bool equal(Bytes, Bytes) override;
  std::uint64_t damaged_guard_bytes(verify::Key, const std::vector<std::span<std::byte>>& zones) override;
  std::unique_ptr<Expectation> expect(const Problem&, const std::vector<Bytes>& tensors, verify::Key,
                                      int threads) override;
  void prove(const Problem&, verify::Key) override;

  cudaStream_t stream() const { return stream_.get(); }
  std::vector<std::byte> on_host(Bytes device);
  // What `count(device counter)` adds up to.
  template <class Count> unsigned long long counted(const Count& count);
  verify::Tally* tallies() const { return reinterpret_cast<verify::Tally*>(tallies_.get()); }
  verify::cuda::Outcome* outcome() const { return outcome_.get(); }

 private:
  cudaMemPool_t pool_ = nullptr;
  cuda::Stream stream_;
  std::uint64_t cache_bytes_ = 0;
  Block evicting_, tallies_, counter_;
  std::uint64_t evicting_bytes_ = 0;
  Pinned<unsigned long long> count_;
  Pinned<verify::cuda::Outcome> outcome_;
};

// What the writable tensors of one call must hold, as doubles on the device; or, where the host checks a product by
// sampling it, what that needs.
class CudaExpectation : public Expectation {
 public:
  // `proving`: what is not written shows, as NaN.
  CudaExpectation(CudaSpace& space, const Problem& problem, const std::vector<Bytes>& tensors, verify::Key key,
                  int threads, bool proving = false)
      : space_(space),
        problem_(problem),
        before_(tensors),
        proving_(proving),
        expected_(tensors.size()),
        scale_(tensors.size()) {
    if (problem.device_reference)
      by_device_reference();
    else if (const auto shape = declared_product())
      by_product(*shape);
    else
      on_the_host(key, threads);
  }

  std::vector<model::Comparison> check(const std::vector<std::span<std::byte>>& outputs,
                                       const std::vector<verify::Key>& poison_keys) const override;
  // Expected values and scale of tensor i, on the device; null where there is none.
  const double* expected(std::size_t i) const { return reinterpret_cast<const double*>(expected_[i].get()); }
  const double* scale(std::size_t i) const { return reinterpret_cast<const double*>(scale_[i].get()); }

 private:
  // The shape of a product that stands for the whole reference and is small enough to be computed.
  std::optional<verify::ProductShape> declared_product() const {
    if (!problem_.product) return {};
    const auto shape = verify::product_shape(problem_);
    for (std::size_t i = 0; i < problem_.tensors.size(); ++i)
      if (i != shape.c && problem_.tensors[i].writable()) return {};
    if (shape.multiplications() > kLargestProduct || shape.m > kMostRows) return {};
    return shape;
  }
  std::int64_t elements(std::size_t i) const { return problem_.tensors[i].elements(); }
  MemorySpace::Block doubles(std::int64_t count) const {
    auto block = space_.allocate(static_cast<std::size_t>(count) * sizeof(double));
    if (proving_)
      AISP_CUDA_CHECK(cudaMemsetAsync(block.get(), 0xff, static_cast<std::size_t>(count) * 8, space_.stream()));
    return block;
  }
  double* values(MemorySpace::Block& block, std::size_t i) const {
    if (!block) block = doubles(elements(i));
    return reinterpret_cast<double*>(block.get());
  }
  void by_device_reference();
  void by_product(const verify::ProductShape&);
  void on_the_host(verify::Key, int threads);

  CudaSpace& space_;
  const Problem& problem_;
  std::vector<Bytes> before_;
  bool proving_;
  std::vector<MemorySpace::Block> expected_, scale_;  // by tensor
  std::vector<std::vector<std::byte>> host_before_;
  std::unique_ptr<Expectation> sampled_;  // checks on the host
};

void CudaExpectation::by_device_reference() {
  std::vector<DeviceCase::Entry> entries(problem_.tensors.size());
  std::vector<MemorySpace::Block> blocks;  // scales and scratch memory
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& spec = problem_.tensors[i];
    entries[i].spec = &spec;
    if (spec.readable()) entries[i].input = before_[i].data();
    if (spec.writable()) entries[i].output = values(expected_[i], i);
  }
  const auto allocate = [&](std::int64_t count) {
    blocks.push_back(doubles(count));
    return reinterpret_cast<double*>(blocks.back().get());
  };
  DeviceCase c(problem_.params, std::move(entries), allocate, space_.stream());
  problem_.device_reference(c);
  AISP_CUDA_CHECK(cudaGetLastError());
  for (std::size_t i = 0; i < c.entries.size(); ++i)
    for (auto& block : blocks)
      if (block && reinterpret_cast<double*>(block.get()) == c.entries[i].scale) scale_[i] = std::move(block);
}

void CudaExpectation::by_product(const verify::ProductShape& s) {
  MemorySpace::Block a, b;
  for (auto [block, i] : {std::pair{&a, s.a}, std::pair{&b, s.b}})
    verify::cuda::widen(problem_.tensors[i].dtype, before_[i].data(), elements(i), values(*block, i), space_.stream());
  verify::cuda::product(s, values(a, s.a), values(b, s.b), values(expected_[s.c], s.c), values(scale_[s.c], s.c),
                        space_.stream());
}

void CudaExpectation::on_the_host(verify::Key key, int threads) {
  std::vector<Bytes> tensors;
  host_before_.resize(before_.size());
  for (std::size_t i = 0; i < before_.size(); ++i) {
    host_before_[i] = space_.on_host(before_[i]);
    tensors.push_back(host_before_[i]);
  }
  const verify::Oracle oracle(problem_, tensors, key, threads);
  if (!oracle.full()) {
    sampled_ = memory_space(kDLCPU).expect(problem_, tensors, key, threads);
    return;
  }
  for (std::size_t i = 0; i < before_.size(); ++i) {
    const auto& entry = oracle.expected().entries[i];
    const auto upload = [&](MemorySpace::Block& block, const std::vector<double>& from) {
      if (from.empty()) return;
      values(block, i);
      space_.copy({block.get(), from.size() * sizeof(double)}, std::as_bytes(std::span(from)));
    };
    upload(expected_[i], entry.output);
    upload(scale_[i], entry.scale);
  }
}

std::vector<model::Comparison> CudaExpectation::check(const std::vector<std::span<std::byte>>& outputs,
                                                      const std::vector<verify::Key>& poison_keys) const {
  if (sampled_) {
    std::vector<std::vector<std::byte>> copies;
    std::vector<std::span<std::byte>> after;
    for (std::size_t i = 0; i < outputs.size(); ++i)
      copies.push_back(problem_.tensors[i].writable() ? space_.on_host(outputs[i]) : std::vector<std::byte>());
    for (auto& copy : copies) after.emplace_back(copy);
    return sampled_->check(after, poison_keys);
  }
  const Tolerance tolerance = verify::effective_tolerance(problem_);
  std::vector<model::Comparison> all;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& spec = problem_.tensors[i];
    if (!spec.writable()) continue;
    verify::cuda::Compared c{.dtype = spec.dtype,
                             .elements = spec.elements(),
                             .bound = verify::element_bound(spec.dtype, problem_.arithmetic, tolerance.element),
                             .got = outputs[i].data(),
                             .expected = expected(i),
                             .scale = scale(i),
                             .before = spec.role == Role::inout ? before_[i].data() : nullptr,
                             .poison_key = poison_keys[i]};
    verify::cuda::compare(c, space_.tallies(), space_.outcome(), space_.stream());
    space_.settle();
    auto o = *space_.outcome();
    if (o.tally.wrong)
      o.tally.untouched = static_cast<std::int64_t>(
          space_.counted([&](auto* counter) { verify::cuda::count_untouched(c, counter, space_.stream()); }));
    all.push_back(verify::conclude(spec, problem_.arithmetic, tolerance, o.tally, o.got, o.expected));
  }
  return all;
}

CudaSpace::CudaSpace() {
  int l2 = 0;
  AISP_CUDA_CHECK(cudaDeviceGetAttribute(&l2, cudaDevAttrL2CacheSize, 0));
  cache_bytes_ = static_cast<std::uint64_t>(l2);
  cudaMemPoolProps properties{};
  properties.allocType = cudaMemAllocationTypePinned;
  properties.location = {cudaMemLocationTypeDevice, 0};
  AISP_CUDA_CHECK(cudaMemPoolCreate(&pool_, &properties));
  std::uint64_t keep = std::numeric_limits<std::uint64_t>::max();  // freed memory is asked for again a moment later
  AISP_CUDA_CHECK(cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &keep));
  counter_ = allocate(sizeof(unsigned long long));
  tallies_ = allocate(verify::cuda::kCompareBlocks * sizeof(verify::Tally));
}

CudaSpace::~CudaSpace() {
  for (auto* block : {&evicting_, &tallies_, &counter_}) block->reset();
  cudaStreamSynchronize(stream());
  cudaMemPoolDestroy(pool_);
}

CudaSpace::Block CudaSpace::allocate(std::size_t bytes) {
  void* at = nullptr;
  AISP_CUDA_CHECK(cudaMallocFromPoolAsync(&at, std::max<std::size_t>(bytes, 1), pool_, stream()));
  return {static_cast<std::byte*>(at), [stream = stream()](std::byte* p) { cudaFreeAsync(p, stream); }};
}

CudaSpace::Block CudaSpace::allocate_staging(std::size_t bytes) {
  void* at = nullptr;
  AISP_CUDA_CHECK(cudaMallocHost(&at, std::max<std::size_t>(bytes, 1)));
  return {static_cast<std::byte*>(at), [](std::byte* p) { cudaFreeHost(p); }};
}

void CudaSpace::trim() {
  evicting_.reset();
  evicting_bytes_ = 0;
  settle();
  AISP_CUDA_CHECK(cudaMemPoolTrimTo(pool_, 0));
}

void CudaSpace::draw(const TensorSpec& spec, verify::Key key, std::span<std::byte> to, int threads) {
  const auto drawing = verify::make_drawing(spec, key);
  if (drawing.values != verify::Drawing::Values::custom) return verify::cuda::draw(drawing, to.data(), stream());
  std::vector<std::byte> drawn(spec.bytes());  // by a function of the workload's, which runs on the host
  verify::draw(spec, key, drawn, threads);
  copy(to, drawn);
}

void CudaSpace::copy(std::span<std::byte> to, Bytes from) {
  AISP_CUDA_CHECK(cudaMemcpyAsync(to.data(), from.data(), from.size(), cudaMemcpyDefault, stream()));
  cudaPointerAttributes there{}, here{};
  AISP_CUDA_CHECK(cudaPointerGetAttributes(&there, to.data()));
  AISP_CUDA_CHECK(cudaPointerGetAttributes(&here, from.data()));
  if (there.type != cudaMemoryTypeDevice || here.type != cudaMemoryTypeDevice) settle();
}

// Every slot is used once in a batch, so that once before the batch is enough.
void CudaSpace::evict(std::uint64_t bytes) {
  if (bytes > evicting_bytes_) {
    evicting_ = allocate(bytes);
    evicting_bytes_ = bytes;
  }
  verify::cuda::sweep(evicting_.get(), bytes / 16 * 16, stream());
}

template <class Count> unsigned long long CudaSpace::counted(const Count& count) {
  auto* counter = reinterpret_cast<unsigned long long*>(counter_.get());
  AISP_CUDA_CHECK(cudaMemsetAsync(counter, 0, sizeof *counter, stream()));
  count(counter);
  AISP_CUDA_CHECK(cudaMemcpyAsync(count_.get(), counter, sizeof *counter, cudaMemcpyDeviceToHost, stream()));
  settle();
  return *count_.get();
}

bool CudaSpace::equal(Bytes a, Bytes b) {
  return counted([&](auto* counter) { verify::cuda::find_different(a, b, counter, stream()); }) == 0;
}

std::uint64_t CudaSpace::damaged_guard_bytes(verify::Key key, const std::vector<std::span<std::byte>>& zones) {
  return counted([&](auto* counter) {
    for (const auto zone : zones) verify::cuda::count_damaged(key, zone, counter, stream());
  });
}

std::vector<std::byte> CudaSpace::on_host(Bytes device) {
  std::vector<std::byte> copied(device.size());
  if (!copied.empty()) copy(copied, device);
  return copied;
}

std::unique_ptr<Expectation> CudaSpace::expect(const Problem& problem, const std::vector<Bytes>& tensors,
                                               verify::Key key, int threads) {
  return std::make_unique<CudaExpectation>(*this, problem, tensors, key, threads);
}

// Both compute in double; sums may be rounded in another order.
constexpr double kAgreement = 0x1p-36;

void CudaSpace::prove(const Problem& problem, verify::Key key) {
  const auto refuse = [&](const std::string& what) {
    throw std::runtime_error(problem.target + ": " + what + " (" + verify::describe_params(problem) + ")");
  };
  std::vector<Block> blocks;
  std::vector<std::vector<std::byte>> drawn;
  std::vector<Bytes> here, there;
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    const auto& spec = problem.tensors[i];
    if (!spec.readable()) {
      here.push_back({}), there.push_back({});
      continue;
    }
    const auto tensor_key = verify::derive(key, "tensor", i);
    here.push_back({blocks.emplace_back(allocate(spec.bytes())).get(), spec.bytes()});
    draw(spec, tensor_key, {blocks.back().get(), spec.bytes()}, 1);
    verify::draw(spec, tensor_key, drawn.emplace_back(spec.bytes()));
    if (on_host(here.back()) != drawn.back())
      refuse("input '" + spec.name + "' drawn on the device differs from the host's");
    there.push_back({});
  }
  for (std::size_t i = 0, next = 0; i < there.size(); ++i)
    if (problem.tensors[i].readable()) there[i] = drawn[next++];

  const CudaExpectation on_device(*this, problem, here, key, 1, true);
  verify::Oracle oracle(problem, there, key);
  Case host = oracle.expected();
  if (!oracle.full()) {
    const auto shape = verify::product_shape(problem);
    auto& c = host.entries[shape.c];
    c.output.resize(static_cast<std::size_t>(c.spec->elements()));
    c.scale.resize(c.output.size());
    verify::full_product(shape, host.entries[shape.a].input, host.entries[shape.b].input, c.output, c.scale, 1);
  }
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    const auto& entry = host.entries[i];
    if (!entry.spec->writable() || !on_device.expected(i)) continue;
    const auto agree = [&](const double* device, const std::vector<double>& wanted, const std::vector<double>& scale) {
      std::vector<double> got(wanted.size());
      copy(bytes_of(got), std::as_bytes(std::span(device, got.size())));
      for (std::size_t e = 0; e < got.size(); ++e) {
        const double allowed = kAgreement * (std::fabs(wanted[e]) + std::fabs(scale[e]));
        const bool same = got[e] == wanted[e] || (std::isnan(got[e]) && std::isnan(wanted[e])) ||
                          std::fabs(got[e] - wanted[e]) <= allowed;
        if (!same) return e;
      }
      return got.size();
    };
    const char* by = problem.device_reference ? "reference.cu disagrees with the reference of workload.cpp"
                                              : "the product on the device disagrees with the host's";
    const auto& scale = entry.scale.empty() ? entry.output : entry.scale;
    if (const auto e = agree(on_device.expected(i), entry.output, scale); e < entry.output.size())
      refuse(std::string(by) + " in element " + std::to_string(e) + " of '" + entry.spec->name + "'");
    if (entry.scale.empty() != !on_device.scale(i))
      refuse(std::string(by) + " on whether '" + entry.spec->name + "' has a scale");
    if (!on_device.scale(i)) continue;
    if (const auto e = agree(on_device.scale(i), entry.scale, entry.scale); e < entry.scale.size())
      refuse(std::string(by) + " in the scale of element " + std::to_string(e) + " of '" + entry.spec->name + "'");
  }
}

}  // namespace

std::unique_ptr<MemorySpace> make_cuda_space() {
  if (const auto why = cuda::why_absent()) throw std::runtime_error("CUDA cannot be used: " + *why);
  return std::make_unique<CudaSpace>();
}

}  // namespace aisp::judge
