// Device memory that the judge owns and exports: nothing else shares the allocation.
#include "device/cuda/runtime.hpp"
#include "judge/arena.hpp"

#include <fcntl.h>

namespace aisp::judge {
namespace {

namespace cuda = device::cuda;

class CudaArena : public Arena {
 public:
  CudaArena(Layout layout, verify::Key key)
      : Arena(std::move(layout), key),
        inputs_(0, this->layout().inputs_bytes),
        outputs_(0, this->layout().outputs_bytes) {}

  LentMemory lend() const override {
    return {Fd(fcntl(inputs_.fd(), F_DUPFD_CLOEXEC, 3)), Fd(fcntl(outputs_.fd(), F_DUPFD_CLOEXEC, 3)), inputs_.size(),
            outputs_.size()};
  }
  // A copy from pageable memory may return before its last bytes are on the device.
  void settle() override { AISP_CUDA_CHECK(cudaDeviceSynchronize()); }

 protected:
  std::byte* address(bool writable) const override { return writable ? outputs_.data() : inputs_.data(); }
  bool on_host() const override { return false; }
  void copy_in(std::byte* to, std::span<const std::byte> from) override {
    AISP_CUDA_CHECK(cudaMemcpy(to, from.data(), from.size(), cudaMemcpyHostToDevice));
  }
  void copy_out(std::span<std::byte> to, const std::byte* from) const override {
    AISP_CUDA_CHECK(cudaMemcpy(to.data(), from, to.size(), cudaMemcpyDeviceToHost));
  }

 private:
  cuda::ExportedMemory inputs_, outputs_;
};

}  // namespace

std::unique_ptr<Arena> make_cuda_arena(Layout layout, verify::Key key) {
  return std::make_unique<CudaArena>(std::move(layout), key);
}

}  // namespace aisp::judge
