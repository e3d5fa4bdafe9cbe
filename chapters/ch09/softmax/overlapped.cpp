// Rows overlapped: what `vector_exp` does in three passes over one row, done in one loop over three rows. It reads the
// row ahead and finds its maximum, takes the exponentials of the current one, which by then is in the first-level
// cache, and scales the row behind and streams it past the caches. So memory and arithmetic work at the same time; in
// passes one waits for the other.
//
// Effect: the larger of the two times in place of their sum. What binds it: memory bandwidth, with vector arithmetic
// (fifteen instructions for sixteen elements, twelve of them of the exponential) close behind; a neighbour on the same
// core, which takes its share of the arithmetic, turns that round.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "../lanes.hpp"
#include "../stream.hpp"

namespace {

using namespace ch09;
using In = aisp::Matrix<const float>;
using Out = aisp::Matrix<float>;
// Floats ahead of the loads. The hardware's prefetcher ends with each page, and the exponential fills the window in
// which a core looks for further loads by itself.
constexpr std::int64_t kPrefetch = 512;
constexpr float kLowest = std::numeric_limits<float>::lowest();

// x → 2^(x · log2 e − top · log2 e), that is e^(x − top). Where multiplication and subtraction are one instruction that
// rounds once, the rounding of top · log2 e is the same for the whole row and cancels; elsewhere x − top comes first.
template <class V> [[gnu::always_inline]] inline void powers(V& x, float top) {
  constexpr float kLog2e = 0x1.715476p+0f;
  if constexpr (lanes_of < V >> 4)
    x = x * kLog2e - top * kLog2e;
  else
    x = (x - top) * kLog2e;
  exp2(x);
}

struct Sums {
  float top, sum;  // the maximum of the row ahead, the sum of the current row's exponentials
};

// One loop over three rows: ahead (may be nullptr), x with maximum `top`, whose exponentials go to e, and the row
// behind, whose exponentials are in e until then and are scaled into y (may be nullptr).
template <class Store>
[[gnu::always_inline]] inline Sums step(const float* ahead, const float* x, float top, float* e, float factor, float* y,
                                        std::int64_t cols) {
  using V = typename Store::V;
  constexpr auto lanes = lanes_of<V>;
  V most = V{} + kLowest, sum = {}, v;
  const auto whole = cols - cols % lanes, rest = cols - whole;
  for (std::int64_t j = 0; j < whole; j += lanes) {
    if (y) {
      load(e + j, v);
      Store::put(y + j, v * factor);
    }
    if (ahead) {
      __builtin_prefetch(ahead + j + kPrefetch);
      load(ahead + j, v);
      most = v > most ? v : most;
    }
    load(x + j, v);
    powers(v, top);
    sum += v;
    store(e + j, v);
  }
  if (rest) {
    for (std::int64_t j = whole; y && j < cols; ++j) y[j] = e[j] * factor;
    if (ahead) {
      load_some(ahead + whole, rest, kLowest, v);
      most = v > most ? v : most;
    }
    load_some(x + whole, rest, -INFINITY, v);
    powers(v, top);
    sum += v;
    store_some(e + whole, rest, v);
  }
  return {max_of(most), sum_of(sum)};
}

float maximum(const float* x, std::int64_t n) {
  float top = kLowest;
  for (std::int64_t j = 0; j < n; ++j) top = x[j] > top ? x[j] : top;
  return top;
}

// `e` holds a row.
template <class Store> [[gnu::always_inline]] inline void softmax_rows(In x, Out y, float* e) {
  const auto rows = x.dim(0), cols = x.dim(1);
  float top = maximum(&x(0, 0), cols), factor = 0;
  for (std::int64_t i = 0; i < rows; ++i) {
    const Sums s =
        step<Store>(i + 1 < rows ? &x(i + 1, 0) : nullptr, &x(i, 0), top, e, factor, i ? &y(i - 1, 0) : nullptr, cols);
    top = s.top;
    factor = 1 / s.sum;
  }
  for (std::int64_t j = 0; j < cols; ++j) y(rows - 1, j) = e[j] * factor;
}

using Rows = void(In x, Out y, float* e);
AISP_TARGET_AVX512 void rows_avx512(In x, Out y, float* e) {
  whole_lines(y.data, y.dim(1)) ? softmax_rows<Streamed<64>>(x, y, e) : softmax_rows<Cached<64>>(x, y, e);
}
AISP_TARGET_AVX2 void rows_avx2(In x, Out y, float* e) {
  whole_lines(y.data, y.dim(1)) ? softmax_rows<Streamed<32>>(x, y, e) : softmax_rows<Cached<32>>(x, y, e);
}
void rows_sse(In x, Out y, float* e) {
  whole_lines(y.data, y.dim(1)) ? softmax_rows<Streamed<16>>(x, y, e) : softmax_rows<Cached<16>>(x, y, e);
}

class Overlapped {
 public:
  explicit Overlapped(const aisp::Setup& setup) : e_(static_cast<std::size_t>(setup.param("cols"))) {}
  void operator()(In x, Out y) {
    static const auto best = aisp::cpu::pick<Rows*>(&rows_avx512, &rows_avx2, &rows_sse);
    best(x, y, e_.data());
    stream_fence();
  }

 private:
  std::vector<float> e_;
};

}  // namespace

AISP_VARIANT(Overlapped,
             .about = "one loop reads a row, exponentiates the one before and streams out the one before that");
