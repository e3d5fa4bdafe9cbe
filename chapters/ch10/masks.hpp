// Which keys a query may see, for the attention workloads, their references and their kernels. A mask tells it for one
// pair, and for a tile of pairs at once; reads_keys: it reads something from memory for each key.
#pragma once

#include <aisp/tensor.hpp>

#include <cstdint>

namespace attention {

enum class Visible { none, some, all };

// Tile of queries q0 ≤ i < q1 and keys k0 ≤ j < k1.
struct Full {
  static constexpr bool reads_keys = false;
  AISP_HD bool operator()(std::int64_t, std::int64_t) const { return true; }
  Visible tile(std::int64_t, std::int64_t, std::int64_t, std::int64_t) const { return Visible::all; }
};

// A query sees itself and what came before.
struct Causal {
  static constexpr bool reads_keys = false;
  AISP_HD bool operator()(std::int64_t i, std::int64_t j) const { return j <= i; }
  Visible tile(std::int64_t q0, std::int64_t q1, std::int64_t k0, std::int64_t k1) const {
    return k0 >= q1 ? Visible::none : k1 - 1 <= q0 ? Visible::all : Visible::some;
  }
};

// A query sees the `size` last of those.
struct Window {
  static constexpr bool reads_keys = false;
  std::int64_t size;
  AISP_HD bool operator()(std::int64_t i, std::int64_t j) const { return j <= i && i - j < size; }
  Visible tile(std::int64_t q0, std::int64_t q1, std::int64_t k0, std::int64_t k1) const {
    if (k0 >= q1 || q0 - (k1 - 1) >= size) return Visible::none;
    return k1 - 1 <= q0 && q1 - 1 - k0 < size ? Visible::all : Visible::some;
  }
};

// Several documents in one sequence, one behind the other: a query sees those of its document up to itself. id[i] is
// the number of the document that token i is in, and never falls.
template <class Id> struct Documents {
  static constexpr bool reads_keys = true;
  const Id* id;
  AISP_HD bool operator()(std::int64_t i, std::int64_t j) const { return j <= i && id[i] == id[j]; }
  Visible tile(std::int64_t q0, std::int64_t q1, std::int64_t k0, std::int64_t k1) const {
    if (k0 >= q1 || id[k1 - 1] < id[q0]) return Visible::none;
    return k1 - 1 <= q0 && id[k0] == id[q1 - 1] ? Visible::all : Visible::some;
  }
};

}  // namespace attention
