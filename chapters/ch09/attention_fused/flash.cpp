// Flash attention (Dao et al., 2022): scores are made a tile of 8 queries × 64 keys at a time, exponentiated against
// the running maximum of their query and multiplied with v before the next tile is made. The score matrix never exists;
// the output so far is scaled down in the rare case that a tile raises a maximum. Effect: no traffic for scores, and
// both products of a tile run from registers and the first-level cache. What binds it: multiply-adds per cycle.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "../lanes.hpp"

namespace {

using namespace ch09;
using In = aisp::Tensor<const float, 3>;
using Out = aisp::Tensor<float, 3>;

constexpr std::int64_t kQueries = 8, kKeys = 64;
constexpr float kLowest = std::numeric_limits<float>::lowest();

constexpr std::int64_t round_up(std::int64_t n, std::int64_t to) { return (n + to - 1) / to * to; }

// c (8, width) (+)= a (8, depth) · b (depth, width) in tiles of 8 × 32 and 8 × 16; width is a multiple of 16.
template <int Vectors, bool add>
[[gnu::always_inline]] inline void register_tile(const float* a, std::int64_t lda, const float* b, std::int64_t ldb,
                                                 std::int64_t depth, float* c, std::int64_t ldc) {
  Lanes sum[kQueries][Vectors], v;
#pragma GCC unroll 8
  for (int r = 0; r < kQueries; ++r)
#pragma GCC unroll 2
    for (int l = 0; l < Vectors; ++l)
      if constexpr (add)
        load(c + r * ldc + l * kLanes, sum[r][l]);
      else
        sum[r][l] = Lanes{};
  for (std::int64_t k = 0; k < depth; ++k)
#pragma GCC unroll 2
    for (int l = 0; l < Vectors; ++l) {
      load(b + k * ldb + l * kLanes, v);
#pragma GCC unroll 8
      for (int r = 0; r < kQueries; ++r) sum[r][l] += a[r * lda + k] * v;
    }
#pragma GCC unroll 8
  for (int r = 0; r < kQueries; ++r)
#pragma GCC unroll 2
    for (int l = 0; l < Vectors; ++l) store(c + r * ldc + l * kLanes, sum[r][l]);
}

template <bool add>
[[gnu::always_inline]] inline void multiply(const float* a, std::int64_t lda, const float* b, std::int64_t ldb,
                                            std::int64_t depth, std::int64_t width, float* c, std::int64_t ldc) {
  std::int64_t j = 0;
  for (; j + 2 * kLanes <= width; j += 2 * kLanes) register_tile<2, add>(a, lda, b + j, ldb, depth, c + j, ldc);
  if (j < width) register_tile<1, add>(a, lda, b + j, ldb, depth, c + j, ldc);
}

// State of eight queries while the tiles of keys pass by.
struct Queries {
  float maximum[kQueries];
  float sum[kQueries];
  float score[kQueries * kKeys];
};

// Exponentials of a tile of scores in place, of which `keys` are real; running maximum and sum, and o (8, width) scaled
// down where the maximum rose.
AISP_SIMD void exponentiate(Queries& state, std::int64_t keys, float* o, std::int64_t width) {
  for (int r = 0; r < kQueries; ++r) {
    float* s = state.score + r * kKeys;
    std::fill(s + keys, s + kKeys, -INFINITY);
    Lanes v[kKeys / kLanes], sum = {};
    for (int l = 0; l < kKeys / kLanes; ++l) load(s + l * kLanes, v[l]);
    Lanes most = v[0];
    for (int l = 1; l < kKeys / kLanes; ++l) most = v[l] > most ? v[l] : most;
    if (const float highest = max_of(most); highest > state.maximum[r]) {
      const float down = std::exp(state.maximum[r] - highest);
      state.maximum[r] = highest;
      state.sum[r] *= down;
      for (std::int64_t d = 0; d < width; ++d) o[r * width + d] *= down;
    }
    for (int l = 0; l < kKeys / kLanes; ++l) {
      v[l] -= state.maximum[r];
      exp(v[l]);
      sum += v[l];
      store(s + l * kLanes, v[l]);
    }
    state.sum[r] += sum_of(sum);
  }
}

AISP_SIMD void scores(const float* q, const float* k_tile, std::int64_t dim, Queries& state) {
  multiply<false>(q, dim, k_tile, kKeys, dim, kKeys, state.score, kKeys);
}
AISP_SIMD void add_values(const Queries& state, const float* v, std::int64_t keys, std::int64_t width, float* o) {
  multiply<true>(state.score, kKeys, v, width, keys, width, o, width);
}

class Flash {
 public:
  explicit Flash(const aisp::Setup& setup) {
    const auto tokens = setup.param("tokens"), dim = setup.param("dim"), width = round_up(dim, kLanes);
    q_.resize(static_cast<std::size_t>(kQueries * dim));
    k_.resize(static_cast<std::size_t>(round_up(tokens, kKeys) * dim));
    v_.resize(static_cast<std::size_t>(tokens * width));
    o_.resize(static_cast<std::size_t>(kQueries * width));
  }

  void operator()(In q, In k, In v, Out o) {
    for (std::int64_t h = 0; h < q.dim(0); ++h) {
      pack(&k(h, 0, 0), &v(h, 0, 0), q.dim(1), q.dim(2));
      for (std::int64_t i = 0; i < q.dim(1); i += kQueries)
        attend(&q(h, i, 0), std::min(kQueries, q.dim(1) - i), q.dim(1), q.dim(2), &o(h, i, 0));
    }
  }

 private:
  // k_: tiles of 64 keys, transposed to (dim, 64). v_: rows padded with zeros to whole vectors.
  void pack(const float* k, const float* v, std::int64_t tokens, std::int64_t dim) {
    const auto width = round_up(dim, kLanes);
    for (std::int64_t j = 0; j < tokens; ++j) {
      float* tile = k_.data() + j / kKeys * kKeys * dim + j % kKeys;
      for (std::int64_t d = 0; d < dim; ++d) tile[d * kKeys] = k[j * dim + d];
      std::copy_n(v + j * dim, dim, v_.data() + j * width);
    }
  }

  // The outputs of `count` ≤ 8 queries.
  void attend(const float* q, std::int64_t count, std::int64_t tokens, std::int64_t dim, float* out) {
    const auto width = round_up(dim, kLanes);
    const float scale = 1 / std::sqrt(static_cast<float>(dim));
    std::fill(q_.begin(), q_.end(), 0.0f);
    std::transform(q, q + count * dim, q_.begin(), [=](float x) { return x * scale; });
    std::fill(o_.begin(), o_.end(), 0.0f);
    std::fill_n(state_.maximum, kQueries, kLowest);
    std::fill_n(state_.sum, kQueries, 0.0f);
    for (std::int64_t j = 0; j < tokens; j += kKeys) {
      const auto keys = std::min(kKeys, tokens - j);
      scores(q_.data(), k_.data() + j * dim, dim, state_);
      exponentiate(state_, keys, o_.data(), width);
      add_values(state_, v_.data() + j * width, keys, width, o_.data());
    }
    for (std::int64_t r = 0; r < count; ++r) {
      const float inverse = 1 / state_.sum[r];
      for (std::int64_t d = 0; d < dim; ++d) out[r * dim + d] = o_[static_cast<std::size_t>(r * width + d)] * inverse;
    }
  }

  std::vector<float> q_, k_, v_, o_;
  Queries state_;
};

}  // namespace

AISP_VARIANT(Flash, .about = "tiles of 8 queries x 64 keys, online softmax, no score matrix");
