// The reference of workload.cpp on the device: a warp for each element and step.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto weights = c.in<float, 3>("weights"), x = c.in<float, 3>("x");
  const auto gain = c.in<float, 1>("gain");
  const auto y = c.out<3>("y"), scale = c.scale<3>("y");
  const std::int64_t batch = x.dim(1), all = x.dim(0) * batch, n = x.dim(2), steps = gain.size();
  double* buffers[] = {c.scratch(all * n), c.scratch(all * n)};
  double* start = buffers[1];
  c.for_each(all * n, [=] __device__(std::int64_t at) { start[at] = x[at]; });
  for (std::int64_t t = 0; t < steps; ++t) {
    const double* h = buffers[(t + 1) % 2];
    double* next = t + 1 == steps ? y.data : buffers[t % 2];
    c.for_each(32 * all * n, [=] __device__(std::int64_t at) {
      const std::int64_t r = at / 32 / n, i = at / 32 % n;
      const double g = gain[t];
      double sum = 0, magnitude = 0;
      for (std::int64_t j = at % 32; j < n; j += 32) {
        const double term = g * weights(r / batch, i, j) * h[r * n + j];
        sum += term;
        magnitude += fabs(term);
      }
      for (int half = 16; half > 0; half /= 2) {
        sum += __shfl_xor_sync(0xffffffffu, sum, half);
        magnitude += __shfl_xor_sync(0xffffffffu, magnitude, half);
      }
      if (at % 32 != 0) return;
      sum += x[at / 32];
      magnitude += fabs(static_cast<double>(x[at / 32]));
      const double slope = 1 / (1 + fabs(sum));
      next[at / 32] = sum * slope;
      scale[at / 32] = slope * slope * magnitude + fabs(sum * slope);
    });
  }
}
