// Page-locked host memory, owned: the copy engine reads and writes it directly, and kernels may when it is mapped.
#pragma once

#include <aisp/cuda.hpp>

namespace ch02 {

class Pinned {
 public:
  explicit Pinned(std::int64_t count) : bytes_(sizeof(float) * static_cast<std::size_t>(count)) {
    AISP_CUDA(cudaHostAlloc(&data_, bytes_, cudaHostAllocMapped));
  }
  ~Pinned() { cudaFreeHost(data_); }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

  float* get() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  // Where kernels find it.
  const float* on_device() const {
    void* address = nullptr;
    AISP_CUDA(cudaHostGetDevicePointer(&address, data_, 0));
    return static_cast<const float*>(address);
  }

 private:
  std::size_t bytes_ = 0;
  float* data_ = nullptr;
};

}  // namespace ch02
