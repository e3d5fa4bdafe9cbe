#include "verify/freivalds.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

#include "verify/chacha.hpp"
#include "verify/compare.hpp"
#include "verify/parallel.hpp"

namespace aisp::verify {
namespace {

constexpr std::int64_t kExactRows = 4;            // rows verified element by element
constexpr std::size_t kLocatedBlocks = 64;        // suspicious blocks that are recomputed
constexpr std::size_t kSuspectedUntouched = 256;  // elements like the poison that are recomputed

// Multipliers of columns: a random sign, a magnitude in [½, 1½).
void multipliers(const Key& key, std::int64_t first, std::int64_t count, double* r) {
  Block block{};
  for (std::int64_t column = first; column < first + count; ++column) {
    const auto word = static_cast<std::size_t>(column % kBlockWords);
    if (column == first || word == 0)
      block = chacha(key, counter_of(Plane::value, static_cast<std::uint64_t>(column / kBlockWords)));
    const std::uint32_t w = block.word[word];
    const double magnitude = 0.5 + static_cast<double>(w >> 1) * 0x1p-31;
    r[column - first] = w & 1 ? -magnitude : magnitude;
  }
}

double squares(const double* v, std::int64_t n) {
  double lanes[8] = {};
  for (std::int64_t i = 0; i + 8 <= n; i += 8)
    for (int l = 0; l < 8; ++l) lanes[l] += v[i + l] * v[i + l];
  double sum = 0;
  for (std::int64_t i = n / 8 * 8; i < n; ++i) sum += v[i] * v[i];
  for (const double lane : lanes) sum += lane;
  return sum;
}

class Check {
 public:
  Check(const TensorSpec& c, const ProductShape& shape, DType arithmetic, const Tolerance& tolerance,
        std::span<const double> a, std::span<const double> b, std::span<const std::byte> got,
        std::span<const std::byte> poison, Key key)
      : spec_(c),
        shape_(shape),
        element_(element_bound(c.dtype, arithmetic, tolerance.element)),
        norm_(element_bound(c.dtype, arithmetic, tolerance.norm)),
        a_(a),
        b_(b),
        got_(got),
        poison_(poison),
        values_(to_doubles(c.dtype, got)),
        key_(key) {}

  model::Comparison run(int threads) {
    const std::int64_t blocks = panels(shape_.n), groups = panels(blocks);
    row_norm_.resize(static_cast<std::size_t>(shape_.batch * shape_.m));
    for (std::size_t i = 0; i < row_norm_.size(); ++i)
      row_norm_[i] = std::sqrt(squares(a_.data() + static_cast<std::int64_t>(i) * shape_.k, shape_.k));
    parallel_for(shape_.batch * groups, shape_.multiplications() > 1e7 ? threads : 1,
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t g = begin; g < end; ++g) group_of_blocks(g / groups, g % groups);
                 });
    locate();
    random_rows();
    untouched();
    return result();
  }

