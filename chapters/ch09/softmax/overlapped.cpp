// Rows overlapped: what `vector_exp` does in three passes over one row, done in one loop over three rows. It reads the
// row ahead and finds its maximum, takes the exponentials of the current one, which by then is in the first-level
// cache, and scales the row behind and streams it past the caches. So memory and arithmetic work at the same time; in
// passes one waits for the other. Effect: the larger of the two times in place of their sum. What binds it: memory
// bandwidth, with vector arithmetic (about eighteen instructions for sixteen elements, fourteen of them of the
// exponential) close behind.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "../lanes.hpp"
#include "../stream.hpp"

namespace {

using namespace ch09;
using In = aisp::Matrix<const float>;
using Out = aisp::Matrix<float>;
constexpr float kLowest = std::numeric_limits<float>::lowest();

struct Sums {
  float top, sum;  // the maximum of the row ahead, the sum of the current row's exponentials
};

// One loop over three rows: ahead (may be nullptr), x with maximum `top` whose exponentials go to e, and `behind` (may
// be nullptr), scaled into y.
template <class Store>
[[gnu::always_inline]] inline Sums step(const float* ahead, const float* x, float top, float* e, const float* behind,
                                        float factor, float* y, std::int64_t cols) {
  using V = typename Store::V;
  constexpr auto lanes = lanes_of<V>;
  V most = V{} + kLowest, sum = {}, v;
  const auto whole = cols - cols % lanes, rest = cols - whole;
  for (std::int64_t j = 0; j < whole; j += lanes) {
    if (ahead) {
      load(ahead + j, v);
      most = v > most ? v : most;
    }
    load(x + j, v);
    v -= top;
    exp(v);
    sum += v;
    store(e + j, v);
    if (behind) {
      load(behind + j, v);
      Store::put(y + j, v * factor);
    }
  }
  if (rest) {
    if (ahead) {
      load_some(ahead + whole, rest, kLowest, v);
      most = v > most ? v : most;
    }
    load_some(x + whole, rest, -INFINITY, v);
    v -= top;
    exp(v);
    sum += v;
    store_some(e + whole, rest, v);
    for (std::int64_t j = whole; behind && j < cols; ++j) y[j] = behind[j] * factor;
  }
  return {max_of(most), sum_of(sum)};
}

float maximum(const float* x, std::int64_t n) {
  float top = kLowest;
  for (std::int64_t j = 0; j < n; ++j) top = x[j] > top ? x[j] : top;
  return top;
}

// `e` and `other` hold a row each.
template <class Store> [[gnu::always_inline]] inline void softmax_rows(In x, Out y, float* e, float* other) {
  const auto rows = x.dim(0), cols = x.dim(1);
  float top = maximum(&x(0, 0), cols), factor = 0;
  for (std::int64_t i = 0; i < rows; ++i) {
    const float* ahead = i + 1 < rows ? &x(i + 1, 0) : nullptr;
    const Sums s = step<Store>(ahead, &x(i, 0), top, e, i ? other : nullptr, factor, i ? &y(i - 1, 0) : nullptr, cols);
    top = s.top;
    factor = 1 / s.sum;
    std::swap(e, other);
  }
  for (std::int64_t j = 0; j < cols; ++j) y(rows - 1, j) = other[j] * factor;
}

using Rows = void(In x, Out y, float* e, float* other);
AISP_TARGET_AVX512 void rows_avx512(In x, Out y, float* e, float* other) {
  whole_lines(y.data, y.dim(1)) ? softmax_rows<Streamed<64>>(x, y, e, other) : softmax_rows<Cached<64>>(x, y, e, other);
}
AISP_TARGET_AVX2 void rows_avx2(In x, Out y, float* e, float* other) {
  whole_lines(y.data, y.dim(1)) ? softmax_rows<Streamed<32>>(x, y, e, other) : softmax_rows<Cached<32>>(x, y, e, other);
}
void rows_sse(In x, Out y, float* e, float* other) {
  whole_lines(y.data, y.dim(1)) ? softmax_rows<Streamed<16>>(x, y, e, other) : softmax_rows<Cached<16>>(x, y, e, other);
}

class Overlapped {
 public:
  explicit Overlapped(const aisp::Setup& setup)
      : e_(static_cast<std::size_t>(setup.param("cols"))), other_(e_.size()) {}
  void operator()(In x, Out y) {
    static const auto best = aisp::cpu::pick<Rows*>(&rows_avx512, &rows_avx2, &rows_sse);
    best(x, y, e_.data(), other_.data());
    stream_fence();
  }

 private:
  std::vector<float> e_, other_;
};

}  // namespace

AISP_VARIANT(Overlapped,
             .about = "one loop reads a row, exponentiates the one before and streams out the one before that");
