// cp.async: copies from global to shared memory that pass through no register and leave the thread free to work
// (PTX ISA, "Data Movement and Conversion Instructions: Non-bulk copy"; sm_80 and later). Copies of a thread form
// groups; a thread waits for its own groups only, so a barrier must follow before others read what it copied.
#pragma once

#include <cstdint>

namespace aisp::cuda {

// The 32-bit address that PTX uses for shared memory.
__device__ inline std::uint32_t shared_address(const void* shared) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
}

// 16 bytes, both addresses aligned to 16; past the first level of cache.
__device__ inline void copy_async_16(void* shared, const void* global) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(shared)), "l"(global) : "memory");
}

// 4 bytes, both addresses aligned to 4.
__device__ inline void copy_async_4(void* shared, const void* global) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(shared_address(shared)), "l"(global) : "memory");
}

// Ends a group: everything this thread copied since the last one. An empty group counts too.
__device__ inline void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Waits until at most `pending` of this thread's groups, the youngest, are still under way.
template <int pending> __device__ inline void wait_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
}

}  // namespace aisp::cuda
