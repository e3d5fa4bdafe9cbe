// Orders in which tiles are worked on, and the variant that they differ in.
#pragma once

#include "../../ch09/persistent_gemm.hpp"

namespace gemm {

struct RowByRow {
  int tiles_m, tiles_n;
  __device__ Tile operator()(int index) const { return {index / tiles_n, index % tiles_n}; }
};

// An order read from a table.
struct Listed {
  const Tile* tile = nullptr;
  __device__ Tile operator()(int index) const { return tile[index]; }
};

// The tiles in the order of Hilbert's curve (Hilbert, 1891) through the smallest square of a power of two that covers
// them: neighbours in the order are neighbours in the matrix, in both directions.
inline std::vector<Tile> hilbert(int tiles_m, int tiles_n) {
  int side = 1;
  while (side < tiles_m || side < tiles_n) side *= 2;
  std::vector<Tile> order;
  order.reserve(static_cast<std::size_t>(tiles_m) * static_cast<std::size_t>(tiles_n));
  for (std::int64_t at = 0; at < std::int64_t{side} * side; ++at) {
    int m = 0, n = 0;
    std::int64_t rest = at;
    for (int half = 1; half < side; half *= 2, rest /= 4) {  // from the smallest squares to the largest
      const bool right = rest / 2 % 2, up = (rest ^ (rest / 2)) % 2;
      if (!up) {
        if (right) m = half - 1 - m, n = half - 1 - n;
        std::swap(m, n);
      }
      if (right) m += half;
      if (up) n += half;
    }
    if (m < tiles_m && n < tiles_n) order.push_back({m, n});
  }
  return order;
}

}  // namespace gemm