 private:
  // 16 blocks of columns of batch z: their combinations make one panel, multiplied with all rows at once.
  void group_of_blocks(std::int64_t z, std::int64_t group) {
    const auto& s = shape_;
    const std::int64_t first = group * kPanel, count = std::min(kPanel, panels(s.n) - first);
    std::vector<double> columns(static_cast<std::size_t>(s.k * kPanel)), combined(columns.size()),
        product(static_cast<std::size_t>(s.m * kPanel));
    double r[kPanel][kPanel] = {}, frobenius[kPanel] = {};
    for (std::int64_t block = 0; block < count; ++block) {
      pack_panel(b_.data() + z * s.k * s.n, s, first + block, columns.data());
      const std::int64_t column = (first + block) * kPanel;
      multipliers(key_, z * s.n + column, std::min(kPanel, s.n - column), r[block]);
      frobenius[block] = std::sqrt(squares(columns.data(), s.k * kPanel));
      for (std::int64_t q = 0; q < s.k; ++q) {
        double sum = 0;
        for (std::int64_t j = 0; j < kPanel; ++j)
          sum += r[block][j] * columns[static_cast<std::size_t>(q * kPanel + j)];
        combined[static_cast<std::size_t>(q * kPanel + block)] = sum;
      }
    }
    multiply_panel(a_.data() + z * s.m * s.k, s.m, s.k, combined.data(), false, product.data());

    double residual2 = 0, scale2 = 0, value2 = 0, worst = 0;
    std::vector<std::int64_t> suspicious;
    for (std::int64_t i = 0; i < s.m; ++i) {
      const double* row = values_.data() + (z * s.m + i) * s.n;
      const double a_norm = row_norm_[static_cast<std::size_t>(z * s.m + i)];
      for (std::int64_t block = 0; block < count; ++block) {
        const std::int64_t column = (first + block) * kPanel, width = std::min(kPanel, s.n - column);
        double sum = 0, magnitude = 0, square = 0;
        for (std::int64_t j = 0; j < width; ++j) {
          const double term = r[block][j] * row[column + j];
          sum += term;
          magnitude += std::fabs(term);
          square += row[column + j] * row[column + j];
        }
        const double residual = std::fabs(sum - product[static_cast<std::size_t>(i * kPanel + block)]);
        const double scale = a_norm * frobenius[block];
        const double bound = 1.1 * element_.of_scale * scale + element_.of_value * magnitude + 24 * element_.slack;
        // An infinite element makes the bound infinite as well: the elements decide.
        if (!(residual <= bound && bound < HUGE_VAL)) suspicious.push_back((z * s.m + i) * panels(s.n) + first + block);
        const double ratio = residual / bound;
        if (!std::isfinite(ratio)) continue;  // suspicious already
        worst = std::max(worst, ratio);
        residual2 += residual * residual;
        scale2 += scale * scale;
        value2 += square;
      }
    }
    const std::lock_guard lock(mutex_);
    residual2_ += residual2;
    scale2_ += scale2;
    value2_ += value2;
    worst_ = std::max(worst_, worst);
    suspicious_.insert(suspicious.begin(), suspicious.end());
  }

  // Recomputes elements [column, column + count) of a row of C; true when one of them is beyond its tolerance.
  bool exact(std::int64_t row, std::int64_t column, std::int64_t count) {
    std::vector<double> expected(static_cast<std::size_t>(count)), scale(expected.size());
    product_row(a_.data() + row * shape_.k, b_.data() + row / shape_.m * shape_.k * shape_.n, shape_, column, count,
                expected.data(), scale.data());
    bool any = false;
    for (std::int64_t j = 0; j < count; ++j) {
      const std::int64_t i = row * shape_.n + column + j;
      const double e = expected[static_cast<std::size_t>(j)];
      const auto d = difference(values_[static_cast<std::size_t>(i)], e, scale[static_cast<std::size_t>(j)], element_);
      worst_ = std::max(worst_, d.ratio);
      if (d.ratio > 1) wrong_.emplace(i, e);
      any |= d.ratio > 1;
      if (d.ratio > worst_in_block_.ratio) worst_in_block_ = {i, e, d.ratio};
    }
    return any;
  }

  void locate() {
    std::size_t left = kLocatedBlocks;
    for (const std::int64_t block : suspicious_) {
      if (left-- == 0) break;
      const std::int64_t row = block / panels(shape_.n), column = block % panels(shape_.n) * kPanel;
      worst_in_block_ = {row * shape_.n + column, 0, -1};
      ++recomputed_;
      const std::int64_t count = std::min(kPanel, shape_.n - column);
      if (exact(row, column, count)) continue;
      // Wrong as a sum, though no element is by itself: the worst one stands for it. Not so where the product overflows
      // the dtype, and the elements are the infinities that they should be.
      const double* values = values_.data() + row * shape_.n + column;
      if (std::all_of(values, values + count, [](double v) { return std::isfinite(v); }))
        wrong_.emplace(worst_in_block_.index, worst_in_block_.expected);
    }
  }

  void random_rows() {
    const std::int64_t rows = shape_.batch * shape_.m;
    for (std::int64_t i = 0; i < std::min(kExactRows, rows); ++i) {
      const Key key = derive(key_, "row", static_cast<std::uint64_t>(i));
      exact(static_cast<std::int64_t>(below(key, static_cast<std::uint64_t>(rows))), 0, shape_.n);
    }
  }

