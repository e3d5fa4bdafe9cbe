// What the attention workloads share, all but the mask: o = softmax(q·kᵀ / √dim)·v over the keys that a query sees, in
// BF16, each of q, k, v and o of shape (heads, tokens, dim).
#pragma once

#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "masks.hpp"

using namespace aisp;

namespace attention {

struct Sizes {
  std::int64_t heads, tokens, dim;
};

inline Sizes sizes(Workload& w) {
  return {w.param("heads", {.light = 4, .full = 16, .held_out = {1, 3}}),
          w.param("tokens", {.light = 512, .full = 8192, .held_out = {1, 700}, .edges = {1, 127, 129}}),
          w.param("dim", {.light = 64, .full = 128, .held_out = {64, 128, 64}})};
}

// `pairs` of a query and a key that it sees, in one head. `mask` is made from a case when its reference runs.
template <class MakeMask> void attention(Workload& w, Sizes s, double pairs, MakeMask make_mask) {
  const auto [heads, tokens, dim] = s;
  for (const char* name : {"q", "k", "v"}) w.input(name, bf16, {heads, tokens, dim}, normal(0, 1));
  w.output("o", bf16, {heads, tokens, dim});
  w.flops(4.0 * static_cast<double>(heads * dim) * pairs);
  // Both products sum in FP32. Between them each weight is rounded to BF16 once, and all those roundings are
  // independent: an element's scale is the root of the sum of its squared terms.
  w.arithmetic(bf16);
  w.accumulates(1);
  w.reference([=](Case& c) {
    const auto q = c.in<3>("q"), k = c.in<3>("k"), v = c.in<3>("v");
    const auto o = c.out<3>("o"), scale = c.scale<3>("o");
    const auto mask = make_mask(c);
    const double root = 1 / std::sqrt(static_cast<double>(dim));
    std::vector<double> weight(static_cast<std::size_t>(tokens));
    for (std::int64_t h = 0; h < heads; ++h)
      for (std::int64_t i = 0; i < tokens; ++i) {
        double top = -HUGE_VAL, sum = 0;
        for (std::int64_t j = 0; j < tokens; ++j) {
          double& score = weight[static_cast<std::size_t>(j)] = -HUGE_VAL;
          if (!mask(i, j)) continue;
          score = 0;
          for (std::int64_t d = 0; d < dim; ++d) score += q(h, i, d) * k(h, j, d);
          top = std::max(top, score *= root);
        }
        for (auto& x : weight) sum += x = std::exp(x - top);
        double *out = &o(h, i, 0), *square = &scale(h, i, 0);
        std::fill_n(out, dim, 0.0);
        std::fill_n(square, dim, 0.0);
        for (std::int64_t j = 0; j < tokens; ++j) {
          const double p = weight[static_cast<std::size_t>(j)] / sum, *row = &v(h, j, 0);
          if (p == 0) continue;
          for (std::int64_t d = 0; d < dim; ++d) {
            out[d] += p * row[d];
            square[d] += p * row[d] * p * row[d];
          }
        }
        for (std::int64_t d = 0; d < dim; ++d) square[d] = std::sqrt(square[d]);
      }
  });
}

}  // namespace attention
