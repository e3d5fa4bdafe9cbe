// Baseline: FP32. The weights are expanded to floats once, when they are bound; a call expands the activations and
// forms the dot products in vector lanes of FP32 sums. Four rows of activations share each load of weights. What binds
// it: reading four bytes per weight from the last cache level or from memory.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <vector>

namespace {

// Σ x[p]·w[p] in 32 running sums, so that the loop vectorises.
inline __attribute__((always_inline)) float dot(std::int64_t k, const float* x, const float* w) {
  constexpr std::int64_t lanes = 32;
  float sum[lanes] = {};
  std::int64_t p = 0;
  for (; p + lanes <= k; p += lanes)
    for (std::int64_t l = 0; l < lanes; ++l) sum[l] += x[p + l] * w[p + l];
  float total = 0;
  for (; p < k; ++p) total += x[p] * w[p];
  for (std::int64_t l = 0; l < lanes; ++l) total += sum[l];
  return total;
}

AISP_SIMD void linear(aisp::Matrix<const std::int8_t> x, aisp::Vector<const float> x_scale, const float* w,
                      aisp::Vector<const float> w_scale, float* expanded, aisp::Matrix<float> y) {
  const auto batch = x.dim(0), k = x.dim(1), n = y.dim(1);
  for (std::int64_t i = 0; i < batch * k; ++i) expanded[i] = x[i];
  for (std::int64_t j = 0; j < n; ++j)
    for (std::int64_t b = 0; b < batch; ++b) y(b, j) = x_scale[b] * w_scale[j] * dot(k, expanded + b * k, w + j * k);
}

class Fp32 {
 public:
  explicit Fp32(const aisp::Setup& setup)
      : expanded_(static_cast<std::size_t>(setup.param("batch") * setup.param("k"))) {}
  void bind(aisp::Matrix<const std::int8_t>, aisp::Vector<const float>, aisp::Matrix<const std::int8_t> w,
            aisp::Vector<const float>, aisp::Matrix<float>) {
    weights_.assign(w.begin(), w.end());
  }
  void operator()(aisp::Matrix<const std::int8_t> x, aisp::Vector<const float> x_scale, aisp::Matrix<const std::int8_t>,
                  aisp::Vector<const float> w_scale, aisp::Matrix<float> y) {
    linear(x, x_scale, weights_.data(), w_scale, expanded_.data(), y);
  }

 private:
  std::vector<float> expanded_, weights_;
};

}  // namespace

AISP_VARIANT(Fp32, .about = "weights expanded to FP32, FP32 dot products");
