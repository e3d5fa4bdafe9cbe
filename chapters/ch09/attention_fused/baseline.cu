// Baseline: three kernels with the whole score matrix of every head between them: S = Q·Kᵀ / √dim, softmax of each row
// of S, O = S·V. The products go through shared memory in tiles of 64 × 64 and keep 4 × 4 sums a thread. What binds it:
// the traffic of S, which is written twice and read three times, and grows with the square of the tokens.
#include <aisp/cuda.hpp>

#include <cmath>

namespace {

using In = aisp::Tensor<const float, 3>;
using Out = aisp::Tensor<float, 3>;

constexpr int tile = 64, depth = 16, threads = 256;

// c = scale · a · b for matrix blockIdx.z of a batch; a is m × k, b is n × k where `b_transposed`, else k × n.
template <bool b_transposed>
__global__ void __launch_bounds__(threads) multiply(const float* __restrict__ a, const float* __restrict__ b,
                                                    float* __restrict__ c, int m, int n, int k, float scale) {
  __shared__ float tile_a[depth][tile + 4], tile_b[depth][tile + 4];
  const std::int64_t z = blockIdx.z;
  a += z * m * k, b += z * n * k, c += z * m * n;
  const int row = blockIdx.y * tile, col = blockIdx.x * tile, ty = threadIdx.x / 16 * 4, tx = threadIdx.x % 16 * 4;
  float sum[4][4] = {};
  for (int k0 = 0; k0 < k; k0 += depth) {
    for (int at = threadIdx.x; at < tile * depth; at += threads) {
      const int r = at / depth, d = at % depth, j = at % tile, e = at / tile;
      tile_a[d][r] = row + r < m && k0 + d < k ? a[std::int64_t{row + r} * k + k0 + d] : 0;
      if (b_transposed)
        tile_b[d][r] = col + r < n && k0 + d < k ? b[std::int64_t{col + r} * k + k0 + d] : 0;
      else
        tile_b[e][j] = col + j < n && k0 + e < k ? b[std::int64_t{k0 + e} * n + col + j] : 0;
    }
    __syncthreads();
#pragma unroll
    for (int d = 0; d < depth; ++d) {
      const auto x = *reinterpret_cast<const float4*>(&tile_a[d][ty]);
      const auto y = *reinterpret_cast<const float4*>(&tile_b[d][tx]);
      const float left[] = {x.x, x.y, x.z, x.w}, right[] = {y.x, y.y, y.z, y.w};
#pragma unroll
      for (int i = 0; i < 4; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j) sum[i][j] += left[i] * right[j];
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < 4; ++i)
#pragma unroll
    for (int j = 0; j < 4; ++j)
      if (row + ty + i < m && col + tx + j < n) c[std::int64_t{row + ty + i} * n + col + tx + j] = scale * sum[i][j];
}

// A warp a row, in place.
__global__ void __launch_bounds__(threads) softmax(float* s, std::int64_t rows, int cols) {
  const std::int64_t row = (std::int64_t{blockIdx.x} * threads + threadIdx.x) / 32;
  if (row >= rows) return;
  float *x = s + row * cols, top = -INFINITY, sum = 0;
  const int lane = threadIdx.x % 32;
  for (int j = lane; j < cols; j += 32) top = fmaxf(top, x[j]);
  for (int half = 16; half > 0; half /= 2) top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, half));
  for (int j = lane; j < cols; j += 32) sum += x[j] = expf(x[j] - top);
  for (int half = 16; half > 0; half /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, half);
  for (int j = lane; j < cols; j += 32) x[j] /= sum;
}

class ThreeKernels {
 public:
  explicit ThreeKernels(const aisp::Setup& setup)
      : scores_(setup.param("heads") * setup.param("tokens") * setup.param("tokens")) {}
  void operator()(aisp::Slot slot, In q, In k, In v, Out o) const {
    const int heads = static_cast<int>(q.dim(0)), tokens = static_cast<int>(q.dim(1)), dim = static_cast<int>(q.dim(2));
    const unsigned of_tokens = aisp::blocks(tokens, tile), of_dim = aisp::blocks(dim, tile), z = aisp::blocks(heads, 1);
    const cudaStream_t stream = aisp::stream(slot);
    const std::int64_t rows = std::int64_t{heads} * tokens;
    multiply<true><<<dim3(of_tokens, of_tokens, z), threads, 0, stream>>>(q.data, k.data, scores_.get(), tokens, tokens,
                                                                          dim, 1 / std::sqrt(static_cast<float>(dim)));
    softmax<<<aisp::blocks(rows, threads / 32), threads, 0, stream>>>(scores_.get(), rows, tokens);
    multiply<false>
        <<<dim3(of_dim, of_tokens, z), threads, 0, stream>>>(scores_.get(), v.data, o.data, tokens, dim, tokens, 1);
  }

 private:
  aisp::DeviceBuffer<float> scores_;  // (heads, tokens, tokens)
};

}  // namespace

AISP_VARIANT(ThreeKernels, .about = "scores, softmax, values; the whole score matrix in memory");
