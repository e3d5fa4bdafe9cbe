// Draws on the device. Compiled without contraction to fma, like the host's: the bits must be the same.
#include <stdexcept>

#include "verify/cuda/device.hpp"
#include "verify/cuda/draw_elements.hpp"
#include "verify/cuda/launch.hpp"

namespace aisp::verify::cuda {
namespace {

template <class T> __global__ void draw_elements(const __grid_constant__ Drawing d, std::byte* out) {
  const std::int64_t blocks = (d.elements + kGroup - 1) / kGroup * kLanes;
  const auto step = std::int64_t{gridDim.x} * blockDim.x;
  for (auto at = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; at < blocks; at += step)
    draw_block<T>(d, at / kLanes, static_cast<std::uint32_t>(at % kLanes), out);
}

}  // namespace

void draw(const Drawing& d, std::byte* to, cudaStream_t stream) {
  const unsigned blocks = blocks_for((d.elements + kGroup - 1) / kGroup * kLanes);
  switch (d.values) {
    case Drawing::Values::custom: throw std::logic_error("a custom distribution is drawn on the host");
    case Drawing::Values::uniform:
    case Drawing::Values::normal:
      if (d.in_double)
        draw_elements<double><<<blocks, kThreads, 0, stream>>>(d, to);
      else
        draw_elements<float><<<blocks, kThreads, 0, stream>>>(d, to);
      break;
    default: draw_elements<std::int64_t><<<blocks, kThreads, 0, stream>>>(d, to);
  }
  launched();
}

}  // namespace aisp::verify::cuda
