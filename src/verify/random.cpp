#include "verify/random.hpp"

#include <aisp/cpu.hpp>

#include <algorithm>
#include <cstring>

#include "verify/parallel.hpp"
#include "verify/pattern.hpp"

namespace aisp::verify {
namespace {

constexpr std::int64_t kWords = 1024;  // a page of words at a time

AISP_SIMD void pattern_words(std::uint32_t* out, std::uint32_t first, std::uint32_t k0, std::uint32_t k1, Look look) {
  const std::uint32_t keep[2] = {look.keep_low, look.keep_high}, set[2] = {look.set_low, look.set_high};
  for (std::uint32_t i = 0; i < kWords; i += 2)
    for (std::uint32_t odd = 0; odd < 2; ++odd) {
      out[i + odd] = with_look(mix32(first + i + odd, k0, k1), look, keep[odd], set[odd]);
    }
}

// Calls use(offset, pattern bytes) for each page of the pattern that `size` bytes see.
template <class Use> void for_pattern(Look look, Key key, std::size_t begin, std::size_t end, const Use& use) {
  alignas(64) std::uint32_t words[kWords];
  for (std::size_t offset = begin; offset < end; offset += sizeof words) {
    const std::uint64_t page = offset / sizeof words;
    const std::uint64_t k = pattern_key(key, page * kWords);
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
