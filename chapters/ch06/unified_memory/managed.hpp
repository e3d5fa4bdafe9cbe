// What both variants share: the managed buffer, its way to the host, and the kernel that reads it.
#pragma once

#include <aisp/cuda.hpp>

namespace managed {

constexpr int threads_per_block = 256;

template <int threads> __global__ void scale(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (i < n) y[i] = 2 * x[i];
}

class Buffer {
 public:
  explicit Buffer(const aisp::Setup& setup) : count_(setup.param("n")) {
    int concurrent = 0;
    AISP_CUDA(cudaGetDevice(&device_));
    AISP_CUDA(cudaDeviceGetAttribute(&concurrent, cudaDevAttrConcurrentManagedAccess, device_));
    if (!concurrent) throw std::runtime_error("this system has no concurrent managed memory");
    AISP_CUDA(cudaMallocManaged(&data_, bytes()));
  }
  ~Buffer() { cudaFree(data_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  // Moves the pages to the host and writes x there, as a part of the program that runs on the host would.
  void fill_on_host(const float* x, cudaStream_t stream) const {
    AISP_CUDA(cudaMemPrefetchAsync(data_, bytes(), {cudaMemLocationTypeHost, 0}, 0, stream));
    AISP_CUDA(cudaMemcpyAsync(data_, x, bytes(), cudaMemcpyDeviceToHost, stream));
  }
  void prefetch_to_device(cudaStream_t stream) const {
    AISP_CUDA(cudaMemPrefetchAsync(data_, bytes(), {cudaMemLocationTypeDevice, device_}, 0, stream));
  }
  void scale_into(float* y, cudaStream_t stream) const {
    scale<threads_per_block>
        <<<aisp::blocks(count_, threads_per_block), threads_per_block, 0, stream>>>(data_, y, count_);
  }

 private:
  std::size_t bytes() const { return sizeof(float) * static_cast<std::size_t>(count_); }

  std::int64_t count_ = 0;
  int device_ = 0;
  float* data_ = nullptr;
};

}  // namespace managed
