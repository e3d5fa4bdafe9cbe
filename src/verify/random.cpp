#include "verify/random.hpp"

#include <aisp/cpu.hpp>

#include <sodium.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "verify/chacha.hpp"
#include "verify/parallel.hpp"
#include "verify/pattern.hpp"

namespace aisp::verify {
namespace {

AISP_SIMD void give_look(std::uint32_t* words, Look look) {
  const std::uint32_t keep[2] = {look.keep_low, look.keep_high}, set[2] = {look.set_low, look.set_high};
  for (std::int64_t i = 0; i < kGroup; i += 2)
    for (std::int64_t odd = 0; odd < 2; ++odd) words[i + odd] = with_look(words[i + odd], look, keep[odd], set[odd]);
}

constexpr std::size_t kPage = kGroup * sizeof(std::uint32_t);

// A page of the pattern: a group of its words.
void make_page(const Look& look, const Key& key, std::size_t page, std::uint32_t* words) {
  fill_words(key, Plane::pattern, static_cast<std::int64_t>(page), words);
  give_look(words, look);
}

// Calls use(where, pattern bytes) for each page of the pattern that `size` bytes see, from page `first` on.
template <class Use>
void for_pages(const Look& look, const Key& key, std::size_t first, std::size_t last, std::size_t size,
               const Use& use) {
  alignas(64) std::uint32_t words[kGroup];
  for (std::size_t page = first; page < last; ++page) {
    make_page(look, key, page, words);
    use(page * kPage, std::span(reinterpret_cast<const std::byte*>(words), std::min(kPage, size - page * kPage)));
  }
}

std::size_t pages_of(std::size_t bytes) { return (bytes + kPage - 1) / kPage; }

void fill_pattern(const Look& look, const Key& key, std::span<std::byte> bytes, int threads) {
  // Whole pages are made where they belong; a tensor is aligned, a guard zone need not be.
  const bool aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint32_t) == 0;
  const std::size_t in_place = aligned ? bytes.size() / kPage : 0;
  parallel_for(static_cast<std::int64_t>(in_place), bytes.size() > kParallelBytes ? threads : 1,
               [&](std::int64_t begin, std::int64_t end) {
                 for (auto page = static_cast<std::size_t>(begin); page < static_cast<std::size_t>(end); ++page)
                   make_page(look, key, page, reinterpret_cast<std::uint32_t*>(bytes.data() + page * kPage));
               });
  for_pages(look, key, in_place, pages_of(bytes.size()), bytes.size(),
            [&](std::size_t at, std::span<const std::byte> pattern) {
              std::memcpy(bytes.data() + at, pattern.data(), pattern.size());
            });
}

}  // namespace

Key derive(const Key& parent, std::string_view label, std::uint64_t index) {
  static_assert(std::endian::native == std::endian::little, "keys are bytes in this order");
  static const bool ready = sodium_init() >= 0;  // picks the implementation for this processor
  // The length goes first and the index has a fixed width: no two pairs of label and index are the same bytes.
  const std::uint64_t length = label.size();
  Key child;
  crypto_generichash_state state;
  const auto add = [&](const void* data, std::size_t bytes) {
    return crypto_generichash_update(&state, static_cast<const unsigned char*>(data), bytes) == 0;
  };
  const bool done =
      ready &&
      crypto_generichash_init(&state, reinterpret_cast<const unsigned char*>(parent.word), sizeof parent.word,
                              sizeof child.word) == 0 &&
      add(&length, sizeof length) && add(label.data(), label.size()) && add(&index, sizeof index) &&
      crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(child.word), sizeof child.word) == 0;
  if (!done) throw std::runtime_error("libsodium derives no keys");
  return child;
}

std::uint64_t below(const Key& key, std::uint64_t n) {
  const Block drawn = chacha(key, counter_of(Plane::value, 0));
  return ((std::uint64_t{drawn.word[0]} << 32) | drawn.word[1]) % n;
}

void Stream::refill(std::uint64_t (&words)[kWords]) {
  const Block drawn = chacha(key_, counter_of(Plane::stream, block_++));
  std::memcpy(words, drawn.word, sizeof words);
}

void poison(DType dtype, const Key& key, std::span<std::byte> bytes, int threads) {
  fill_pattern(look_of(dtype), key, bytes, threads);
}

void fill_guard(const Key& key, std::span<std::byte> zone) { fill_pattern(look_of(u8), key, zone, 1); }

std::uint64_t damaged_guard_bytes(const Key& key, std::span<const std::byte> zone) {
  std::uint64_t damaged = 0;
  for_pages(look_of(u8), key, 0, pages_of(zone.size()), zone.size(),
            [&](std::size_t at, std::span<const std::byte> pattern) {
              if (std::memcmp(zone.data() + at, pattern.data(), pattern.size()) == 0) return;
              for (std::size_t i = 0; i < pattern.size(); ++i) damaged += zone[at + i] != pattern[i];
            });
  return damaged;
}

}  // namespace aisp::verify
