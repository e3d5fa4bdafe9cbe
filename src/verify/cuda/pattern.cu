// Poison, guard zones, equality and the caches: what is done to bytes.
#include "verify/cuda/device.hpp"
#include "verify/cuda/launch.hpp"
#include "verify/pattern.hpp"

namespace aisp::verify::cuda {
namespace {

constexpr std::int64_t pattern_blocks(std::uint64_t bytes) {
  return static_cast<std::int64_t>((bytes + 4 * kGroup - 1) / (4 * kGroup)) * kLanes;
}

// Calls use(byte offset, word) for the words of a pattern that `bytes` bytes see: a thread makes a block of sixteen,
// and its neighbours those beside them.
template <class Use>
__device__ void for_pattern(const Look& look, const Key& key, std::uint64_t bytes, const Use& use) {
  const auto blocks = static_cast<std::uint64_t>(pattern_blocks(bytes));
  const auto step = std::uint64_t{gridDim.x} * blockDim.x;
  for (auto at = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; at < blocks; at += step) {
    const std::uint64_t lane = at % kLanes, first = at / kLanes * kGroup + lane;
    const Block block =
        group_block(key, Plane::pattern, static_cast<std::int64_t>(at / kLanes), static_cast<std::uint32_t>(lane));
#pragma unroll
    for (int q = 0; q < kBlockWords; ++q) {
      const std::uint64_t index = first + q * kLanes;
      if (4 * index < bytes) use(4 * index, with_look(block.word[q], look, index));
    }
  }
}

__global__ void fill_pattern(const __grid_constant__ Look look, const __grid_constant__ Key key, std::byte* out,
                             std::uint64_t bytes) {
  const bool aligned = reinterpret_cast<std::uintptr_t>(out) % 4 == 0;
  for_pattern(look, key, bytes, [&](std::uint64_t offset, std::uint32_t word) {
    if (aligned && offset + 4 <= bytes) {
      *reinterpret_cast<std::uint32_t*>(out + offset) = word;
    } else {
#pragma unroll
      for (int i = 0; i < 4; ++i)
        if (offset + i < bytes) out[offset + i] = static_cast<std::byte>(word >> (8 * i));
    }
  });
}

__global__ void count_damaged_bytes(const __grid_constant__ Look look, const __grid_constant__ Key key,
                                    const std::byte* zone, std::uint64_t bytes, unsigned long long* count) {
  for_pattern(look, key, bytes, [&](std::uint64_t offset, std::uint32_t word) {
#pragma unroll
    for (int i = 0; i < 4; ++i)
      if (offset + i < bytes && zone[offset + i] != static_cast<std::byte>(word >> (8 * i))) atomicAdd(count, 1);
  });
}

// T: the widest access that both addresses allow.
template <class T>
__global__ void find_different_words(const T* a, const T* b, std::uint64_t words, unsigned long long* found) {
  const auto step = std::uint64_t{gridDim.x} * blockDim.x;
  bool different = false;
  for (auto i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < words; i += step) {
    if constexpr (sizeof(T) == 16) {
      const T x = a[i], y = b[i];
      different |= x.x != y.x || x.y != y.y || x.z != y.z || x.w != y.w;
    } else {
      different |= a[i] != b[i];
    }
  }
  if (different) *found = 1;
}

__global__ void read_all(const uint4* buffer, std::uint64_t words, uint4* never) {
  const auto step = std::uint64_t{gridDim.x} * blockDim.x;
  std::uint32_t seen = 0;
  for (auto i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < words; i += step) {
    const uint4 v = __ldcg(buffer + i);
    seen |= v.x | v.y | v.z | v.w;
  }
  if (seen) *never = {};  // the buffer holds zeros: the reads have a use that the compiler cannot rule out
}

}  // namespace

void poison(DType dtype, Key key, std::span<std::byte> bytes, cudaStream_t stream) {
  if (bytes.empty()) return;
  fill_pattern<<<blocks_for(pattern_blocks(bytes.size())), kThreads, 0, stream>>>(look_of(dtype), key, bytes.data(),
                                                                                  bytes.size());
  launched();
}

void fill_guard(Key key, std::span<std::byte> zone, cudaStream_t stream) { poison(u8, key, zone, stream); }

void count_damaged(Key key, std::span<const std::byte> zone, unsigned long long* count, cudaStream_t stream) {
  count_damaged_bytes<<<blocks_for(pattern_blocks(zone.size())), kThreads, 0, stream>>>(look_of(u8), key, zone.data(),
                                                                                        zone.size(), count);
  launched();
}

void find_different(std::span<const std::byte> a, std::span<const std::byte> b, unsigned long long* found,
                    cudaStream_t stream) {
  const auto both = reinterpret_cast<std::uintptr_t>(a.data()) | reinterpret_cast<std::uintptr_t>(b.data());
  const std::size_t wide = both % 16 == 0 ? a.size() / 16 : 0, done = 16 * wide;
  if (wide) {
    find_different_words<<<blocks_for(static_cast<std::int64_t>(wide)), kThreads, 0, stream>>>(
        reinterpret_cast<const uint4*>(a.data()), reinterpret_cast<const uint4*>(b.data()), wide, found);
    launched();
  }
  if (done < a.size()) {
    find_different_words<<<blocks_for(static_cast<std::int64_t>(a.size() - done)), kThreads, 0, stream>>>(
        a.data() + done, b.data() + done, a.size() - done, found);
    launched();
  }
}

void sweep(std::byte* buffer, std::size_t bytes, cudaStream_t stream) {
  AISP_CUDA_CHECK(cudaMemsetAsync(buffer, 0, bytes, stream));
  auto* words = reinterpret_cast<uint4*>(buffer);
  read_all<<<blocks_for(static_cast<std::int64_t>(bytes / 16)), kThreads, 0, stream>>>(words, bytes / 16, words);
  launched();
}

}  // namespace aisp::verify::cuda
