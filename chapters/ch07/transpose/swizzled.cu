// Swizzled: tiles of 64 x 64, 16 bytes an access on every side. A thread loads a 4 x 4 block as four float4, turns it
// in registers and stores it to shared memory as four float4 of the transposed tile. There the columns of float4 are
// exclusive-ored with the row's block, so that the eight lanes that share a transaction meet eight different groups of
// banks, both on the way in and on the way out, without padding. Tiles come down the columns of x, so that blocks in
// flight at the same time write neighbouring pieces of the same rows: memory minds scattered writes more than
// scattered reads, by 3 per cent here. Expected: close to a copy of the same bytes. What binds it: memory bandwidth.
#include <aisp/cuda.hpp>

namespace {

constexpr int tile = 64, block = 4, blocks_per_row = tile / block, threads = blocks_per_row * blocks_per_row;

// Four neighbours of a row, zeros outside. `whole`: both dimensions are multiples of 4, so a float4 is in or out whole.
template <bool whole>
__device__ float4 load4(const float* x, std::int64_t rows, std::int64_t cols, std::int64_t i, std::int64_t j) {
  float4 v = {};
  if (i >= rows) return v;
  const float* from = x + i * cols + j;
  if constexpr (whole) {
    if (j < cols) v = *reinterpret_cast<const float4*>(from);
  } else {
    if (j < cols) v.x = from[0];
    if (j + 1 < cols) v.y = from[1];
    if (j + 2 < cols) v.z = from[2];
    if (j + 3 < cols) v.w = from[3];
  }
  return v;
}

template <bool whole>
__device__ void store4(float* y, std::int64_t rows, std::int64_t cols, std::int64_t i, std::int64_t j, float4 v) {
  if (i >= rows) return;
  float* to = y + i * cols + j;
  if constexpr (whole) {
    if (j < cols) *reinterpret_cast<float4*>(to) = v;
  } else {
    if (j < cols) to[0] = v.x;
    if (j + 1 < cols) to[1] = v.y;
    if (j + 2 < cols) to[2] = v.z;
    if (j + 3 < cols) to[3] = v.w;
  }
}

template <bool whole>
__global__ void __launch_bounds__(threads)
    transpose(const float* __restrict__ x, float* __restrict__ y, std::int64_t rows, std::int64_t cols) {
  __shared__ float4 turned[tile][blocks_per_row];
  const int bi = threadIdx.x / blocks_per_row, bj = threadIdx.x % blocks_per_row;
  const auto i0 = std::int64_t{blockIdx.x} * tile, j0 = std::int64_t{blockIdx.y} * tile;  // down the columns of x

  float4 v[block];
#pragma unroll
  for (int r = 0; r < block; ++r) v[r] = load4<whole>(x, rows, cols, i0 + block * bi + r, j0 + block * bj);
  const int column = bi ^ bj;  // row block * bj + q of the transposed tile belongs to block bj
  turned[block * bj + 0][column] = {v[0].x, v[1].x, v[2].x, v[3].x};
  turned[block * bj + 1][column] = {v[0].y, v[1].y, v[2].y, v[3].y};
  turned[block * bj + 2][column] = {v[0].z, v[1].z, v[2].z, v[3].z};
  turned[block * bj + 3][column] = {v[0].w, v[1].w, v[2].w, v[3].w};
  __syncthreads();

#pragma unroll
  for (int q = 0; q < block; ++q) {
    const int r = q * blocks_per_row + bi;  // a row of the transposed tile; its block is r / 4
    store4<whole>(y, cols, rows, j0 + r, i0 + block * bj, turned[r][bj ^ (r / block)]);
  }
}

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  const auto rows = x.dim(0), cols = x.dim(1);
  const dim3 grid(aisp::blocks(rows, tile), aisp::blocks(cols, tile));
  const auto kernel = rows % 4 == 0 && cols % 4 == 0 ? transpose<true> : transpose<false>;
  kernel<<<grid, threads, 0, aisp::stream(slot)>>>(x.data, y.data, rows, cols);
}

}  // namespace

AISP_VARIANT(run, .about = "tiles of 64 x 64, 16 bytes on both sides, swizzled");
