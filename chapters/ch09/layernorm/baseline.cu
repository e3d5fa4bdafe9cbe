// Baseline: one kernel, a block per row, which goes over h three times: to add and sum, for the variance about the mean
// (the difference of two large sums would lose it), and to scale. Accesses are coalesced, 4 bytes a lane. h comes back
// from a cache, not from memory; what binds it is latency: a thread has few loads under way, and none while the block
// folds, twice.
#include "../rows.hpp"

namespace {

using In = aisp::Matrix<const float>;
using Row = aisp::Vector<const float>;
using Out = aisp::Matrix<float>;
constexpr int threads = 256;

__global__ void __launch_bounds__(threads)
    layer_norm(const float* __restrict__ x, const float* __restrict__ residual, const float* __restrict__ weight,
               const float* __restrict__ bias, float* h, float* __restrict__ y, std::int64_t cols) {
  __shared__ float of_sum[threads / 32], of_squares[threads / 32];
  const auto start = blockIdx.x * cols;
  const auto n = static_cast<float>(cols);
  float sum = 0, squares = 0;
  for (std::int64_t j = threadIdx.x; j < cols; j += threads) {
    const float v = x[start + j] + residual[start + j];
    h[start + j] = v;
    sum += v;
  }
  const float mean = ch09::sum(sum, of_sum) / n;
  for (std::int64_t j = threadIdx.x; j < cols; j += threads) {
    const float d = h[start + j] - mean;
    squares += d * d;
  }
  const float inverse = rsqrtf(ch09::sum(squares, of_squares) / n + 1e-5f);
  for (std::int64_t j = threadIdx.x; j < cols; j += threads)
    y[start + j] = (h[start + j] - mean) * inverse * weight[j] + bias[j];
}

void three_passes(aisp::Slot slot, In x, In residual, Row weight, Row bias, Out h, Out y) {
  layer_norm<<<static_cast<unsigned>(x.dim(0)), threads, 0, aisp::stream(slot)>>>(x.data, residual.data, weight.data,
                                                                                  bias.data, h.data, y.data, x.dim(1));
}

}  // namespace

AISP_VARIANT(three_passes, .about = "a block per row, reads h twice more");
