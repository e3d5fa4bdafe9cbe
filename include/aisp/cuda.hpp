// What the author of a CUDA variant includes beside variant.hpp: the stream, error checks, CUDA's 16- and 8-bit types,
// and buffers for scratch space.
//
//     __global__ void scale(const float* x, float* y, std::int64_t n) { ... }
//     void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
//       scale<<<aisp::blocks(x.size(), 256), 256, 0, aisp::stream(slot)>>>(x.data, y.data, x.size());
//     }
//     AISP_VARIANT(run);
//
// All work goes to the given stream. AISP_VARIANT checks cudaGetLastError after every call.
#pragma once

#include <aisp/variant.hpp>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <cuda_runtime.h>

#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace aisp {

template <> struct dtype_of<__half> { static constexpr DType value = f16; };
template <> struct dtype_of<__nv_bfloat16> { static constexpr DType value = bf16; };
template <> struct dtype_of<__nv_fp8_e4m3> { static constexpr DType value = f8e4m3; };
template <> struct dtype_of<__nv_fp8_e5m2> { static constexpr DType value = f8e5m2; };

inline cudaStream_t stream(const Slot& slot) { return static_cast<cudaStream_t>(slot.stream); }
inline cudaStream_t stream(const Setup& setup) { return static_cast<cudaStream_t>(setup.stream()); }

// Throws std::runtime_error with the call's place and the error's name and meaning.
inline void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  throw std::runtime_error(std::string(what) + ": " + cudaGetErrorName(error) + " (" + cudaGetErrorString(error) + ")");
}
#define AISP_CUDA(call) ::aisp::check((call), #call)

// Blocks of `per_block` elements that cover `n`.
constexpr unsigned blocks(std::int64_t n, std::int64_t per_block) {
  return static_cast<unsigned>((n + per_block - 1) / per_block);
}

// Multiprocessors of the current device.
inline int multiprocessors() {
  int device = 0, count = 0;
  AISP_CUDA(cudaGetDevice(&device));
  AISP_CUDA(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device));
  return count;
}

// How a kernel is launched: kernel<<<grid, threads, shared, stream>>>, its blocks in clusters where that is above 1.
struct LaunchConfig {
  cudaStream_t stream = nullptr;
  dim3 grid = 1;
  int threads = 1;
  std::size_t shared = 0;  // bytes
  int cluster = 1;         // blocks, along x
};
template <class... P> void launch(const LaunchConfig& how, void (*kernel)(P...), std::type_identity_t<P>... arguments) {
  cudaLaunchAttribute in_clusters{};
  in_clusters.id = cudaLaunchAttributeClusterDimension;
  in_clusters.val.clusterDim = {static_cast<unsigned>(how.cluster), 1, 1};
  cudaLaunchConfig_t config{};
  config.gridDim = how.grid;
  config.blockDim = dim3(static_cast<unsigned>(how.threads));
  config.dynamicSmemBytes = how.shared;
  config.stream = how.stream;
  config.attrs = &in_clusters;
  config.numAttrs = how.cluster > 1 ? 1 : 0;
  AISP_CUDA(cudaLaunchKernelEx(&config, kernel, arguments...));
}
// The most dynamic shared memory that launches of the kernel may ask for; 48 KB without it.
template <class... P> void allow_shared(void (*kernel)(P...), int bytes) {
  AISP_CUDA(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes));
}

// Device memory of `count` elements, owned.
template <class T> class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(std::int64_t count) : size_(count) {
    AISP_CUDA(cudaMalloc(&data_, sizeof(T) * static_cast<std::size_t>(count)));
  }
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~DeviceBuffer() { cudaFree(data_); }

  T* get() const { return data_; }
  std::int64_t size() const { return size_; }

 private:
  T* data_ = nullptr;
  std::int64_t size_ = 0;
};

}  // namespace aisp
