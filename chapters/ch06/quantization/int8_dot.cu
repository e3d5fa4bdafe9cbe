// INT8 dot products: the weights stay as they are, one byte each, and dp4a multiplies four pairs and adds them to an
// INT32 in one instruction. A warp takes a row of weights as in the baseline; 16 bytes are sixteen weights now.
// Expected: close to four times the baseline, the ratio of the bytes. What binds it: the bandwidth of memory, and, 64
// MiB of weights being about the size of the second cache level, in part that one's.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256, rows_at_once = 8;  // of the batch

// `aligned`: k is a multiple of 16, so rows start at multiples of 16 bytes.
template <bool aligned>
__global__ void __launch_bounds__(threads)
    linear(const std::int8_t* __restrict__ x, const float* __restrict__ x_scale, const std::int8_t* __restrict__ w,
           const float* __restrict__ w_scale, float* __restrict__ y, std::int64_t batch, std::int64_t n,
           std::int64_t k) {
  const auto j = (std::int64_t{blockIdx.x} * threads + threadIdx.x) / 32;
  const int lane = threadIdx.x % 32;
  if (j >= n) return;
  for (std::int64_t b0 = 0; b0 < batch; b0 += rows_at_once) {
    int sum[rows_at_once] = {};
    if constexpr (aligned) {
#pragma unroll 2
      for (std::int64_t p = 16 * lane; p < k; p += 16 * 32) {
        const int4 weight = *reinterpret_cast<const int4*>(w + j * k + p);
#pragma unroll
        for (int b = 0; b < rows_at_once; ++b)
          if (b0 + b < batch) {
            const int4 v = *reinterpret_cast<const int4*>(x + (b0 + b) * k + p);
            sum[b] = __dp4a(weight.x, v.x, sum[b]);
            sum[b] = __dp4a(weight.y, v.y, sum[b]);
            sum[b] = __dp4a(weight.z, v.z, sum[b]);
            sum[b] = __dp4a(weight.w, v.w, sum[b]);
          }
      }
    } else {
      for (std::int64_t p = lane; p < k; p += 32) {
        const int weight = w[j * k + p];
#pragma unroll
        for (int b = 0; b < rows_at_once; ++b)
          if (b0 + b < batch) sum[b] += weight * x[(b0 + b) * k + p];
      }
    }
#pragma unroll
    for (int b = 0; b < rows_at_once; ++b) {
      const int total = __reduce_add_sync(0xffffffffu, sum[b]);
      if (lane == 0 && b0 + b < batch) y[(b0 + b) * n + j] = x_scale[b0 + b] * w_scale[j] * static_cast<float>(total);
    }
  }
}

void run(aisp::Slot slot, aisp::Matrix<const std::int8_t> x, aisp::Vector<const float> x_scale,
         aisp::Matrix<const std::int8_t> w, aisp::Vector<const float> w_scale, aisp::Matrix<float> y) {
  const auto kernel = w.dim(1) % 16 == 0 ? linear<true> : linear<false>;
  kernel<<<aisp::blocks(32 * w.dim(0), threads), threads, 0, aisp::stream(slot)>>>(
      x.data, x_scale.data, w.data, w_scale.data, y.data, x.dim(0), w.dim(0), w.dim(1));
}

}  // namespace

AISP_VARIANT(run, .about = "INT8 weights, dp4a");
