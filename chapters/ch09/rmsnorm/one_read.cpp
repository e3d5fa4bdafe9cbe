// One read: each row is added, squared and summed in one loop, and scaled while it is still in the first-level cache.
// Effect: memory sees x and residual once, h and y once. What binds it: memory bandwidth.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <cmath>

#include "../lanes.hpp"

namespace {

using namespace ch09;
using In = aisp::Matrix<const float>;
using Out = aisp::Matrix<float>;

AISP_SIMD void one_read(In x, In residual, aisp::Vector<const float> weight, Out h, Out y) {
  const auto cols = x.dim(1);
  for (std::int64_t i = 0; i < x.dim(0); ++i) {
    const float *in = &x(i, 0), *res = &residual(i, 0), *scale = weight.data;
    float *sums = &h(i, 0), *__restrict out = &y(i, 0);
    Lanes a = {}, b = {}, v, w, r;
    std::int64_t j = 0;
    for (; j + 2 * kLanes <= cols; j += 2 * kLanes) {
      load(in + j, v);
      load(res + j, r);
      v += r;
      store(sums + j, v);
      a += v * v;
      load(in + j + kLanes, w);
      load(res + j + kLanes, r);
      w += r;
      store(sums + j + kLanes, w);
      b += w * w;
    }
    float sum = sum_of(a + b);
    for (; j < cols; ++j) {
      sums[j] = in[j] + res[j];
      sum += sums[j] * sums[j];
    }
    const float inverse = 1 / std::sqrt(sum / static_cast<float>(cols) + 1e-5f);
    for (j = 0; j < cols; ++j) out[j] = sums[j] * inverse * scale[j];
  }
}

}  // namespace

AISP_VARIANT(one_read, .about = "one kernel, each row read once");
