// Random numbers for a custom() distribution: a C++ UniformRandomBitGenerator. The judge makes one for each draw, from
// the tensor's key, which cannot be told from what it gives. What a workload draws must be the same on every machine,
// so use below() and uniform() rather than the distributions of <random>, which differ between standard libraries.
#pragma once

#include <cstddef>
#include <cstdint>

namespace aisp {

class Random {
 public:
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }

  Random() = default;
  Random(const Random&) = delete;  // two copies would give the same numbers
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;

  result_type operator()() {
    if (next_ == kWords) refill(words_), next_ = 0;
    return words_[next_++];
  }
  // In [0, n), n > 0. Its bias is below n / 2^64.
  std::uint64_t below(std::uint64_t n) { return (*this)() % n; }
  // In [0, 1), 53 bits.
  double uniform() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }

 protected:
  static constexpr std::size_t kWords = 8;
  virtual void refill(std::uint64_t (&words)[kWords]) = 0;

 private:
  std::uint64_t words_[kWords] = {};
  std::size_t next_ = kWords;
};

}  // namespace aisp
