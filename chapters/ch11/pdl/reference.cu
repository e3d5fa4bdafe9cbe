// The reference of workload.cpp on the device: a warp for each row.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto weights = c.in<float, 3>("weights");
  const auto x = c.in<float, 1>("x");
  const auto y = c.out<1>("y"), scale = c.scale<1>("y");
  const std::int64_t layers = weights.dim(0), n = weights.dim(1);
  double* buffers[] = {c.scratch(n), c.scratch(n)};
  double* first = buffers[1];
  c.for_each(n, [=] __device__(std::int64_t i) { first[i] = x[i]; });
  for (std::int64_t l = 0; l < layers; ++l) {
    const double* h = buffers[(l + 1) % 2];
    double* next = l + 1 == layers ? y.data : buffers[l % 2];
    c.for_each(32 * n, [=] __device__(std::int64_t at) {
      const std::int64_t i = at / 32;
      double sum = 0, magnitude = 0;
      for (std::int64_t j = at % 32; j < n; j += 32) {
        const double term = static_cast<double>(weights(l, i, j)) * h[j];
        sum += term;
        magnitude += fabs(term);
      }
      for (int half = 16; half > 0; half /= 2) {
        sum += __shfl_xor_sync(0xffffffffu, sum, half);
        magnitude += __shfl_xor_sync(0xffffffffu, magnitude, half);
      }
      if (at % 32 == 0) {
        next[i] = l + 1 < layers && sum < 0 ? 0 : sum;
        scale[i] = magnitude;
      }
    });
  }
}
