// Flash attention (Dao et al., 2022, arXiv:2205.14135) in FP32: a block has 64 queries and takes 64 keys at a time;
// scores never leave the multiprocessor, and what was summed so far is scaled down where a tile raises a maximum.
// Effect: traffic of q, k, v and o alone. What binds it: multiply-adds, and the shared memory that feeds them. Tensor
// cores are chapter 10's.
#include <aisp/cuda.hpp>

#include <cmath>

namespace {

using In = aisp::Tensor<const float, 3>;
using Out = aisp::Tensor<float, 3>;

constexpr int tile = 64, threads = 256, pitch = tile + 4;  // of tiles stored by columns

// A thread has 4 queries, from 4·(thread / 16) on, with 4 keys of a tile and width / 16 columns of the output.
template <int width> struct Shared {
  float q[width][pitch], k[width][pitch];  // by columns: a row of these is one dimension of 64 queries or keys
  float v[tile][width];
  float p[tile][pitch];  // by keys
};

// 64 rows from `row` on, transposed; zeros behind the last row and the last column.
template <int width>
__device__ void load_columns(float (&to)[width][pitch], const float* from, int row, int rows, int dim) {
  for (int at = threadIdx.x; at < tile * width; at += threads) {
    const int r = at / width, d = at % width;
    to[d][r] = row + r < rows && d < dim ? from[std::int64_t{row + r} * dim + d] : 0;
  }
}

template <int width>
__global__ void __launch_bounds__(threads, 1)
    attend(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v, float* __restrict__ o,
           int tokens, int dim, float scale) {
  extern __shared__ __align__(16) unsigned char raw[];
  auto& s = *reinterpret_cast<Shared<width>*>(raw);
  constexpr int columns = width / 16;
  const std::int64_t head = std::int64_t{blockIdx.y} * tokens * dim;
  const int row = blockIdx.x * tile, ty = threadIdx.x / 16 * 4, tx = threadIdx.x % 16;
  load_columns<width>(s.q, q + head, row, tokens, dim);

  float top[4], sum[4] = {}, out[4][columns] = {};
#pragma unroll
  for (float& t : top) t = -INFINITY;
  for (int key = 0; key < tokens; key += tile) {
    __syncthreads();  // the last tile has been read
    load_columns<width>(s.k, k + head, key, tokens, dim);
    for (int at = threadIdx.x; at < tile * width; at += threads) {
      const int r = at / width, d = at % width;
      s.v[r][d] = key + r < tokens && d < dim ? v[head + std::int64_t{key + r} * dim + d] : 0;
    }
    __syncthreads();

    float score[4][4] = {};
    for (int d = 0; d < dim; ++d) {
      const auto x = *reinterpret_cast<const float4*>(&s.q[d][ty]);
      const auto y = *reinterpret_cast<const float4*>(&s.k[d][4 * tx]);
      const float left[] = {x.x, x.y, x.z, x.w}, right[] = {y.x, y.y, y.z, y.w};
#pragma unroll
      for (int i = 0; i < 4; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j) score[i][j] += left[i] * right[j];
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      float highest = top[i];
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        score[i][j] = key + 4 * tx + j < tokens ? score[i][j] * scale : -INFINITY;
        highest = fmaxf(highest, score[i][j]);
      }
      for (int half = 8; half > 0; half /= 2) highest = fmaxf(highest, __shfl_xor_sync(0xffffffffu, highest, half, 16));
      const float down = expf(top[i] - highest);  // a tile has at least one key
      top[i] = highest;
      sum[i] *= down;
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        const float p = expf(score[i][j] - highest);
        sum[i] += p;
        s.p[4 * tx + j][ty + i] = p;
      }
#pragma unroll
      for (float& x : out[i]) x *= down;
    }
    __syncwarp();  // a row of p is written and read by the same half of a warp
#pragma unroll 4
    for (int j = 0; j < tile; ++j) {
      const auto x = *reinterpret_cast<const float4*>(&s.p[j][ty]);
      const float left[] = {x.x, x.y, x.z, x.w};
      float right[columns];
#pragma unroll
      for (int c = 0; c < columns; c += 4)
        *reinterpret_cast<float4*>(right + c) = *reinterpret_cast<const float4*>(&s.v[j][4 * tx + 16 * c]);
#pragma unroll
      for (int i = 0; i < 4; ++i)
#pragma unroll
        for (int c = 0; c < columns; ++c) out[i][c] += left[i] * right[c];
    }
  }
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    for (int half = 8; half > 0; half /= 2) sum[i] += __shfl_xor_sync(0xffffffffu, sum[i], half, 16);
#pragma unroll
    for (int c = 0; c < columns; ++c) {
      const int d = 4 * tx + c / 4 * 64 + c % 4;
      if (row + ty + i < tokens && d < dim) o[head + std::int64_t{row + ty + i} * dim + d] = out[i][c] / sum[i];
    }
  }
}

class Flash {
 public:
  explicit Flash(const aisp::Setup& setup) {
    if (setup.param("dim") > 128) throw std::invalid_argument("made for heads of at most 128 dimensions");
    aisp::allow_shared(attend<64>, sizeof(Shared<64>));
    aisp::allow_shared(attend<128>, sizeof(Shared<128>));
  }
  void operator()(aisp::Slot slot, In q, In k, In v, Out o) const {
    const int tokens = static_cast<int>(q.dim(1)), dim = static_cast<int>(q.dim(2));
    const dim3 grid(aisp::blocks(tokens, tile), static_cast<unsigned>(q.dim(0)));
    const float scale = 1 / std::sqrt(static_cast<float>(dim));
    if (dim <= 64)
      attend<64><<<grid, threads, sizeof(Shared<64>), aisp::stream(slot)>>>(q.data, k.data, v.data, o.data, tokens, dim,
                                                                            scale);
    else
      attend<128><<<grid, threads, sizeof(Shared<128>), aisp::stream(slot)>>>(q.data, k.data, v.data, o.data, tokens,
                                                                              dim, scale);
  }
};

}  // namespace

AISP_VARIANT(Flash, .about = "tiles of 64 queries x 64 keys, online softmax, no score matrix");
