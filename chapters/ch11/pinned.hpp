// Page-locked host memory, owned: the copy engines read and write it directly, while the host goes on.
#pragma once

#include <aisp/cuda.hpp>

namespace ch11 {

class Pinned {
 public:
  explicit Pinned(std::int64_t count) {
    AISP_CUDA(cudaHostAlloc(&data_, sizeof(float) * static_cast<std::size_t>(count), cudaHostAllocDefault));
  }
  ~Pinned() { cudaFreeHost(data_); }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  float* get() const { return data_; }

 private:
  float* data_ = nullptr;
};

}  // namespace ch11
