// The bulk copy engine in words: mbarriers and cp.async.bulk between global and shared memory, Hopper and newer.
// PTX ISA 8.0, "cp.async.bulk" and "mbarrier". On older architectures the wrappers trap, so callers ask the device
// first.
#pragma once

#include <cstdint>

namespace aisp::device::cuda::bulk {

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
#define AISP_BULK_ASM(...) __trap()
#else
#define AISP_BULK_ASM(...) asm volatile(__VA_ARGS__)
#endif

__device__ inline std::uint32_t shared_address(const void* p) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(p));
}

__device__ inline void init(std::uint64_t* barrier, unsigned arrivals) {
  AISP_BULK_ASM("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(barrier)), "r"(arrivals) : "memory");
}

// Makes initialised barriers visible to the copy engine.
__device__ inline void fence_init() { AISP_BULK_ASM("fence.mbarrier_init.release.cluster;" ::: "memory"); }

// Makes shared memory written by ordinary stores visible to the copy engine.
__device__ inline void fence_shared() { AISP_BULK_ASM("fence.proxy.async.shared::cta;" ::: "memory"); }

// The one arrival of a phase, which completes once `bytes` have landed.
__device__ inline void expect(std::uint64_t* barrier, unsigned bytes) {
  AISP_BULK_ASM("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(barrier)), "r"(bytes)
                : "memory");
}

__device__ inline void wait([[maybe_unused]] std::uint64_t* barrier, [[maybe_unused]] unsigned parity) {
  AISP_BULK_ASM(
      "{\n"
      " .reg .pred done;\n"
      "again:\n"
      " mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      " @!done bra again;\n"
      "}" ::"r"(shared_address(barrier)),
      "r"(parity)
      : "memory");
}

// `bytes` a multiple of 16, both addresses 16-byte aligned.
__device__ inline void load(void* shared, const void* global, unsigned bytes, std::uint64_t* barrier) {
  AISP_BULK_ASM("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(
                    shared_address(shared)),
                "l"(__cvta_generic_to_global(global)), "r"(bytes), "r"(shared_address(barrier))
                : "memory");
}

__device__ inline void store(void* global, const void* shared, unsigned bytes) {
  AISP_BULK_ASM("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(__cvta_generic_to_global(global)),
                "r"(shared_address(shared)), "r"(bytes)
                : "memory");
}

__device__ inline void commit_stores() { AISP_BULK_ASM("cp.async.bulk.commit_group;" ::: "memory"); }

// Until at most `Pending` groups of stores have still to read shared memory.
template <int Pending> __device__ inline void wait_reads() {
  AISP_BULK_ASM("cp.async.bulk.wait_group.read %0;" ::"n"(Pending) : "memory");
}
// Until at most `Pending` groups of stores have still to be written.
template <int Pending> __device__ inline void wait_stores() {
  AISP_BULK_ASM("cp.async.bulk.wait_group %0;" ::"n"(Pending) : "memory");
}

}  // namespace aisp::device::cuda::bulk
