// Micro-tiles, as on the CPU: 8 × 4 elements of C stay in the registers of a thread. A block of 128 threads fetches
// panels of A (transposed, so that a micro-tile's rows lie side by side) and of B, 16 deep, into shared memory; while
// it multiplies one pair of panels the next is on its way through registers into a second pair. Three loads of 16 bytes
// from shared memory feed 32 multiply-adds, where the baseline has two loads for one. What binds it: multiply-adds, and
// with few tiles of C the latency of fetching panels.
#include <aisp/cuda.hpp>
#include <aisp/cuda/shared_storage.hpp>

namespace {

using namespace aisp::cuda;

constexpr int side = 64, depth = 16, threads = 128;
constexpr int pieces = side * depth / 4 / threads;  // of 16 bytes, that a thread fetches of each panel

struct Shared {
  struct Panels {
    float a[depth][side + 4];  // padding keeps rows at multiples of 16 bytes, and columns off one bank
    float b[depth][side];
  } panels[2];
};

// Four elements of a row, those beyond the matrix zero. `whole`: rows begin at multiples of 16 bytes.
__device__ inline float4 four(const float* matrix, int rows, int cols, int row, int col, bool whole) {
  float v[4] = {};
  if (row < rows) {
    const float* at = matrix + std::int64_t{row} * cols + col;
    if (whole && col < cols) return *reinterpret_cast<const float4*>(at);
    for (int i = 0; i < 4; ++i)
      if (col + i < cols) v[i] = at[i];
  }
  return {v[0], v[1], v[2], v[3]};
}

__global__ void __launch_bounds__(threads)
    product(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ c, int m, int n, int k) {
  auto& s = shared_storage<Shared>();
  const int me = static_cast<int>(threadIdx.x), row = me / 16 * 4, col = me % 16 * 4;  // of the micro-tile
  const int i0 = static_cast<int>(blockIdx.y) * side, j0 = static_cast<int>(blockIdx.x) * side;
  const bool whole_a = k % 4 == 0, whole_b = n % 4 == 0;

  float4 next_a[pieces], next_b[pieces];
  const auto fetch = [&](int p0) {
#pragma unroll
    for (int i = 0; i < pieces; ++i) {
      const int piece = me + i * threads;
      next_a[i] = four(a, m, k, i0 + piece / 4, p0 + piece % 4 * 4, whole_a);
      next_b[i] = four(b, k, n, p0 + piece / 16, j0 + piece % 16 * 4, whole_b);
    }
  };
  const auto put = [&](Shared::Panels& to) {
#pragma unroll
    for (int i = 0; i < pieces; ++i) {
      const int piece = me + i * threads, p = piece % 4 * 4;
      const float v[4] = {next_a[i].x, next_a[i].y, next_a[i].z, next_a[i].w};
#pragma unroll
      for (int e = 0; e < 4; ++e) to.a[p + e][piece / 4] = v[e];
      *reinterpret_cast<float4*>(&to.b[piece / 16][piece % 16 * 4]) = next_b[i];
    }
  };

  float sum[8][4] = {};
  fetch(0);
  put(s.panels[0]);
  __syncthreads();
  for (int p0 = 0, now = 0; p0 < k; p0 += depth, now ^= 1) {
    const bool more = p0 + depth < k;
    if (more) fetch(p0 + depth);
    const auto& [panel_a, panel_b] = s.panels[now];
#pragma unroll
    for (int p = 0; p < depth; ++p) {
      const float4 upper = *reinterpret_cast<const float4*>(&panel_a[p][row]);
      const float4 lower = *reinterpret_cast<const float4*>(&panel_a[p][row + side / 2]);
      const float4 right = *reinterpret_cast<const float4*>(&panel_b[p][col]);
      const float x[8] = {upper.x, upper.y, upper.z, upper.w, lower.x, lower.y, lower.z, lower.w};
      const float y[4] = {right.x, right.y, right.z, right.w};
#pragma unroll
      for (int r = 0; r < 8; ++r)
#pragma unroll
        for (int e = 0; e < 4; ++e) sum[r][e] += x[r] * y[e];
    }
    if (more) put(s.panels[now ^ 1]);
    __syncthreads();
  }
#pragma unroll
  for (int r = 0; r < 8; ++r) {
    const int i = i0 + row + r % 4 + r / 4 * (side / 2), j = j0 + col;
    if (i >= m) continue;
    float* at = c + std::int64_t{i} * n + j;
    if (whole_b && j < n)
      *reinterpret_cast<float4*>(at) = {sum[r][0], sum[r][1], sum[r][2], sum[r][3]};
    else
      for (int e = 0; e < 4; ++e)
        if (j + e < n) at[e] = sum[r][e];
  }
}

void run(aisp::Slot slot, aisp::Matrix<const float> a, aisp::Matrix<const float> b, aisp::Matrix<float> c) {
  const dim3 grid(aisp::blocks(c.dim(1), side), aisp::blocks(c.dim(0), side));
  aisp::launch({.stream = aisp::stream(slot), .grid = grid, .threads = threads, .shared = shared_bytes<Shared>},
               product, a.data, b.data, c.data, static_cast<int>(c.dim(0)), static_cast<int>(c.dim(1)),
               static_cast<int>(a.dim(1)));
}

}  // namespace

AISP_VARIANT(run, .about = "8x4 elements of C in a thread's registers, panels in shared memory");
