// Comparison on the device. Compiled without contraction to fma: which elements are wrong must not depend on where they
// are compared.
#include <type_traits>

#include "verify/cuda/device.hpp"
#include "verify/cuda/launch.hpp"
#include "verify/pattern.hpp"
#include "verify/rounding.hpp"

namespace aisp::verify::cuda {
namespace {

constexpr int kUnroll = 4;  // elements of a thread under way at a time

// Whether element i of `got` still holds what it held before the call.
__device__ bool untouched(const Compared& c, const Look& look, std::int64_t size, std::int64_t i) {
  std::uint32_t word = 0;
  for (std::int64_t at = i * size; at < (i + 1) * size; ++at) {
    if (!c.before && (at == i * size || at % 4 == 0))
      word = pattern_word(look, c.poison_key, static_cast<std::uint64_t>(at) / 4);
    if (c.got[at] != (c.before ? c.before[at] : static_cast<std::byte>(word >> (8 * (at % 4))))) return false;
  }
  return true;
}

// What `later` adds does not lie behind these elements here: the first wrong one is the least.
__device__ void merge(Tally& into, const Tally& other) {
  const std::int64_t first = into.first_wrong < 0 || (other.first_wrong >= 0 && other.first_wrong < into.first_wrong)
                                 ? other.first_wrong
                                 : into.first_wrong;
  into.add(other);
  into.first_wrong = first;
}

__device__ Tally from_lane(const Tally& t, int distance) {
  const auto down = [&](auto v) { return __shfl_down_sync(0xffffffffu, v, distance); };
  Tally other;
  other.worst = down(t.worst);
  other.error2 = down(t.error2);
  other.scale2 = down(t.scale2);
  other.expected2 = down(t.expected2);
  other.wrong = down(t.wrong);
  other.untouched = down(t.untouched);
  other.nonfinite = down(t.nonfinite);
  other.first_wrong = down(t.first_wrong);
  return other;
}

// The tally of the whole block, in thread 0.
__device__ Tally of_block(Tally t) {
  __shared__ Tally of_warp[kThreads / 32];
  for (int distance = 16; distance > 0; distance /= 2) merge(t, from_lane(t, distance));
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = t;
  __syncthreads();
  if (threadIdx.x == 0)
    for (unsigned warp = 1; warp < kThreads / 32; ++warp) merge(t, of_warp[warp]);
  return t;
}

template <DType dtype>
__global__ void __launch_bounds__(kThreads) tally_parts(const __grid_constant__ Compared c, Tally* parts) {
  const auto untouched_at = [](std::int64_t) { return false; };  // count_untouched() asks, where elements are wrong
  const double* scale = c.scale ? c.scale : c.expected;
  const auto step = std::int64_t{gridDim.x} * kThreads;
  Tally t;
  for (auto i0 = std::int64_t{blockIdx.x} * kThreads + threadIdx.x; i0 < c.elements; i0 += kUnroll * step) {
    double got[kUnroll], expected[kUnroll], scales[kUnroll];
#pragma unroll
    for (int u = 0; u < kUnroll; ++u) {
      const std::int64_t i = min(i0 + u * step, c.elements - 1);
      got[u] = widen_element(dtype, c.got, i);
      expected[u] = c.expected[i];
      scales[u] = is_float(dtype) ? scale[i] : 0;
    }
#pragma unroll
    for (int u = 0; u < kUnroll; ++u) {
      const std::int64_t i = i0 + u * step;
      if (i >= c.elements) break;
      if constexpr (is_float(dtype))
        t.add_float(i, got[u], expected[u], scales[u], c.bound, untouched_at);
      else
        t.add_integer(i, got[u], expected[u], untouched_at);
    }
  }
  t = of_block(t);
  if (threadIdx.x == 0) parts[blockIdx.x] = t;
}

template <DType dtype>
__global__ void __launch_bounds__(kThreads)
    count_untouched_elements(const __grid_constant__ Compared c, const __grid_constant__ Look look,
                             unsigned long long* count) {
  constexpr auto size = static_cast<std::int64_t>(info(dtype).size);
  const auto untouched_at = [&](std::int64_t i) { return untouched(c, look, size, i); };
  const auto step = std::int64_t{gridDim.x} * kThreads;
  for (auto i = std::int64_t{blockIdx.x} * kThreads + threadIdx.x; i < c.elements; i += step) {
    Tally t;
    const double got = widen_element(dtype, c.got, i), expected = c.expected[i];
    if constexpr (is_float(dtype))
      t.add_float(i, got, expected, c.scale ? c.scale[i] : expected, c.bound, untouched_at);
    else
      t.add_integer(i, got, expected, untouched_at);
    if (t.untouched) atomicAdd(count, 1);
  }
}

__global__ void __launch_bounds__(kThreads)
    add_parts(const Compared c, const Tally* parts, unsigned count, Outcome* outcome) {
  Tally t;
  for (unsigned part = threadIdx.x; part < count; part += kThreads) merge(t, parts[part]);
  t = of_block(t);
  if (threadIdx.x != 0) return;
  outcome->tally = t;
  if (t.first_wrong < 0) return;
  outcome->got = widen_element(c.dtype, c.got, t.first_wrong);
  outcome->expected = c.expected[t.first_wrong];
}

template <DType dtype> __global__ void widen_elements(const std::byte* from, std::int64_t count, double* to) {
  const auto step = std::int64_t{gridDim.x} * blockDim.x;
  for (auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += step)
    to[i] = widen_element(dtype, from, i);
}

// Calls body(std::integral_constant<DType, dtype>) for a dtype known only now.
template <class Body> void with_dtype(DType dtype, const Body& body) {
  const auto as = [&]<DType known>() { body(std::integral_constant<DType, known>{}); };
  switch (dtype) {
    case DType::f64: return as.template operator()<DType::f64>();
    case DType::f32: return as.template operator()<DType::f32>();
    case DType::f16: return as.template operator()<DType::f16>();
    case DType::bf16: return as.template operator()<DType::bf16>();
    case DType::f8e4m3: return as.template operator()<DType::f8e4m3>();
    case DType::f8e5m2: return as.template operator()<DType::f8e5m2>();
    case DType::i64: return as.template operator()<DType::i64>();
    case DType::i32: return as.template operator()<DType::i32>();
    case DType::i8: return as.template operator()<DType::i8>();
    case DType::u8: return as.template operator()<DType::u8>();
  }
}

}  // namespace

void widen(DType dtype, const std::byte* from, std::int64_t count, double* to, cudaStream_t stream) {
  with_dtype(dtype, [&](auto known) {
    widen_elements<decltype(known)::value><<<blocks_for(count), kThreads, 0, stream>>>(from, count, to);
  });
  launched();
}

void compare(const Compared& c, Tally* workspace, Outcome* outcome, cudaStream_t stream) {
  const unsigned blocks = std::min<unsigned>(blocks_for((c.elements + kUnroll - 1) / kUnroll), kCompareBlocks);
  with_dtype(c.dtype,
             [&](auto known) { tally_parts<decltype(known)::value><<<blocks, kThreads, 0, stream>>>(c, workspace); });
  launched();
  add_parts<<<1, kThreads, 0, stream>>>(c, workspace, blocks, outcome);
  launched();
}

void count_untouched(const Compared& c, unsigned long long* count, cudaStream_t stream) {
  with_dtype(c.dtype, [&](auto known) {
    count_untouched_elements<decltype(known)::value>
        <<<blocks_for(c.elements), kThreads, 0, stream>>>(c, look_of(c.dtype), count);
  });
  launched();
}

}  // namespace aisp::verify::cuda
