// Online softmax (Milakov and Gimelshein, 2018): maximum and sum in one pass. Each block of the row is exponentiated
// against the maximum so far; when a block raises it, the sum so far is scaled down. Blocks remember the maximum that
// they used, and the last pass corrects them by one factor each. New maxima are rare: O(log) of the blocks.
// Effect: the pass that only looked for the maximum is gone: x is read once. That is what counts where a row does not
// fit the memory that is close; on a CPU it does, and what binds is vector arithmetic and then memory bandwidth.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "../lanes.hpp"

namespace {

using namespace ch09;
constexpr float kLowest = std::numeric_limits<float>::lowest();
constexpr std::int64_t kBlock = 8 * kLanes;

// Exponentials of one row against running maxima, and what it takes to finish them.
struct Row {
  std::vector<float> e;        // exp(x − maximum of its block), padded to whole blocks
  std::vector<float> maximum;  // one per block
  float top = 0, sum = 0;      // of the whole row
};

AISP_SIMD void exponentiate(const float* x, std::int64_t cols, Row& row) {
  float top = kLowest;
  Lanes sum = {};
  for (std::int64_t j = 0, block = 0; j < cols; j += kBlock, ++block) {
    Lanes v[kBlock / kLanes];
    const auto here = std::min(kBlock, cols - j);
    if (here == kBlock)
      for (int l = 0; l < kBlock / kLanes; ++l) load(x + j + l * kLanes, v[l]);
    else
      for (int l = 0; l < kBlock / kLanes; ++l)
        load_some(x + j + std::min(here, l * kLanes), std::clamp<std::int64_t>(here - l * kLanes, 0, kLanes), -INFINITY,
                  v[l]);
    Lanes most = v[0];
    for (int l = 1; l < kBlock / kLanes; ++l) most = v[l] > most ? v[l] : most;
    if (const float highest = max_of(most); highest > top) {
      sum *= std::exp(top - highest);
      top = highest;
    }
    Lanes part = {};
    for (int l = 0; l < kBlock / kLanes; ++l) {
      v[l] -= top;
      exp(v[l]);
      part += v[l];
      store(row.e.data() + j + l * kLanes, v[l]);
    }
    sum += part;
    row.maximum[static_cast<std::size_t>(block)] = top;
  }
  row.top = top;
  row.sum = sum_of(sum);
}

AISP_SIMD void scale(const float* e, float factor, std::int64_t n, float* __restrict y) {
  for (std::int64_t i = 0; i < n; ++i) y[i] = e[i] * factor;
}

// y = e · correction of its block, in runs of blocks that used the same maximum.
void normalise(const Row& row, std::int64_t cols, float* y) {
  const float inverse = 1 / row.sum;
  for (std::int64_t j = 0; j < cols;) {
    const float used = row.maximum[static_cast<std::size_t>(j / kBlock)];
    auto end = j + kBlock;
    while (end < cols && row.maximum[static_cast<std::size_t>(end / kBlock)] == used) end += kBlock;
    end = std::min(end, cols);
    scale(row.e.data() + j, used == row.top ? inverse : std::exp(used - row.top) * inverse, end - j, y + j);
    j = end;
  }
}

class Online {
 public:
  explicit Online(const aisp::Setup& setup) {
    const auto blocks = static_cast<std::size_t>((setup.param("cols") + kBlock - 1) / kBlock);
    row_.e.resize(blocks * kBlock);
    row_.maximum.resize(blocks);
  }
  void operator()(aisp::Matrix<const float> x, aisp::Matrix<float> y) {
    const auto cols = x.dim(1);
    for (std::int64_t i = 0; i < x.dim(0); ++i) {
      exponentiate(&x(i, 0), cols, row_);
      normalise(row_, cols, &y(i, 0));
    }
  }

 private:
  Row row_;
};

}  // namespace

AISP_VARIANT(Online, .about = "maximum and sum in one pass, blocks corrected at the end");
