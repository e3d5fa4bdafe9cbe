// One read: all of a row's loads, 16 bytes each, are under way at once, and h stays in the registers of its block from
// the addition to the result: 32 KB a block, several blocks a multiprocessor. h is stored before the block folds, and
// the weights are fetched then, so that the barrier hides behind traffic.
// Expected: close to a copy of the same bytes. What binds it: memory bandwidth.
#include "../rows.hpp"

namespace {

using namespace ch09;
using In = aisp::Matrix<const float>;
using Out = aisp::Matrix<float>;
constexpr int vectors = 4;  // of 16 bytes a thread: 4096 floats are 256 threads

template <int threads, bool whole>
__global__ void __launch_bounds__(threads)
    rms_norm(const float* __restrict__ x, const float* __restrict__ residual, const float* __restrict__ weight,
             float* __restrict__ h, float* __restrict__ y, int cols) {
  using Row = Layout<float, threads, whole>;
  __shared__ float partial[threads / 32];
  const auto start = std::int64_t{blockIdx.x} * cols;

  uint4 of_x[vectors], of_residual[vectors], of_weight[vectors];
#pragma unroll
  for (int k = 0; k < vectors; ++k) {
    of_x[k] = Row::load(x + start, cols, k);
    of_residual[k] = Row::load(residual + start, cols, k);
  }
  float v[vectors][4], squares = 0;
#pragma unroll
  for (int k = 0; k < vectors; ++k) {
    float r[4];
    unpack(of_x[k], v[k]);
    unpack(of_residual[k], r);
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      v[k][e] += r[e];
      squares += v[k][e] * v[k][e];
    }
    Row::store(h + start, cols, k, v[k]);
  }
#pragma unroll
  for (int k = 0; k < vectors; ++k) of_weight[k] = Row::load(weight, cols, k);

  const float inverse = rsqrtf(sum(squares, partial) / static_cast<float>(cols) + 1e-5f);
#pragma unroll
  for (int k = 0; k < vectors; ++k) {
    float w[4];
    unpack(of_weight[k], w);
#pragma unroll
    for (int e = 0; e < 4; ++e) v[k][e] *= inverse * w[e];
    Row::store(y + start, cols, k, v[k]);
  }
}

void one_read(aisp::Slot slot, In x, In residual, aisp::Vector<const float> weight, Out h, Out y) {
  launch_rows<float, vectors>(x.dim(1), [&]<int threads, bool whole>() {
    rms_norm<threads, whole><<<static_cast<unsigned>(x.dim(0)), threads, 0, aisp::stream(slot)>>>(
        x.data, residual.data, weight.data, h.data, y.data, static_cast<int>(x.dim(1)));
  });
}

}  // namespace

AISP_VARIANT(one_read, .about = "one read, a row in the registers of a block");
