// Softmax that reads its input twice instead of three times: maximum and sum in one pass, where a new maximum rescales
// the sum so far (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018).
// Expected effect: none while the row stays in the cache, where exp binds; it pays when rows come from memory.
#include <aisp/variant.hpp>

#include <cmath>
#include <limits>

namespace {

void online(aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  const auto rows = x.dim(0), cols = x.dim(1);
  for (std::int64_t i = 0; i < rows; ++i) {
    const float* in = &x(i, 0);
    float* out = &y(i, 0);
    float top = -std::numeric_limits<float>::infinity(), sum = 0;
    for (std::int64_t j = 0; j < cols; ++j) {
      if (in[j] > top) {
        sum *= std::exp(top - in[j]);
        top = in[j];
      }
      sum += std::exp(in[j] - top);
    }
    const float scale = 1 / sum;
    for (std::int64_t j = 0; j < cols; ++j) out[j] = std::exp(in[j] - top) * scale;
  }
}

}  // namespace

AISP_VARIANT(online, .about = "maximum and sum in one pass");
