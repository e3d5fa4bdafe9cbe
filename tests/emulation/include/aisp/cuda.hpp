// What <aisp/cuda.hpp> offers a variant, on the host; see emulation.hpp.
#pragma once

#include "emulation.hpp"

namespace aisp {

template <> struct dtype_of<__nv_bfloat16> { static constexpr DType value = bf16; };
template <> struct dtype_of<__nv_fp8_e4m3> { static constexpr DType value = f8e4m3; };

inline cudaStream_t stream(const Slot&) { return nullptr; }
#define AISP_CUDA(call) static_cast<void>(call)

constexpr unsigned blocks(std::int64_t n, std::int64_t per_block) {
  return static_cast<unsigned>((n + per_block - 1) / per_block);
}
inline int multiprocessors() { return 2; }  // so that persistent blocks have more than one tile

struct LaunchConfig {
  cudaStream_t stream = nullptr;
  dim3 grid = 1;
  int threads = 1;
  std::size_t shared = 0;
  int cluster = 1;
};
template <class... P> void launch(const LaunchConfig& how, void (*kernel)(P...), std::type_identity_t<P>... arguments) {
  emulation::run(how.grid, how.threads, how.shared, how.cluster, [&] { kernel(arguments...); });
}
template <class... P> void allow_shared(void (*)(P...), int bytes) {
  if (bytes > 227 * 1024) throw std::invalid_argument("a block has at most 227 KB of shared memory");
}

template <class T> class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(std::int64_t count) : values_(static_cast<std::size_t>(count)) {}
  T* get() const { return const_cast<T*>(values_.data()); }
  std::int64_t size() const { return static_cast<std::int64_t>(values_.size()); }

 private:
  std::vector<T> values_;
};

}  // namespace aisp

#define cudaMemcpy(to, from, bytes, kind) std::memcpy(to, from, bytes)
