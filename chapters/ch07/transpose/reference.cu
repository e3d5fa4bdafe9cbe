// The reference of workload.cpp on the device, in patches of 32 x 32: a warp writes neighbours, and what it reads lies
// in lines that the next warps read too.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 2>("x");
  const auto y = c.out<2>("y");
  const std::int64_t rows = x.dim(0), cols = x.dim(1), across = (rows + 31) / 32, down = (cols + 31) / 32;
  c.for_each(1024 * across * down, [=] __device__(std::int64_t at) {
    const std::int64_t patch = at / 1024, i = patch % across * 32 + at % 32, j = patch / across * 32 + at / 32 % 32;
    if (i < rows && j < cols) y(j, i) = x(i, j);
  });
}
