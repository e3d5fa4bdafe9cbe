// Matrix products in double, for expectations and bounds: panels of 16 columns.
#pragma once

#include <aisp/problem.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace aisp::verify {

// C[batch, m, n] = A[batch, m, k] · B[batch, k, n], or B[batch, n, k] when transposed. A B of rank 2 is shared by all
// leading dimensions, which then count as rows.
struct ProductShape {
  std::int64_t batch = 1, m = 0, n = 0, k = 0;
  bool b_transposed = false;
  std::size_t a = 0, b = 0, c = 0;  // indices of the tensors
  double multiplications() const {
    return static_cast<double>(batch) * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  }
};

// Shape of problem.product; throws std::invalid_argument when its tensors are missing or do not fit together.
ProductShape product_shape(const Problem&);

inline constexpr std::int64_t kPanel = 16;
std::int64_t panels(std::int64_t n);  // ⌈n / 16⌉

// into[k][16]: columns [16·panel, …) of one B, zero beyond n.
void pack_panel(const double* b, const ProductShape&, std::int64_t panel, double* into);

// into[rows][16] = a[rows][k] · panel[k][16]; with `absolute`, of the magnitudes.
void multiply_panel(const double* a, std::int64_t rows, std::int64_t k, const double* panel, bool absolute,
                    double* into);

// Fills c and scale (Σ|terms|), both [batch, m, n], with the full product.
void full_product(const ProductShape&, std::span<const double> a, std::span<const double> b, std::span<double> c,
                  std::span<double> scale, int threads);

// Elements [column, column + count) of one row of C and their Σ|terms|; a: the row [k], b: one B.
void product_row(const double* a, const double* b, const ProductShape&, std::int64_t column, std::int64_t count,
                 double* c, double* scale);

}  // namespace aisp::verify
