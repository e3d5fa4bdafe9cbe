// What the CUDA row kernels of this chapter share: a row in the registers of a block, 16 bytes at a time, and folds
// over a block. A thread holds vectors of 16 bytes as uint4: four floats or eight bfloat16, unpacked when they are
// used.
#pragma once

#include <aisp/cuda.hpp>

#include <cstdint>

namespace ch09 {

template <class T> constexpr int per_vector = 16 / sizeof(T);

__device__ inline void unpack(uint4 raw, float (&v)[4]) {
  v[0] = __uint_as_float(raw.x), v[1] = __uint_as_float(raw.y);
  v[2] = __uint_as_float(raw.z), v[3] = __uint_as_float(raw.w);
}
__device__ inline void unpack(uint4 raw, float (&v)[8]) {  // a bfloat16 is the upper half of a float
  const std::uint32_t words[] = {raw.x, raw.y, raw.z, raw.w};
#pragma unroll
  for (int w = 0; w < 4; ++w) {
    v[2 * w] = __uint_as_float(words[w] << 16);
    v[2 * w + 1] = __uint_as_float(words[w] & 0xffff0000u);
  }
}
__device__ inline uint4 pack(const float (&v)[4]) {
  return {__float_as_uint(v[0]), __float_as_uint(v[1]), __float_as_uint(v[2]), __float_as_uint(v[3])};
}
__device__ inline std::uint32_t pack2(float low, float high) {
  const __nv_bfloat162 both = __floats2bfloat162_rn(low, high);
  return __bfloat16_as_ushort(both.x) | std::uint32_t{__bfloat16_as_ushort(both.y)} << 16;
}
__device__ inline uint4 pack(const float (&v)[8]) {
  return {pack2(v[0], v[1]), pack2(v[2], v[3]), pack2(v[4], v[5]), pack2(v[6], v[7])};
}

// How a row lies in the registers of a block. `whole`: rows are made of whole vectors, so each starts at a multiple of
// 16 bytes, and a vector is loaded at once. Otherwise rows start anywhere, and a "vector" gathers elements that are
// `threads` apart, so that the lanes of a warp still access neighbours. Elements past the end read as `fill`, a word of
// two bfloat16 or one float, and are not written.
template <class T, int threads, bool whole> struct Layout {
  static constexpr int per = per_vector<T>;

  __device__ static uint4 load(const T* row, int cols, int k, std::uint32_t fill = 0) {
    uint4 raw = {fill, fill, fill, fill};
    if constexpr (whole) {
      const int at = (k * threads + static_cast<int>(threadIdx.x)) * per;
      if (at < cols) raw = *reinterpret_cast<const uint4*>(row + at);
    } else {
      float v[per];
      unpack(raw, v);
#pragma unroll
      for (int e = 0; e < per; ++e)
        if (const int at = element(k, e); at < cols) v[e] = static_cast<float>(row[at]);
      raw = pack(v);
    }
    return raw;
  }
  __device__ static void store(T* row, int cols, int k, const float (&v)[per]) {
    if constexpr (whole) {
      const int at = (k * threads + static_cast<int>(threadIdx.x)) * per;
      if (at < cols) __stcs(reinterpret_cast<uint4*>(row + at), pack(v));
    } else {
#pragma unroll
      for (int e = 0; e < per; ++e)
        if (const int at = element(k, e); at < cols) row[at] = static_cast<T>(v[e]);
    }
  }
  // Is element e of this thread's vector k one of the row's?
  __device__ static bool holds(int cols, int k, int e) {
    return whole ? (k * threads + static_cast<int>(threadIdx.x)) * per < cols : element(k, e) < cols;
  }

 private:
  __device__ static int element(int k, int e) { return (k * per + e) * threads + static_cast<int>(threadIdx.x); }
};

// op over all threads of a block, for all of them. `warps`: threads / 32, a power of two. `partial` is shared memory of
// that many elements, which only this fold of the kernel uses.
template <int warps, class Op> __device__ float fold(float v, float (&partial)[warps], Op op) {
#pragma unroll
  for (int half = 16; half > 0; half /= 2) v = op(v, __shfl_xor_sync(0xffffffffu, v, half));
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = v;
  __syncthreads();
  v = partial[threadIdx.x % warps];
#pragma unroll
  for (int half = warps / 2; half > 0; half /= 2) v = op(v, __shfl_xor_sync(0xffffffffu, v, half));
  return v;
}
template <int warps> __device__ float sum(float v, float (&partial)[warps]) {
  return fold(v, partial, [](float a, float b) { return a + b; });
}

// Calls launch.template operator()<threads, whole>() with the smallest block that holds a row of `cols` elements of T
// in `vectors` vectors a thread.
template <class T, int vectors, class Launch> void launch_rows(std::int64_t cols, Launch&& launch) {
  constexpr std::int64_t of_thread = vectors * per_vector<T>;
  const auto with = [&]<int threads>() {
    if (cols % per_vector<T> == 0)
      launch.template operator()<threads, true>();
    else
      launch.template operator()<threads, false>();
  };
  if (cols <= 64 * of_thread) return with.template operator()<64>();
  if (cols <= 128 * of_thread) return with.template operator()<128>();
  if (cols <= 256 * of_thread) return with.template operator()<256>();
  if (cols <= 512 * of_thread) return with.template operator()<512>();
  if (cols <= 1024 * of_thread) return with.template operator()<1024>();
  throw std::invalid_argument("a row of " + std::to_string(cols) + " elements does not fit the registers of a block (" +
                              std::to_string(1024 * of_thread) + " at most)");
}

}  // namespace ch09
