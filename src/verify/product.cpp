#include "verify/product.hpp"

#include <aisp/cpu.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "verify/parallel.hpp"
#include "verify/simd.hpp"

namespace aisp::verify {
namespace {

std::size_t index_of(const Problem& problem, const std::string& name) {
  for (std::size_t i = 0; i < problem.tensors.size(); ++i)
    if (problem.tensors[i].name == name) return i;
  throw std::invalid_argument(problem.target + ": product() names a tensor '" + name + "' that is not declared");
}

// Four rows of a against a panel: eight accumulators of eight columns.
template <bool Absolute>
AISP_INLINE void four_rows(const double* const (&a)[4], std::int64_t k, const double* panel, double* into) {
  Double8 sum[4][2] = {};
  for (std::int64_t q = 0; q < k; ++q) {
    Double8 left, right;
    load(left, panel + q * kPanel);
    load(right, panel + q * kPanel + 8);
    if constexpr (Absolute) {
      absolute(left);
      absolute(right);
    }
    for (int r = 0; r < 4; ++r) {
      const double x = Absolute ? std::fabs(a[r][q]) : a[r][q];
      sum[r][0] += x * left;
      sum[r][1] += x * right;
    }
  }
  std::memcpy(into, sum, sizeof sum);
}

template <bool Absolute>
AISP_SIMD void rows_times_panel(const double* a, std::int64_t rows, std::int64_t k, const double* panel, double* into) {
  for (std::int64_t i = 0; i < rows; i += 4) {
    const double* row[4];
    for (std::int64_t r = 0; r < 4; ++r) row[r] = a + std::min(i + r, rows - 1) * k;
    alignas(64) double tile[4 * kPanel];
    four_rows<Absolute>(row, k, panel, tile);
    std::memcpy(into + i * kPanel, tile, static_cast<std::size_t>(std::min<std::int64_t>(4, rows - i) * kPanel) * 8);
  }
}

}  // namespace

std::int64_t panels(std::int64_t n) { return (n + kPanel - 1) / kPanel; }

ProductShape product_shape(const Problem& problem) {
  if (!problem.product) throw std::invalid_argument(problem.target + ": no product is declared");
  const Product& p = *problem.product;
  ProductShape s;
  s.a = index_of(problem, p.a);
  s.b = index_of(problem, p.b);
  s.c = index_of(problem, p.c);
  s.b_transposed = p.b_transposed;
  const auto &a = problem.tensors[s.a], &b = problem.tensors[s.b], &c = problem.tensors[s.c];
  const auto require = [&](bool ok, const char* what) {
    if (!ok) throw std::invalid_argument(problem.target + ": product " + p.c + " = " + p.a + " · " + p.b + ": " + what);
  };
  require(a.shape.size() >= 2 && b.shape.size() >= 2 && a.shape.size() == c.shape.size(),
          "A and C need the same rank, at least 2, and B at least 2");
  require(b.shape.size() == 2 || b.shape.size() == a.shape.size(), "B needs rank 2 or that of A");
  require(a.readable() && b.readable() && c.writable(), "A and B must be inputs and C an output");
  require(is_float(c.dtype), "C must be a float; an integer product needs a reference");
  const std::size_t rank = a.shape.size();
  s.m = a.shape[rank - 2];
  s.k = a.shape[rank - 1];
  s.n = c.shape[rank - 1];
  const auto [rows, columns] = std::pair(b.shape[b.shape.size() - 2], b.shape[b.shape.size() - 1]);
  require((s.b_transposed ? columns : rows) == s.k, "the inner dimensions of A and B differ");
  require((s.b_transposed ? rows : columns) == s.n, "B and C have different numbers of columns");
  for (std::size_t d = 0; d + 2 < rank; ++d) {
    require(a.shape[d] == c.shape[d] && (b.shape.size() == 2 || b.shape[d] == c.shape[d]), "leading dimensions differ");
    s.batch *= a.shape[d];
  }
  require(c.shape[rank - 2] == s.m, "A and C have different numbers of rows");
  if (b.shape.size() == 2) {
    s.m *= s.batch;
    s.batch = 1;
  }
  return s;
}

void pack_panel(const double* b, const ProductShape& s, std::int64_t panel, double* into) {
  const std::int64_t first = panel * kPanel, width = std::min(kPanel, s.n - first);
  if (width < kPanel) std::fill_n(into, s.k * kPanel, 0.0);
  if (s.b_transposed) {
    for (std::int64_t j = 0; j < width; ++j)
      for (std::int64_t q = 0; q < s.k; ++q) into[q * kPanel + j] = b[(first + j) * s.k + q];
  } else {
    for (std::int64_t q = 0; q < s.k; ++q) std::copy_n(b + q * s.n + first, width, into + q * kPanel);
  }
}

void multiply_panel(const double* a, std::int64_t rows, std::int64_t k, const double* panel, bool magnitudes,
                    double* into) {
  if (magnitudes)
    rows_times_panel<true>(a, rows, k, panel, into);
  else
    rows_times_panel<false>(a, rows, k, panel, into);
}

void full_product(const ProductShape& s, std::span<const double> a, std::span<const double> b, std::span<double> c,
                  std::span<double> scale, int threads) {
  const std::int64_t per_batch = panels(s.n);
  parallel_for(s.batch * per_batch, s.multiplications() > 1e6 ? threads : 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<double> panel(static_cast<std::size_t>(s.k * kPanel)), tile(static_cast<std::size_t>(s.m * kPanel));
    for (std::int64_t at = begin; at < end; ++at) {
      const std::int64_t z = at / per_batch, first = at % per_batch * kPanel, width = std::min(kPanel, s.n - first);
      const double* rows = a.data() + z * s.m * s.k;
      pack_panel(b.data() + z * s.k * s.n, s, at % per_batch, panel.data());
      for (const bool magnitudes : {false, true}) {
        multiply_panel(rows, s.m, s.k, panel.data(), magnitudes, tile.data());
        double* into = (magnitudes ? scale : c).data() + z * s.m * s.n + first;
        for (std::int64_t i = 0; i < s.m; ++i) std::copy_n(tile.data() + i * kPanel, width, into + i * s.n);
      }
    }
  });
}

void product_row(const double* a, const double* b, const ProductShape& s, std::int64_t column, std::int64_t count,
                 double* c, double* scale) {
  std::fill_n(c, count, 0.0);
  std::fill_n(scale, count, 0.0);
  for (std::int64_t q = 0; q < s.k; ++q)
    for (std::int64_t j = 0; j < count; ++j) {
      const double term = a[q] * (s.b_transposed ? b[(column + j) * s.k + q] : b[q * s.n + column + j]);
      c[j] += term;
      scale[j] += std::fabs(term);
    }
}

}  // namespace aisp::verify
