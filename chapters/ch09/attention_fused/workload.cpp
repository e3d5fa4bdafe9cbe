// Attention of several heads: o = softmax(q·kᵀ / √dim)·v, each of q, k, v, o of shape (heads, tokens, dim).
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Attention of several heads, f32, no mask");
  const auto heads = w.param("heads", {.light = 2, .full = 8, .held_out = {1, 3}});
  const auto tokens = w.param("tokens", {.light = 256, .full = 2048, .held_out = {1, 200}, .edges = {1, 17, 65}});
  const auto dim = w.param("dim", {.light = 64, .full = 64, .held_out = {1, 100}, .edges = {1, 17}});
  w.input("q", f32, {heads, tokens, dim}, mixed(normal(0, 1)));
  w.input("k", f32, {heads, tokens, dim}, mixed(normal(0, 1)));
  w.input("v", f32, {heads, tokens, dim}, mixed(normal(0, 1)));
  w.output("o", f32, {heads, tokens, dim});
  w.accumulates(tokens + dim);
  w.flops(4.0 * static_cast<double>(heads * tokens * tokens * dim));
  w.reference([=](Case& c) {
    const auto q = c.in<3>("q"), k = c.in<3>("k"), v = c.in<3>("v");
    const auto o = c.out<3>("o"), scale = c.scale<3>("o");
    const auto T = static_cast<std::size_t>(tokens), D = static_cast<std::size_t>(dim);
    const double root = 1 / std::sqrt(static_cast<double>(dim));
    std::vector<double> transposed(T * D), score(T), magnitude(T);
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t j = 0; j < tokens; ++j)
        for (std::int64_t d = 0; d < dim; ++d) transposed[static_cast<std::size_t>(d * tokens + j)] = k(h, j, d);
      for (std::int64_t i = 0; i < tokens; ++i) {
        std::fill(score.begin(), score.end(), 0.0);
        std::fill(magnitude.begin(), magnitude.end(), 0.0);
        for (std::int64_t d = 0; d < dim; ++d) {
          const double element = q(h, i, d) * root;
          const double* row = &transposed[static_cast<std::size_t>(d * tokens)];
          for (std::size_t j = 0; j < T; ++j) {
            const double term = element * row[j];
            score[j] += term;
            magnitude[j] += std::abs(term);
          }
        }
        const double top = *std::max_element(score.begin(), score.end());
        double sum = 0;
        for (auto& s : score) sum += s = std::exp(s - top);
        double* out = &o(h, i, 0);
        double* size = &scale(h, i, 0);
        std::fill(out, out + dim, 0.0);
        std::fill(size, size + dim, 0.0);
        // A rounding of the score moves exp by as many units as the score's terms are large; probabilities below 2⁻¹²⁶
        // may become zero.
        const double most = *std::max_element(magnitude.begin(), magnitude.end());
        for (std::int64_t j = 0; j < tokens; ++j) {
          const double p = score[static_cast<std::size_t>(j)] / sum;
          const double weight = p * (1 + most + magnitude[static_cast<std::size_t>(j)]) + 0x1p-102;
          const double* row = &v(h, j, 0);
          for (std::int64_t d = 0; d < dim; ++d) {
            out[d] += p * row[d];
            size[d] += weight * std::abs(row[d]);
          }
        }
      }
    }
  });
}
