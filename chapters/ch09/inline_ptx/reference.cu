// The reference of workload.cpp on the device.
#include <aisp/device_reference.hpp>

AISP_DEVICE_REFERENCE(c) {
  const auto v = c.in<std::int8_t, 2>("vectors"), q = c.in<std::int8_t, 2>("queries");
  const auto y = c.out<2>("y");
  const std::int64_t dim = v.dim(1), queries = q.dim(0);
  c.for_each(y.size(), [=] __device__(std::int64_t at) {
    std::int64_t sum = 0;
    for (std::int64_t d = 0; d < dim; ++d) sum += std::int64_t{v(at / queries, d)} * q(at % queries, d);
    y[at] = static_cast<double>(sum);
  });
}
