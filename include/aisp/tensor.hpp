// A row-major, compact, non-owning view of Rank dimensions: what kernels and references compute on.
#pragma once

#include <array>
#include <cstdint>

#if defined(__CUDACC__)
#define AISP_HD __host__ __device__
#else
#define AISP_HD
#endif

namespace aisp {

template <class T, int Rank> struct Tensor {
  static_assert(Rank >= 1 && Rank <= 6);
  using element = T;
  static constexpr int rank = Rank;

  T* data = nullptr;
  std::int64_t shape[Rank] = {};

  AISP_HD std::int64_t size() const {
    std::int64_t n = 1;
    for (int d = 0; d < Rank; ++d) n *= shape[d];
    return n;
  }
  AISP_HD std::int64_t dim(int d) const { return shape[d]; }

  // Element (i0, i1, ...): exactly Rank indices, unchecked.
  template <class... I> AISP_HD T& operator()(I... index) const {
    static_assert(sizeof...(I) == Rank, "one index per dimension");
    std::int64_t offset = 0;
    int d = 0;
    ((offset = offset * shape[d++] + static_cast<std::int64_t>(index)), ...);
    return data[offset];
  }

  // Flat element i in memory order.
  AISP_HD T& operator[](std::int64_t i) const { return data[i]; }
  AISP_HD T* begin() const { return data; }
  AISP_HD T* end() const { return data + size(); }
};

template <class T> using Vector = Tensor<T, 1>;
template <class T> using Matrix = Tensor<T, 2>;

}  // namespace aisp
