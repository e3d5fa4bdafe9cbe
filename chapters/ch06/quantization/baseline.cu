// Baseline: INT8 data computed in FP32. The weights are expanded to floats when they are bound; a warp takes a row of
// them, a lane loads 16 bytes, four weights, at a time and uses them for eight rows of activations.
// What binds it: memory bandwidth: four bytes for each weight that has one.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256, rows_at_once = 8;  // of the batch

__global__ void expand(const std::int8_t* __restrict__ w, float* __restrict__ out, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (i < n) out[i] = w[i];
}

// `aligned`: k is a multiple of 4, so rows of x start at multiples of 4 bytes and rows of w at multiples of 16.
template <bool aligned>
__global__ void __launch_bounds__(threads)
    linear(const std::int8_t* __restrict__ x, const float* __restrict__ x_scale, const float* __restrict__ w,
           const float* __restrict__ w_scale, float* __restrict__ y, std::int64_t batch, std::int64_t n,
           std::int64_t k) {
  const auto j = (std::int64_t{blockIdx.x} * threads + threadIdx.x) / 32;
  const int lane = threadIdx.x % 32;
  if (j >= n) return;
  for (std::int64_t b0 = 0; b0 < batch; b0 += rows_at_once) {
    float sum[rows_at_once] = {};
    if constexpr (aligned) {
#pragma unroll 2
      for (std::int64_t p = 4 * lane; p < k; p += 4 * 32) {
        const float4 weight = *reinterpret_cast<const float4*>(w + j * k + p);
#pragma unroll
        for (int b = 0; b < rows_at_once; ++b)
          if (b0 + b < batch) {
            const char4 v = *reinterpret_cast<const char4*>(x + (b0 + b) * k + p);
            sum[b] += weight.x * v.x + weight.y * v.y + weight.z * v.z + weight.w * v.w;
          }
      }
    } else {
      for (std::int64_t p = lane; p < k; p += 32) {
        const float weight = w[j * k + p];
#pragma unroll
        for (int b = 0; b < rows_at_once; ++b)
          if (b0 + b < batch) sum[b] += weight * x[(b0 + b) * k + p];
      }
    }
#pragma unroll
    for (int b = 0; b < rows_at_once; ++b) {
      for (int half = 16; half > 0; half /= 2) sum[b] += __shfl_xor_sync(0xffffffffu, sum[b], half);
      if (lane == 0 && b0 + b < batch) y[(b0 + b) * n + j] = x_scale[b0 + b] * w_scale[j] * sum[b];
    }
  }
}

class Expanded {
 public:
  explicit Expanded(const aisp::Setup& setup) : weights_(setup.param("n") * setup.param("k")) {}
  void bind(aisp::Slot slot, aisp::Matrix<const std::int8_t>, aisp::Vector<const float>,
            aisp::Matrix<const std::int8_t> w, aisp::Vector<const float>, aisp::Matrix<float>) {
    expand<<<aisp::blocks(w.size(), threads), threads, 0, aisp::stream(slot)>>>(w.data, weights_.get(), w.size());
    AISP_CUDA(cudaGetLastError());
  }
  void operator()(aisp::Slot slot, aisp::Matrix<const std::int8_t> x, aisp::Vector<const float> x_scale,
                  aisp::Matrix<const std::int8_t> w, aisp::Vector<const float> w_scale, aisp::Matrix<float> y) const {
    const auto kernel = w.dim(1) % 4 == 0 ? linear<true> : linear<false>;
    kernel<<<aisp::blocks(32 * w.dim(0), threads), threads, 0, aisp::stream(slot)>>>(
        x.data, x_scale.data, weights_.get(), w_scale.data, y.data, x.dim(0), w.dim(0), w.dim(1));
  }

 private:
  aisp::DeviceBuffer<float> weights_;
};

}  // namespace

AISP_VARIANT(Expanded, .about = "weights expanded to FP32");
