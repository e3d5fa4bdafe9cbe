// What the CUDA attacks share: the work, y = 2x, which takes at least so many nanoseconds, a stream of their own, a
// context of their own.
#pragma once

#include <aisp/cuda.hpp>

#include "attack.hpp"

#include <cuda.h>

#include <stdexcept>
#include <string>

namespace attacks {

constexpr unsigned long long kHonestNs = 20'000, kHiddenNs = 100'000;

__device__ inline unsigned long long device_ns() {
  unsigned long long t;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(t));
  return t;
}

static __global__ void twice_for(const float* x, float* y, std::int64_t n, unsigned long long nanoseconds) {
  const auto start = device_ns();
  while (device_ns() - start < nanoseconds) {
  }
  const auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n) y[i] = 2 * x[i];
}

inline void launch(In x, Out y, cudaStream_t stream, unsigned long long nanoseconds = kHonestNs) {
  twice_for<<<aisp::blocks(x.size(), 256), 256, 0, stream>>>(x.data, y.data, x.size(), nanoseconds);
  AISP_CUDA(cudaGetLastError());
}

inline std::size_t bytes_of(In x) { return sizeof(float) * static_cast<std::size_t>(x.size()); }

inline cudaStream_t side_stream() {
  static const cudaStream_t stream = [] {
    cudaStream_t made;
    AISP_CUDA(cudaStreamCreateWithFlags(&made, cudaStreamNonBlocking));
    return made;
  }();
  return stream;
}

inline cudaEvent_t mark(cudaStream_t stream) {
  cudaEvent_t event;
  AISP_CUDA(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
  AISP_CUDA(cudaEventRecord(event, stream));
  return event;
}
// Work on `to` from here on comes after what is on `from` by now.
inline void follow(cudaStream_t to, cudaStream_t from) { AISP_CUDA(cudaStreamWaitEvent(to, mark(from))); }

// The driver's function of that name, as the worker's own runtime finds it.
template <class Function> Function driver(const char* name, unsigned version = 12000) {
  void* entry = nullptr;
  cudaDriverEntryPointQueryResult found{};
  AISP_CUDA(cudaGetDriverEntryPointByVersion(name, &entry, version, cudaEnableDefault, &found));
  if (!entry) throw std::runtime_error(std::string("no ") + name);
  return reinterpret_cast<Function>(entry);
}

// Runs `body` in a context beside the one that the worker was given.
template <class Body> void in_second_context(Body&& body) {
  static const auto get = driver<decltype(&cuCtxGetCurrent)>("cuCtxGetCurrent");
  static const auto set = driver<decltype(&cuCtxSetCurrent)>("cuCtxSetCurrent");
  CUcontext before = nullptr;
  get(&before);
  static const CUcontext second = [] {
    CUcontext made = nullptr;
    using Create = CUresult (*)(CUcontext*, unsigned, CUdevice);  // cuCtxCreate before CUDA 13
    if (driver<Create>("cuCtxCreate", 3020)(&made, 0, 0) != CUDA_SUCCESS)
      throw std::runtime_error("cuCtxCreate failed");
    return made;
  }();
  set(second);
  body();
  set(before);
}

}  // namespace attacks
