// What a number format costs in accuracy: an operation on rounded inputs against the same in fp64 on the inputs as they
// are.
#pragma once

#include "tools/number_format.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace aisp::tools {

// Relative errors |got − exact| / |exact|, two bins a decade from 10^−9 to 10; below and beyond count in the first and
// last, exact results apart.
struct ErrorHistogram {
  static constexpr int kFirstDecade = -9, kBinsPerDecade = 2, kBins = 20;
  std::int64_t exact = 0;
  std::array<std::int64_t, kBins> counts{};
};

struct ErrorNorms {
  std::int64_t elements = 0;
  std::int64_t nonfinite = 0;  // results that are infinite or NaN where the exact one is not; left out of the norms
  double max_absolute = 0;
  double relative_frobenius = 0;       // ‖got − exact‖ / ‖exact‖
  double snr_db = 0;                   // 20 · log10 of its inverse; infinity where nothing differs
  double max_ulps = 0, mean_ulps = 0;  // in spacings of the format at the exact result
  ErrorHistogram histogram;
};

ErrorNorms error_norms(const NumberFormat&, std::span<const double> got, std::span<const double> exact);

struct PrecisionResult {
  const NumberFormat* format = nullptr;
  RoundingCounts rounding;   // over all that was rounded
  std::int64_t rounded = 0;  // elements
  ErrorNorms error;
};

// Rows of elements, rounded.
PrecisionResult compare_tensor(const NumberFormat&, std::span<const double> values, std::int64_t row_length,
                               bool tensor_scale);

// C[m][n] = Σ A[m][k] · B[n][k]: both inputs rounded, blocks along k, products summed in fp32, C not rounded.
struct GemmInput {
  std::int64_t m = 0, n = 0, k = 0;
  std::vector<double> a, b;
};
// Rows of logits: rounded, softmax in fp32, the probabilities rounded.
struct SoftmaxInput {
  std::int64_t rows = 0, columns = 0;
  std::vector<double> x;
};
// One head: softmax(Q · Kᵀ / √head_dim) · V. Q, K, V and the probabilities rounded, sums in fp32, the output not
// rounded.
struct AttentionInput {
  std::int64_t sequence = 0, head_dim = 0;
  std::vector<double> q, k, v;
};

std::vector<double> exact(const GemmInput&);
std::vector<double> exact(const SoftmaxInput&);
std::vector<double> exact(const AttentionInput&);
PrecisionResult compare(const NumberFormat&, const GemmInput&, std::span<const double> exact, bool tensor_scale);
PrecisionResult compare(const NumberFormat&, const SoftmaxInput&, std::span<const double> exact, bool tensor_scale);
PrecisionResult compare(const NumberFormat&, const AttentionInput&, std::span<const double> exact, bool tensor_scale);

}  // namespace aisp::tools
