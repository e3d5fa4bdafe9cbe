#include "tools/precision.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace aisp::tools {
namespace {

// C[m][n] = Σ A[m][k] · B[n][k], rows along k.
template <class T>
std::vector<T> product(const std::vector<T>& a, const std::vector<T>& b, std::int64_t m, std::int64_t n,
                       std::int64_t k) {
  std::vector<T> c(static_cast<std::size_t>(m * n));
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      const T *x = a.data() + i * k, *y = b.data() + j * k;
      T sum = 0;
      for (std::int64_t l = 0; l < k; ++l) sum += x[l] * y[l];
      c[static_cast<std::size_t>(i * n + j)] = sum;
    }
  return c;
}

template <class T> void softmax_rows(std::vector<T>& x, std::int64_t columns) {
  for (auto row = x.begin(); row != x.end(); row += columns) {
    const T largest = *std::max_element(row, row + columns);
    T sum = 0;
    for (auto v = row; v != row + columns; ++v) sum += * v = std::exp(*v - largest);
    for (auto v = row; v != row + columns; ++v) *v /= sum;
  }
}

template <class T> std::vector<T> transposed(const std::vector<T>& x, std::int64_t rows, std::int64_t columns) {
  std::vector<T> out(x.size());
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c)
      out[static_cast<std::size_t>(c * rows + r)] = x[static_cast<std::size_t>(r * columns + c)];
  return out;
}

template <class T> std::vector<T> converted(std::span<const double> x) {
  std::vector<T> out;
  out.reserve(x.size());
  for (const double v : x) out.push_back(static_cast<T>(v));
  return out;
}

// Rounds tensors to one format and keeps count.
class Rounder {
 public:
  Rounder(const NumberFormat& format, bool tensor_scale, PrecisionResult& result)
      : format_(format), tensor_scale_(tensor_scale), result_(result) {}

  std::vector<double> operator()(std::span<const double> x, std::int64_t row_length) {
    std::vector<double> out(x.size());
    const auto counts = round_rows(format_, x, row_length, tensor_scale_, out);
    result_.rounding.overflows += counts.overflows, result_.rounding.underflows += counts.underflows;
    result_.rounded += static_cast<std::int64_t>(x.size());
    return out;
  }
  std::vector<float> narrow(std::span<const double> x, std::int64_t row_length) {
    return converted<float>((*this)(x, row_length));
  }

 private:
  const NumberFormat& format_;
  bool tensor_scale_;
  PrecisionResult& result_;
};

PrecisionResult result_of(const NumberFormat& format) { return {&format, {}, 0, {}}; }

// How attention goes in arithmetic T; `round` is applied to the probabilities.
template <class T, class Round>
std::vector<T> attention(const AttentionInput& in, std::vector<T> q, const std::vector<T>& k, const std::vector<T>& v,
                         const Round& round) {
  auto scores = product(q, k, in.sequence, in.sequence, in.head_dim);
  const auto scale = static_cast<T>(1 / std::sqrt(static_cast<double>(in.head_dim)));
  for (T& s : scores) s *= scale;
  softmax_rows(scores, in.sequence);
  return product(round(std::move(scores)), v, in.sequence, in.head_dim, in.sequence);
}

}  // namespace

ErrorNorms error_norms(const NumberFormat& format, std::span<const double> got, std::span<const double> exact) {
  ErrorNorms n;
  n.elements = static_cast<std::int64_t>(exact.size());
  double error = 0, signal = 0, ulps = 0;
  std::int64_t counted = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    if (!std::isfinite(exact[i])) continue;
    if (!std::isfinite(got[i])) {
      ++n.nonfinite;
      continue;
    }
    const double d = std::fabs(got[i] - exact[i]), size = std::fabs(exact[i]);
    error += d * d, signal += size * size;
    n.max_absolute = std::max(n.max_absolute, d);
    const double u = d / spacing(format, exact[i]);
    n.max_ulps = std::max(n.max_ulps, u), ulps += u, ++counted;
    if (d == 0) {
      ++n.histogram.exact;
      continue;
    }
    const double decades = size > 0 ? std::log10(d / size) - ErrorHistogram::kFirstDecade : INFINITY;
    const double bin =
        std::clamp(std::floor(decades * ErrorHistogram::kBinsPerDecade), 0.0, ErrorHistogram::kBins - 1.0);
    ++n.histogram.counts[static_cast<std::size_t>(bin)];
  }
  n.mean_ulps = counted ? ulps / static_cast<double>(counted) : 0;
  n.relative_frobenius = signal > 0 ? std::sqrt(error / signal) : error > 0 ? INFINITY : 0;
  n.snr_db = n.relative_frobenius > 0 ? -20 * std::log10(n.relative_frobenius) : INFINITY;
  return n;
}

PrecisionResult compare_tensor(const NumberFormat& format, std::span<const double> values, std::int64_t row_length,
                               bool tensor_scale) {
  auto result = result_of(format);
  Rounder round(format, tensor_scale, result);
  result.error = error_norms(format, round(values, row_length), values);
  return result;
}

std::vector<double> exact(const GemmInput& in) { return product(in.a, in.b, in.m, in.n, in.k); }

std::vector<double> exact(const SoftmaxInput& in) {
  auto x = in.x;
  softmax_rows(x, in.columns);
  return x;
}

std::vector<double> exact(const AttentionInput& in) {
  return attention(in, in.q, in.k, transposed(in.v, in.sequence, in.head_dim), [](std::vector<double> p) { return p; });
}

PrecisionResult compare(const NumberFormat& format, const GemmInput& in, std::span<const double> exact,
                        bool tensor_scale) {
  auto result = result_of(format);
  Rounder round(format, tensor_scale, result);
  const auto a = round.narrow(in.a, in.k), b = round.narrow(in.b, in.k);
  const auto c = product(a, b, in.m, in.n, in.k);
  result.error = error_norms(format, std::vector<double>(c.begin(), c.end()), exact);
  return result;
}

PrecisionResult compare(const NumberFormat& format, const SoftmaxInput& in, std::span<const double> exact,
                        bool tensor_scale) {
  auto result = result_of(format);
  Rounder round(format, tensor_scale, result);
  auto x = round.narrow(in.x, in.columns);
  softmax_rows(x, in.columns);
  result.error = error_norms(format, round(std::vector<double>(x.begin(), x.end()), in.columns), exact);
  return result;
}

PrecisionResult compare(const NumberFormat& format, const AttentionInput& in, std::span<const double> exact,
                        bool tensor_scale) {
  auto result = result_of(format);
  Rounder round(format, tensor_scale, result);
  const auto v = transposed(in.v, in.sequence, in.head_dim);  // the second product sums along the sequence
  const auto o = attention(
      in, round.narrow(in.q, in.head_dim), round.narrow(in.k, in.head_dim), round.narrow(v, in.sequence),
      [&](const std::vector<float>& p) { return round.narrow(std::vector<double>(p.begin(), p.end()), in.sequence); });
  result.error = error_norms(format, std::vector<double>(o.begin(), o.end()), exact);
  return result;
}

}  // namespace aisp::tools
