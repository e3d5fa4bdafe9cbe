// Dynamic shared memory as one structure, at a multiple of 1024 bytes, as tiles for the tensor cores want it.
#pragma once

#include <cstdint>

namespace aisp::cuda {

// What a launch asks for.
template <class T> constexpr int shared_bytes = sizeof(T) + 1024;

template <class T> __device__ T& shared_storage() {
  extern __shared__ unsigned char raw[];
  return *reinterpret_cast<T*>((reinterpret_cast<std::uintptr_t>(raw) + 1023) & ~std::uintptr_t{1023});
}

}  // namespace aisp::cuda
