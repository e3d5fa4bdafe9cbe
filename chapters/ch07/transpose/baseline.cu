// Baseline: tiles of 32 x 32 floats through shared memory, padded to 33 columns so that neither rows nor columns
// collide in its banks. Reads and writes are coalesced, 4 bytes a lane. What binds it: instructions and latency; a
// thread has four loads under way, and each tile waits for its barrier.
#include <aisp/cuda.hpp>

namespace {

constexpr int tile = 32, rows_at_once = 8;

__global__ void transpose(const float* __restrict__ x, float* __restrict__ y, std::int64_t rows, std::int64_t cols) {
  __shared__ float shared[tile][tile + 1];
  const auto i0 = std::int64_t{blockIdx.y} * tile, j0 = std::int64_t{blockIdx.x} * tile;
#pragma unroll
  for (int r = threadIdx.y; r < tile; r += rows_at_once)
    if (i0 + r < rows && j0 + threadIdx.x < cols) shared[r][threadIdx.x] = x[(i0 + r) * cols + j0 + threadIdx.x];
  __syncthreads();
#pragma unroll
  for (int r = threadIdx.y; r < tile; r += rows_at_once)
    if (j0 + r < cols && i0 + threadIdx.x < rows) y[(j0 + r) * rows + i0 + threadIdx.x] = shared[threadIdx.x][r];
}

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  const auto rows = x.dim(0), cols = x.dim(1);
  const dim3 grid(aisp::blocks(cols, tile), aisp::blocks(rows, tile));
  transpose<<<grid, dim3(tile, rows_at_once), 0, aisp::stream(slot)>>>(x.data, y.data, rows, cols);
}

}  // namespace

AISP_VARIANT(run, .about = "tiles of 32 x 33 in shared memory");
