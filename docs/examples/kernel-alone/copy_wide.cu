// A copy that moves 16 bytes an access: a quarter of the instructions of one float at a time, and four times the bytes
// under way. A file of kernels alone: nvcc compiles it, and so does NVRTC where there is no toolkit.
//
//   aisp judge copy_wide.cu --workload ch07:copy_vectorized
#include <aisp/kernel.cuh>

namespace {

constexpr int threads = 256, blocks_per_multiprocessor = 8;

__global__ void copy_wide(aisp::Vector<const float> x, aisp::Vector<float> y) {
  const auto n = y.size(), wide = n / 4, step = std::int64_t{gridDim.x} * blockDim.x;
  const auto first = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  const auto* from = reinterpret_cast<const float4*>(x.data);  // tensors begin at a multiple of 16 bytes
  auto* to = reinterpret_cast<float4*>(y.data);
  for (auto i = first; i < wide; i += step) to[i] = from[i];
  for (auto i = 4 * wide + first; i < n; i += step) y[i] = x[i];
}

}  // namespace

AISP_KERNEL(copy_wide, [](auto, auto) {
  return aisp::Launch{.blocks = {static_cast<unsigned>(aisp::multiprocessors() * blocks_per_multiprocessor)},
                      .threads = {threads}};
});
