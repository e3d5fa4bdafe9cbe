// The device reference of the softmax targets, which differ in the dtype of x only: a warp for each row, in double.
#pragma once

#include <aisp/device_reference.hpp>

namespace ch09 {

inline AISP_HD double value(float v) { return v; }
inline AISP_HD double value(aisp::bfloat16 v) { return aisp::to_float(v); }

template <class T> void softmax_reference(aisp::DeviceCase& c) {
  const auto x = c.in<T, 2>("x");
  const auto y = c.out<2>("y"), scale = c.scale<2>("y");
  const std::int64_t rows = x.dim(0), cols = x.dim(1);
  c.for_each(32 * rows, [=] __device__(std::int64_t at) {
    const std::int64_t i = at / 32, lane = at % 32;
    double top = value(x(i, 0)), sum = 0;
    for (std::int64_t j = lane; j < cols; j += 32) top = fmax(top, value(x(i, j)));
    for (int half = 16; half > 0; half /= 2) top = fmax(top, __shfl_xor_sync(0xffffffffu, top, half));
    for (std::int64_t j = lane; j < cols; j += 32) sum += y(i, j) = exp(value(x(i, j)) - top);
    for (int half = 16; half > 0; half /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, half);
    for (std::int64_t j = lane; j < cols; j += 32) {
      y(i, j) /= sum;
      scale(i, j) = y(i, j) * (1 + top - value(x(i, j))) + 0x1p-102;
    }
  });
}

}  // namespace ch09
