// The reference of workload.cpp on the device. A channel's recurrence is cut into segments, which are computed from
// zero at the same time; what the state before a segment contributes fades as decay^t and is added when it is known.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto x = c.in<float, 2>("x");
  const auto decay = c.in<float, 1>("decay");
  const auto y = c.out<2>("y"), scale = c.scale<2>("y");
  const std::int64_t channels = x.dim(0), steps = x.dim(1), length = 500, segments = (steps + length - 1) / length;
  c.for_each(channels * segments, [=] __device__(std::int64_t at) {
    const std::int64_t i = at % channels, begin = at / channels * length;
    const std::int64_t end = begin + length < steps ? begin + length : steps;
    const double d = decay[i];
    double state = 0, magnitude = 0;
    for (std::int64_t t = begin; t < end; ++t) {
      y(i, t) = state = d * state + x(i, t);
      scale(i, t) = magnitude = d * magnitude + fabs(static_cast<double>(x(i, t)));
    }
  });
  // The states after each segment, one segment after the other.
  double *state = c.scratch(channels * segments), *magnitude = c.scratch(channels * segments);
  c.for_each(channels, [=] __device__(std::int64_t i) {
    const double faded = pow(static_cast<double>(decay[i]), static_cast<double>(length));
    double s = 0, m = 0;
    for (std::int64_t k = 0; k < segments; ++k) {
      state[i * segments + k] = s;
      magnitude[i * segments + k] = m;
      const std::int64_t last = (k + 1) * length - 1;
      if (last >= steps) break;
      s = y(i, last) + faded * s;
      m = scale(i, last) + faded * m;
    }
  });
  c.for_each(channels * steps, [=] __device__(std::int64_t at) {
    const std::int64_t i = at / steps, t = at % steps, k = t / length;
    const double faded = pow(static_cast<double>(decay[i]), static_cast<double>(t - k * length + 1));
    y(i, t) += faded * state[i * segments + k];
    scale(i, t) += faded * magnitude[i * segments + k];
  });
}
