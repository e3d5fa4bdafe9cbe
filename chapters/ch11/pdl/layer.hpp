// What both variants share: the row of a layer that a warp holds, its product with h, and the chain of layers, which
// both capture into a graph, so that the host has no part in the time.
#pragma once

#include <aisp/cuda/graph.hpp>

#include <vector>

namespace ch11 {

constexpr int kThreads = 256, kWarps = kThreads / 32;
constexpr int kHeld = 8;  // float4 a lane: the first 1024 columns of a row

// The part of this warp's row that fits its registers; n is a multiple of 4.
__device__ inline void hold(const float* row, std::int64_t n, float4 (&held)[kHeld]) {
#pragma unroll
  for (int v = 0; v < kHeld; ++v) {
    const int j = 4 * (static_cast<int>(threadIdx.x) % 32 + 32 * v);
    held[v] = j < n ? *reinterpret_cast<const float4*>(row + j) : float4{0, 0, 0, 0};
  }
}

__device__ inline float dot(float4 a, float4 b) { return (a.x * b.x + a.y * b.y) + (a.z * b.z + a.w * b.w); }

// Σ row[j]·h[j], for every lane of the warp. `h` is written by the kernel before: no access may move ahead of the wait
// for it, so it is not declared constant.
__device__ inline float product(const float4 (&held)[kHeld], const float* row, const float* h, std::int64_t n) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  float sum = 0;
#pragma unroll
  for (int v = 0; v < kHeld; ++v)
    if (const int j = 4 * (lane + 32 * v); j < n) sum += dot(held[v], *reinterpret_cast<const float4*>(h + j));
  for (std::int64_t j = 4 * (lane + 32 * kHeld); j < n; j += 4 * 32)
    sum += dot(*reinterpret_cast<const float4*>(row + j), *reinterpret_cast<const float4*>(h + j));
#pragma unroll
  for (int half = 16; half > 0; half /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, half);
  return sum;
}

// launch(stream, first, last, kernel arguments...) is called for every layer and captured. The last has no ReLU.
class Chain {
 public:
  explicit Chain(const aisp::Setup& setup)
      : scratch_(2 * setup.param("n")), graphs_(static_cast<std::size_t>(setup.max_slots())) {}
  template <class Launch>
  void capture(aisp::Slot slot, aisp::Tensor<const float, 3> weights, aisp::Vector<const float> x,
               aisp::Vector<float> y, const Launch& launch) {
    const auto layers = weights.dim(0), n = y.size();
    const aisp::cuda::Graph graph([&](cudaStream_t stream) {
      const float* h = x.data;
      for (std::int64_t l = 0; l < layers; ++l) {
        float* next = l + 1 == layers ? y.data : scratch_.get() + l % 2 * n;
        launch(stream, l == 0, l + 1 == layers, weights.data + l * n * n, h, next, n);
        h = next;
      }
    });
    auto& exec = graphs_[static_cast<std::size_t>(slot.index)] = aisp::cuda::GraphExec(graph);
    exec.upload(aisp::stream(slot));
  }
  void launch(aisp::Slot slot) const { graphs_[static_cast<std::size_t>(slot.index)].launch(aisp::stream(slot)); }

 private:
  aisp::DeviceBuffer<float> scratch_;
  std::vector<aisp::cuda::GraphExec> graphs_;  // one for each slot
};

}  // namespace ch11
