// Baseline: a matrix goes through a tile of 32 x 32 floats in shared memory, written by rows and read by columns.
// Shared memory has 32 banks of 4 bytes, and the elements of a column are 32 words apart: all 32 lanes of a warp ask
// the same bank, which answers one after the other. What binds it: shared memory, at a 32nd of its bandwidth.
#include <aisp/cuda.hpp>

namespace {

constexpr int tile = 32, rows_at_once = 8;

__global__ void transpose(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float shared[tile][tile];
  const auto base = std::int64_t{blockIdx.x} * tile * tile;
#pragma unroll
  for (int r = threadIdx.y; r < tile; r += rows_at_once) shared[r][threadIdx.x] = x[base + r * tile + threadIdx.x];
  __syncthreads();
#pragma unroll
  for (int r = threadIdx.y; r < tile; r += rows_at_once) y[base + r * tile + threadIdx.x] = shared[threadIdx.x][r];
}

void run(aisp::Slot slot, aisp::Tensor<const float, 3> x, aisp::Tensor<float, 3> y) {
  transpose<<<static_cast<unsigned>(x.dim(0)), dim3(tile, rows_at_once), 0, aisp::stream(slot)>>>(x.data, y.data);
}

}  // namespace

AISP_VARIANT(run, .about = "tile of 32 x 32, columns in one bank");
