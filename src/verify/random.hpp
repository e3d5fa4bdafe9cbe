// Counter-based random inputs: the value of element i depends on (key, i) alone, so any part can be drawn in any order,
// on the CPU and on a GPU, with bit-identical results. Generator: ChaCha (chacha.hpp).
#pragma once

#include <aisp/problem.hpp>
#include <aisp/random.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace aisp::verify {

// Key of one stream. Keys form a tree: from a key follow those below it, and none of those above it or beside it.
struct Key {
  std::uint64_t word[4] = {};
  bool operator==(const Key&) const = default;
};
// The key of `label` and `index` below `parent`: BLAKE2b with `parent` for its key (Aumasson et al., ACNS'13; RFC
// 7693). What a worker sees of one stream, whatever it works out from it, says nothing of any other.
Key derive(const Key& parent, std::string_view label, std::uint64_t index = 0);

// A number in [0, n), the first of stream `key`; n > 0.
std::uint64_t below(const Key& key, std::uint64_t n);

// All numbers of stream `key`, one after the other.
class Stream final : public Random {
 public:
  explicit Stream(const Key& key) : key_(key) {}

 private:
  void refill(std::uint64_t (&words)[kWords]) override;
  Key key_;
  std::uint64_t block_ = 0;
};

// Draws all elements of a tensor in its dtype into `bytes` (size spec.bytes(), aligned to its element). Values do not
// depend on `threads`. Throws std::invalid_argument when the distribution cannot be drawn in that dtype.
void draw(const TensorSpec& spec, const Key& key, std::span<std::byte> bytes, int threads = 1);

// What a mixed distribution does to one draw; `none` for two keys in three.
enum class Family : std::uint8_t { none, blocks, one_sign, sorted, mostly_zero, outliers };
Family family_of(const TensorSpec& spec, const Key& key);

// Fills memory with a random pattern that looks like ordinary finite data of that dtype and cannot be told from an
// output by its looks.
void poison(DType, const Key& key, std::span<std::byte> bytes, int threads = 1);

// Fills a guard zone with bytes, and counts those that changed.
void fill_guard(const Key& key, std::span<std::byte> zone);
std::uint64_t damaged_guard_bytes(const Key& key, std::span<const std::byte> zone);

}  // namespace aisp::verify
