// The judge's probe of a CUDA device.
#include "judge/cuda/probe.hpp"

#include "device/cuda/runtime.hpp"
#include "judge/device_probe.hpp"
#include "judge/protocol.hpp"

#include <new>
#include <utility>

namespace aisp::judge {
namespace {

namespace cuda = device::cuda;

constexpr std::uint64_t kClockNanoseconds = 10'000;
constexpr double kProbeTimeoutSeconds = 5;  // then the device is as good as lost

class PinnedBuffer {
 public:
  PinnedBuffer() = default;
  explicit PinnedBuffer(std::size_t bytes) { AISP_CUDA_CHECK(cudaMallocHost(&data_, bytes)); }
  PinnedBuffer(PinnedBuffer&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  PinnedBuffer& operator=(PinnedBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }
  ~PinnedBuffer() { cudaFreeHost(data_); }
  std::byte* get() const { return static_cast<std::byte*>(data_); }

 private:
  void* data_ = nullptr;
};

class CudaProbe : public DeviceProbe {
 public:
  CudaProbe() : page_(sizeof(ProbeAnswer)), answer_(new (page_.get()) ProbeAnswer{}) {
    AISP_CUDA_CHECK(cudaSetDevice(0));
    read();  // the first launch also loads the module
  }

  ProbeReading read() override {
    const auto number = ++number_;
    const auto start = now_ns();
    launch_probe(stream_.get(), answer_, number, kClockNanoseconds);
    await(answer_->began, number, start);
    const auto began = now_ns();
    await(answer_->ended, number, start);
    ProbeReading reading;
    reading.seconds = static_cast<double>(began - start) * 1e-9;
    const volatile ProbeAnswer& answer = *answer_;
    if (const auto ns = answer.nanoseconds)
      reading.sm_mhz = static_cast<double>(answer.cycles) / static_cast<double>(ns) * 1e3;
    return reading;
  }

  std::vector<std::byte> look(const std::vector<Piece>& pieces) override {
    std::size_t bytes = 0;
    for (const auto& p : pieces) bytes += p.width * p.count;
    if (bytes > capacity_) {
      seen_ = PinnedBuffer(bytes);
      capacity_ = bytes;
    }
    auto* to = seen_.get();
    for (const auto& p : pieces) {
      AISP_CUDA_CHECK(cudaMemcpy2DAsync(to, p.width, p.first, p.count > 1 ? p.pitch : p.width, p.width, p.count,
                                        cudaMemcpyDeviceToHost, stream_.get()));
      to += p.width * p.count;
    }
    AISP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
    return {seen_.get(), seen_.get() + bytes};
  }

 private:
  static void await(const volatile std::uint32_t& word, std::uint32_t number, std::int64_t start) {
    for (int spins = 0; word != number; ++spins) {
      cpu_relax();
      if (spins % 4096) continue;
      const auto state = cudaPeekAtLastError();  // an error of the context, if there is one
      if (state != cudaSuccess) AISP_CUDA_CHECK(cudaGetLastError());
      if (static_cast<double>(now_ns() - start) * 1e-9 > kProbeTimeoutSeconds)
        throw cuda::Error("the GPU ran nothing of the judge's for 5 s: see nvidia-smi and the kernel log (Xid)");
    }
  }

  PinnedBuffer page_;
  ProbeAnswer* answer_;
  cuda::Stream stream_;
  std::uint32_t number_ = 0;
  PinnedBuffer seen_;
  std::size_t capacity_ = 0;
};

}  // namespace

std::unique_ptr<DeviceProbe> make_cuda_probe() { return std::make_unique<CudaProbe>(); }

}  // namespace aisp::judge