  bool holds_poison(std::int64_t i) const {
    const std::size_t size = info(spec_.dtype).size, at = static_cast<std::size_t>(i) * size;
    return std::memcmp(got_.data() + at, poison_.data() + at, size) == 0;
  }

  void untouched() {
    if (poison_.empty()) return;
    constexpr std::int64_t step = 32;
    const auto n = static_cast<std::int64_t>(values_.size());
    const auto size = static_cast<std::int64_t>(info(spec_.dtype).size);
    std::vector<std::int64_t> suspects;
    for (std::int64_t first = 0; first < n; first += step) {
      const std::int64_t count = std::min(step, n - first);
      // Most steps have no byte in common worth a look: compare whole elements only when a quick pass finds one.
      bool any = false;
      for (std::int64_t i = first; i < first + count; ++i)
        any |= got_[static_cast<std::size_t>(i * size)] == poison_[static_cast<std::size_t>(i * size)];
      if (!any) continue;
      for (std::int64_t i = first; i < first + count; ++i)
        if (holds_poison(i)) suspects.push_back(i);
    }
    std::size_t confirmed = 0, looked = 0;
    for (const std::int64_t i : suspects) {
      if (looked == kSuspectedUntouched) break;
      ++looked;
      confirmed += exact(i / shape_.n, i % shape_.n, 1);
    }
    // All that were recomputed are wrong: so are, as good as surely, the others.
    untouched_ = confirmed == looked ? suspects.size() : confirmed;
  }

  model::Comparison result() const {
    model::Comparison c;
    c.tensor = spec_.name;
    c.elements = spec_.elements();
    const std::size_t unlocated = suspicious_.size() - recomputed_;
    c.wrong = static_cast<std::int64_t>(std::max(wrong_.size() + unlocated, untouched_));
    c.untouched = static_cast<std::int64_t>(untouched_);
    c.max_error = worst_;
    const double row_blocks = static_cast<double>(shape_.batch * shape_.m) * static_cast<double>(panels(shape_.n));
    // E r² = 13/12. A few residuals scatter around their mean square.
    c.norm_error =
        std::sqrt(residual2_ * 12 / 13) / ((norm_.of_scale * std::sqrt(scale2_) + norm_.of_value * std::sqrt(value2_) +
                                            norm_.slack * std::sqrt(static_cast<double>(c.elements))) *
                                           (1 + 4 / std::sqrt(row_blocks)));
    if (std::isnan(c.norm_error)) c.norm_error = worst_;
    for (const auto& [i, expected] : wrong_)
      c.nonfinite += !std::isfinite(values_[static_cast<std::size_t>(i)]) && std::isfinite(expected);
    if (!wrong_.empty()) {
      c.first_wrong = wrong_.begin()->first;
      c.got = values_[static_cast<std::size_t>(c.first_wrong)];
      c.expected = wrong_.begin()->second;
    }
    return c;
  }

  struct Worst {
    std::int64_t index = 0;
    double expected = 0, ratio = 0;
  };

  const TensorSpec& spec_;
  const ProductShape& shape_;
  ElementBound element_, norm_;
  std::span<const double> a_, b_;
  std::span<const std::byte> got_, poison_;
  std::vector<double> values_, row_norm_;
  Key key_;

  std::mutex mutex_;  // of what group_of_blocks adds
  double residual2_ = 0, scale2_ = 0, value2_ = 0, worst_ = 0;
  std::set<std::int64_t> suspicious_;     // row · panels + block
  std::map<std::int64_t, double> wrong_;  // located element → expected value
  std::size_t recomputed_ = 0, untouched_ = 0;
  Worst worst_in_block_;
};

}  // namespace

model::Comparison freivalds(const TensorSpec& c, const ProductShape& shape, DType arithmetic,
                            const Tolerance& tolerance, std::span<const double> a, std::span<const double> b,
                            std::span<const std::byte> got, std::span<const std::byte> poison, Key key, int threads) {
  return Check(c, shape, arithmetic, tolerance, a, b, got, poison, derive(key, "freivalds")).run(threads);
}

}  // namespace aisp::verify
