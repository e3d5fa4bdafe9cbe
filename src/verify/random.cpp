#include "verify/random.hpp"

#include <aisp/cpu.hpp>

#include <algorithm>
#include <cstring>

#include "verify/parallel.hpp"

namespace aisp::verify {
namespace {

// SplitMix64's finaliser (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA'14).
constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// Poison and guards need no statistics, only to be unlike anything computed: one keyed 32-bit mix of the word's index.
[[gnu::always_inline]] inline std::uint32_t mix32(std::uint32_t x, std::uint32_t k0, std::uint32_t k1) {
  x += k0;
  x = (x ^ (x >> 16)) * 0x7FEB352Du;
  x = (x ^ (x >> 15) ^ k1) * 0x846CA68Bu;
  return x ^ (x >> 16);
}

// How a 32-bit random word becomes elements that look like ordinary data: floats of either sign between 2^-7 and 2
// (2^-3 and 2 for E4M3), 32-bit integers below 2^19. `low` and `high` apply to the even and odd words.
struct Look {
  std::uint32_t keep_low, set_low, keep_high, set_high;
  int arithmetic_shift = 0;
};

constexpr Look look_of(DType t) {
  const auto same = [](std::uint32_t keep, std::uint32_t set) { return Look{keep, set, keep, set}; };
  switch (t) {
    case DType::f64: return {~0u, 0, 0x807fffffu, 0x3f800000u};
    case DType::f32: return same(0x83ffffffu, 0x3c000000u);
    case DType::f16: return same(0x9fff9fffu, 0x20002000u);
    case DType::bf16: return same(0x83ff83ffu, 0x3c003c00u);
    case DType::f8e4m3:
    case DType::f8e5m2: return same(0x9f9f9f9fu, 0x20202020u);
    case DType::i64: return {0x0007ffffu, 0, 0, 0};
    case DType::i32: return {~0u, 0, ~0u, 0, 12};
    case DType::i8:
    case DType::u8: break;
  }
  return same(~0u, 0);
}

constexpr std::int64_t kWords = 1024;  // a page of words at a time

AISP_SIMD void pattern_words(std::uint32_t* out, std::uint32_t first, std::uint32_t k0, std::uint32_t k1, Look look) {
  const std::uint32_t keep[2] = {look.keep_low, look.keep_high}, set[2] = {look.set_low, look.set_high};
  for (std::uint32_t i = 0; i < kWords; i += 2)
    for (std::uint32_t odd = 0; odd < 2; ++odd) {
      const std::uint32_t word = mix32(first + i + odd, k0, k1);
      out[i + odd] =
          (static_cast<std::uint32_t>(static_cast<std::int32_t>(word) >> look.arithmetic_shift) & keep[odd]) | set[odd];
    }
}

// Calls use(offset, pattern bytes) for each page of the pattern that `size` bytes see.
template <class Use> void for_pattern(Look look, Key key, std::size_t begin, std::size_t end, const Use& use) {
  alignas(64) std::uint32_t words[kWords];
  for (std::size_t offset = begin; offset < end; offset += sizeof words) {
    const std::uint64_t page = offset / sizeof words;
    const std::uint64_t k = mix64(key.value ^ (page >> 20));  // 2^20 pages of 2^10 words: every counter once per key
    pattern_words(words, static_cast<std::uint32_t>(page * kWords), static_cast<std::uint32_t>(k),
                  static_cast<std::uint32_t>(k >> 32), look);
    use(offset, std::span(reinterpret_cast<const std::byte*>(words), std::min(sizeof words, end - offset)));
  }
}

void fill_pattern(Look look, Key key, std::span<std::byte> bytes, int threads) {
  constexpr std::size_t page = kWords * sizeof(std::uint32_t);
  const auto pages = static_cast<std::int64_t>((bytes.size() + page - 1) / page);
  parallel_for(pages, bytes.size() > kParallelBytes ? threads : 1, [&](std::int64_t begin, std::int64_t end) {
    for_pattern(look, key, static_cast<std::size_t>(begin) * page,
                std::min(bytes.size(), static_cast<std::size_t>(end) * page),
                [&](std::size_t offset, std::span<const std::byte> pattern) {
                  std::memcpy(bytes.data() + offset, pattern.data(), pattern.size());
                });
  });
}

}  // namespace

Key derive(Key parent, std::string_view label, std::uint64_t index) {
  std::uint64_t h = mix64(parent.value ^ mix64(label.size()));
  for (std::size_t at = 0; at < label.size(); at += 8) {
    std::uint64_t part = 0;
    for (std::size_t i = at; i < std::min(at + 8, label.size()); ++i)
      part |= std::uint64_t{static_cast<unsigned char>(label[i])} << (8 * (i - at));
    h = mix64(h ^ part);
  }
  return {mix64(h ^ mix64(index))};
}

void poison(DType dtype, Key key, std::span<std::byte> bytes, int threads) {
  fill_pattern(look_of(dtype), key, bytes, threads);
}

void fill_guard(Key key, std::span<std::byte> zone) { fill_pattern(look_of(u8), key, zone, 1); }

std::uint64_t damaged_guard_bytes(Key key, std::span<const std::byte> zone) {
  std::uint64_t damaged = 0;
  for_pattern(look_of(u8), key, 0, zone.size(), [&](std::size_t offset, std::span<const std::byte> pattern) {
    if (std::memcmp(zone.data() + offset, pattern.data(), pattern.size()) == 0) return;
    for (std::size_t i = 0; i < pattern.size(); ++i) damaged += zone[offset + i] != pattern[i];
  });
  return damaged;
}

}  // namespace aisp::verify
