// Counter-based random inputs: the value of element i depends on (key, i) alone, so any part can be drawn in any order,
// on the CPU and on a GPU, with bit-identical results. Generator: Philox4x32-10 (Salmon et al., SC'11).
#pragma once

#include <aisp/problem.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace aisp::verify {

// 64-bit key of one stream, derived from the run's secret seed and what the stream is for.
struct Key {
  std::uint64_t value = 0;
};
// Mixes `label` and `index` into `parent` (SplitMix64 finaliser over a running hash); distinct paths give distinct
// streams.
Key derive(Key parent, std::string_view label, std::uint64_t index = 0);

// Philox4x32-10 block `counter` of stream `key`.
struct Block {
  std::uint32_t word[4];
};
Block philox(Key key, std::uint64_t counter);
// A number in [0, n), the first of stream `key`; n > 0.
std::uint64_t below(Key key, std::uint64_t n);

// Draws all elements of a tensor in its dtype into `bytes` (size spec.bytes(), aligned to its element). Values do not
// depend on `threads`. Throws std::invalid_argument when the distribution cannot be drawn in that dtype.
void draw(const TensorSpec& spec, Key key, std::span<std::byte> bytes, int threads = 1);

// What a mixed distribution does to one draw; `none` for two keys in three.
enum class Family : std::uint8_t { none, blocks, one_sign, sorted, mostly_zero, outliers };
Family family_of(const TensorSpec& spec, Key key);

// Fills memory with a random pattern that looks like ordinary finite data of that dtype and cannot be told from an
// output by its looks.
void poison(DType, Key key, std::span<std::byte> bytes, int threads = 1);

// Fills a guard zone with bytes, and counts those that changed.
void fill_guard(Key key, std::span<std::byte> zone);
std::uint64_t damaged_guard_bytes(Key key, std::span<const std::byte> zone);

}  // namespace aisp::verify
