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
      : Arena(memory_space(kDLCUDA), std::move(layout), key),
        inputs_(0, this->layout().inputs_bytes),
        outputs_(0, this->layout().outputs_bytes) {}

  LentMemory lend() const override {
    return {Fd(fcntl(inputs_.fd(), F_DUPFD_CLOEXEC, 3)), Fd(fcntl(outputs_.fd(), F_DUPFD_CLOEXEC, 3)), inputs_.size(),
            outputs_.size()};
  }

 protected:
  std::byte* address(bool writable) const override { return writable ? outputs_.data() : inputs_.data(); }

 private:
  cuda::ExportedMemory inputs_, outputs_;
};

}  // namespace

std::unique_ptr<Arena> make_cuda_arena(Layout layout, verify::Key key) {
  return std::make_unique<CudaArena>(std::move(layout), key);
}

}  // namespace aisp::judge
