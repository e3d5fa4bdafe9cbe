// Baseline: the threads of a block fetch the tile with its halo by hand: each computes the row and column of its next
// element, asks whether it lies inside the image, loads it into a register and stores it to shared memory.
// What binds it: instructions; a division and two comparisons for every 4 bytes, and few loads in flight.
#include "stencil.hpp"

namespace {

using namespace stencil;

__global__ void __launch_bounds__(threads) filter_image(const float* __restrict__ x, const float* __restrict__ weights,
                                                        float* __restrict__ y, std::int64_t rows, std::int64_t cols) {
  __shared__ Tile tile;
  constexpr int used_cols = tile_cols + 2;
  const auto i0 = std::int64_t{blockIdx.y} * tile_rows, j0 = std::int64_t{blockIdx.x} * tile_cols;
#pragma unroll
  for (int e = threadIdx.x; e < halo_rows * used_cols; e += threads) {
    const int r = e / used_cols, c = e % used_cols;
    const auto i = i0 + r - 1, j = j0 + c - 1;
    const bool inside = i >= 0 && i < rows && j >= 0 && j < cols;
    tile[r][left - 1 + c] = inside ? x[i * cols + j] : 0.0f;
  }
  __syncthreads();
  filter_tile(tile, weights, y, rows, cols, i0, j0);
}

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<const float> weight, aisp::Matrix<float> y) {
  const dim3 grid(aisp::blocks(x.dim(1), tile_cols), aisp::blocks(x.dim(0), tile_rows));
  filter_image<<<grid, threads, 0, aisp::stream(slot)>>>(x.data, weight.data, y.data, x.dim(0), x.dim(1));
}

}  // namespace

AISP_VARIANT(run, .about = "threads fetch the tile, element by element");
