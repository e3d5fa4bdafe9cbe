// Online: a block per row. One pass finds maximum and sum together: a thread keeps both for its share, and rescales the
// sum when a vector raises the maximum. A second pass reads the row again, as a block has no room for it. 16 bytes an
// access, four loads of a thread under way. Effect: three streams in place of four, and more bytes in flight.
// What binds it: memory bandwidth.
#include "../softmax.hpp"

namespace {

using namespace ch09;
using T = __nv_bfloat16;
constexpr int threads = 512, loads = 4, per = per_vector<T>;

__device__ PowerSum add(PowerSum s, const float (&v)[per]) {
  float top = v[0];
#pragma unroll
  for (int e = 1; e < per; ++e) top = fmaxf(top, v[e]);
  if (const float shift = shift_of(top); shift > s.shift) s = {shift, s.sum * exp2_approx(s.shift - shift)};
#pragma unroll
  for (int e = 0; e < per; ++e) s.sum += power(v[e], s.shift);
  return s;
}

template <bool whole>
__global__ void __launch_bounds__(threads) two_reads(const T* __restrict__ x, T* __restrict__ y, int cols) {
  using Row = Layout<T, threads, whole>;
  __shared__ PowerSum partial[threads / 32];
  const T* in = x + std::int64_t{blockIdx.x} * cols;
  T* out = y + std::int64_t{blockIdx.x} * cols;
  const int steps = (cols + threads * per - 1) / (threads * per);  // vectors of a thread

  PowerSum own;
  for (int k0 = 0; k0 < steps; k0 += loads) {
    uint4 raw[loads];
#pragma unroll
    for (int k = 0; k < loads; ++k) raw[k] = Row::load(in, cols, k0 + k, minus_infinity<T>);
#pragma unroll
    for (int k = 0; k < loads; ++k) {
      float v[per];
      unpack(raw[k], v);
      own = add(own, v);
    }
  }
  const PowerSum row = merge_block(own, partial);
  const float inverse = 1 / row.sum;
  for (int k0 = 0; k0 < steps; k0 += loads) {
    uint4 raw[loads];
#pragma unroll
    for (int k = 0; k < loads; ++k) raw[k] = Row::load(in, cols, k0 + k);
#pragma unroll
    for (int k = 0; k < loads; ++k) {
      float v[per];
      unpack(raw[k], v);
#pragma unroll
      for (int e = 0; e < per; ++e) v[e] = power(v[e], row.shift) * inverse;
      Row::store(out, cols, k0 + k, v);
    }
  }
}

void online(aisp::Slot slot, aisp::Matrix<const T> x, aisp::Matrix<T> y) {
  const auto kernel = x.dim(1) % per == 0 ? two_reads<true> : two_reads<false>;
  kernel<<<static_cast<unsigned>(x.dim(0)), threads, 0, aisp::stream(slot)>>>(x.data, y.data,
                                                                              static_cast<int>(x.dim(1)));
}

}  // namespace

AISP_VARIANT(online, .about = "maximum and sum in one pass, a second to write");
