// Fused: one kernel, a block per row, which stays in registers between the sum of its squares and its scaling.
// Effect: five streams become two, so up to 2.5 times. What binds it: memory bandwidth, at the least traffic that the
// problem has; 16 KB of loads a block and eight blocks a multiprocessor keep it busy while some of them fold.
#include "../rows.hpp"

namespace {

using namespace ch09;
constexpr int vectors = 4;  // of 16 bytes a thread: 4096 floats are 256 threads

template <int threads, bool whole>
__global__ void __launch_bounds__(threads) unit_rows(const float* __restrict__ x, float* __restrict__ y, int cols) {
  using Row = Layout<float, threads, whole>;
  __shared__ float partial[threads / 32];
  const auto start = std::int64_t{blockIdx.x} * cols;
  uint4 raw[vectors];
#pragma unroll
  for (int k = 0; k < vectors; ++k) raw[k] = Row::load(x + start, cols, k);
  float v[vectors][4], squares = 0;
#pragma unroll
  for (int k = 0; k < vectors; ++k) {
    unpack(raw[k], v[k]);
#pragma unroll
    for (int e = 0; e < 4; ++e) squares += v[k][e] * v[k][e];
  }
  const float inverse = rsqrtf(sum(squares, partial) + 1e-12f);
#pragma unroll
  for (int k = 0; k < vectors; ++k) {
#pragma unroll
    for (int e = 0; e < 4; ++e) v[k][e] *= inverse;
    Row::store(y + start, cols, k, v[k]);
  }
}

void fused(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  launch_rows<float, vectors>(x.dim(1), [&]<int threads, bool whole>() {
    unit_rows<threads, whole><<<static_cast<unsigned>(x.dim(0)), threads, 0, aisp::stream(slot)>>>(
        x.data, y.data, static_cast<int>(x.dim(1)));
  });
}

}  // namespace

AISP_VARIANT(fused, .about = "one kernel, a row in the registers of a block");
