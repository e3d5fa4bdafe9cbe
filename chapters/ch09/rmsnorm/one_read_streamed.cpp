// One read with stores past the caches: while y of a row is made from a buffer in the first-level cache and streamed
// out, x and residual of the next row are read, added, squared, and their sum streamed out to h and kept in the other
// buffer. So loads from memory do not pause while stores drain. Effect: up to 3/2 over `one_read` when the outputs are
// larger than the caches, as no line is read before it is overwritten; a loss when they would have stayed there. What
// binds it: memory bandwidth.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <cmath>
#include <utility>
#include <vector>

#include "../lanes.hpp"
#include "../stream.hpp"

namespace {

using namespace ch09;
using In = aisp::Matrix<const float>;
using Out = aisp::Matrix<float>;

// One row's part of the addition: kept = h = x + residual.
struct Addition {
  const float *x, *residual;
  float *h, *kept;
};
// One row's part of the norm: y = h * factor * weight.
struct Scaling {
  const float *h, *weight;
  float factor;
  float* y;
};

// Both parts in one loop; either may be nullptr. Returns the sum of the squares of h.
template <class Store>
[[gnu::always_inline]] inline float step(const Addition* add, const Scaling* scale, std::int64_t cols) {
  typename Store::V sum = {}, v, w;
  constexpr auto lanes = lanes_of<typename Store::V>;
  std::int64_t j = 0;
  for (; j + lanes <= cols; j += lanes) {
    if (add) {
      load(add->x + j, v);
      load(add->residual + j, w);
      v += w;
      sum += v * v;
      store(add->kept + j, v);
      Store::put(add->h + j, v);
    }
    if (scale) {
      load(scale->h + j, v);
      load(scale->weight + j, w);
      Store::put(scale->y + j, v * scale->factor * w);
    }
  }
  float total = sum_of(sum);
  for (; j < cols; ++j) {
    if (add) {
      const float h = add->x[j] + add->residual[j];
      add->h[j] = add->kept[j] = h;
      total += h * h;
    }
    if (scale) scale->y[j] = scale->h[j] * scale->factor * scale->weight[j];
  }
  return total;
}

using Rows = void(In x, In residual, const float* weight, Out h, Out y, float* kept, float* other);

template <class Store>
[[gnu::always_inline]] inline void norm_rows(In x, In residual, const float* weight, Out h, Out y, float* kept,
                                             float* other) {
  const auto rows = x.dim(0), cols = x.dim(1);
  const Addition first{&x(0, 0), &residual(0, 0), &h(0, 0), kept};
  float sum = step<Store>(&first, nullptr, cols);
  for (std::int64_t i = 0; i < rows; ++i) {
    const float factor = 1 / std::sqrt(sum / static_cast<float>(cols) + 1e-5f);
    const Scaling scale{kept, weight, factor, &y(i, 0)};
    if (i + 1 == rows) return static_cast<void>(step<Store>(nullptr, &scale, cols));
    const Addition add{&x(i + 1, 0), &residual(i + 1, 0), &h(i + 1, 0), other};
    sum = step<Store>(&add, &scale, cols);
    std::swap(kept, other);
  }
}

bool streams(const Out& h, const Out& y) { return whole_lines(h.data, h.dim(1)) && whole_lines(y.data, y.dim(1)); }

AISP_TARGET_AVX512 void rows_avx512(In x, In residual, const float* weight, Out h, Out y, float* kept, float* other) {
  streams(h, y) ? norm_rows<Streamed<64>>(x, residual, weight, h, y, kept, other)
                : norm_rows<Cached<64>>(x, residual, weight, h, y, kept, other);
}
AISP_TARGET_AVX2 void rows_avx2(In x, In residual, const float* weight, Out h, Out y, float* kept, float* other) {
  streams(h, y) ? norm_rows<Streamed<32>>(x, residual, weight, h, y, kept, other)
                : norm_rows<Cached<32>>(x, residual, weight, h, y, kept, other);
}
void rows_sse(In x, In residual, const float* weight, Out h, Out y, float* kept, float* other) {
  streams(h, y) ? norm_rows<Streamed<16>>(x, residual, weight, h, y, kept, other)
                : norm_rows<Cached<16>>(x, residual, weight, h, y, kept, other);
}

class OneReadStreamed {
 public:
  explicit OneReadStreamed(const aisp::Setup& setup)
      : kept_(static_cast<std::size_t>(setup.param("cols"))), other_(kept_.size()) {}
  void operator()(In x, In residual, aisp::Vector<const float> weight, Out h, Out y) {
    static const auto best = aisp::cpu::pick<Rows*>(&rows_avx512, &rows_avx2, &rows_sse);
    best(x, residual, weight.data, h, y, kept_.data(), other_.data());
    stream_fence();
  }

 private:
  std::vector<float> kept_, other_;
};

}  // namespace

AISP_VARIANT(OneReadStreamed, .about = "one kernel, the next row read while a row is streamed out");
