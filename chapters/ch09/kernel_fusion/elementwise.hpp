// What both CUDA variants share: vectors of four floats where rows are multiples of 16 bytes, and who computes what: a
// block takes 256 neighbours of a row, and blocks follow each other in the order of addresses.
#pragma once

#include <aisp/cuda.hpp>

namespace ch09 {

constexpr int elementwise_threads = 256;

__device__ inline float4 operator*(float4 a, float4 b) { return {a.x * b.x, a.y * b.y, a.z * b.z, a.w * b.w}; }
__device__ inline float4 operator+(float4 a, float4 b) { return {a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w}; }
__device__ inline float relu(float v) { return fmaxf(v, 0); }
__device__ inline float4 relu(float4 v) { return {relu(v.x), relu(v.y), relu(v.z), relu(v.w)}; }

struct Element {
  std::int64_t at;  // in the matrix
  std::int64_t column;
  bool inside;
};
// `cols` counts elements of the kernel's type, as do the results.
__device__ inline Element element(std::int64_t cols) {
  const auto across = static_cast<unsigned>((cols + elementwise_threads - 1) / elementwise_threads);  // blocks of a row
  const unsigned row = blockIdx.x / across;
  const auto column = std::int64_t{blockIdx.x % across} * elementwise_threads + threadIdx.x;
  return {row * cols + column, column, column < cols};
}
inline unsigned elementwise_blocks(std::int64_t rows, std::int64_t cols) {
  return static_cast<unsigned>(rows) * aisp::blocks(cols, elementwise_threads);
}

// Calls launch(x, residual, gain, bias, y, cols) with pointers to float4 where rows allow it, otherwise to float.
template <class Launch>
void in_vectors(aisp::Matrix<const float> x, aisp::Matrix<const float> residual, aisp::Vector<const float> gain,
                aisp::Vector<const float> bias, aisp::Matrix<float> y, Launch&& launch) {
  const auto four = [](const float* p) { return reinterpret_cast<const float4*>(p); };
  if (x.dim(1) % 4 == 0)
    launch(four(x.data), four(residual.data), four(gain.data), four(bias.data), reinterpret_cast<float4*>(y.data),
           x.dim(1) / 4);
  else
    launch(x.data, residual.data, gain.data, bias.data, y.data, x.dim(1));
}

}  // namespace ch09
