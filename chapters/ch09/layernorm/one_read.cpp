// One read: each row is added and summed in one loop; its variance and the result follow while it is still in the
// first-level cache. Effect: memory sees x and residual once, h and y once. What binds it: memory bandwidth.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include "layer_norm.hpp"

namespace {

using In = aisp::Matrix<const float>;
using Row = aisp::Vector<const float>;
using Out = aisp::Matrix<float>;

AISP_SIMD void one_read(In x, In residual, Row weight, Row bias, Out h, Out y) {
  const auto cols = x.dim(1);
  for (std::int64_t i = 0; i < x.dim(0); ++i) {
    const float *in = &x(i, 0), *res = &residual(i, 0);
    float* row = &h(i, 0);
    ch09::Lanes sums = {}, v, r;
    std::int64_t j = 0;
    for (; j + ch09::kLanes <= cols; j += ch09::kLanes) {
      ch09::load(in + j, v);
      ch09::load(res + j, r);
      v += r;
      ch09::store(row + j, v);
      sums += v;
    }
    float sum = ch09::sum_of(sums);
    for (; j < cols; ++j) sum += row[j] = in[j] + res[j];
    ch09::normalise(row, sum / static_cast<float>(cols), weight.data, bias.data, &y(i, 0), cols);
  }
}

}  // namespace

AISP_VARIANT(one_read, .about = "one kernel, each row read once");
