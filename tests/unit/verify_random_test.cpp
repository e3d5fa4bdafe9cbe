// The generator against its published vectors, and the distributions against what their declarations promise.
#include "verify/random.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>
#include <set>
#include <string>

#include "verify/chacha.hpp"
#include "verify/compare.hpp"
#include "verify/convert.hpp"
#include "verify/cuda/draw_elements.hpp"
#include "verify/pattern.hpp"

namespace {

using namespace aisp;
using namespace aisp::verify;

TensorSpec tensor(DType t, std::int64_t n, Distribution d) {
  return {.name = "x", .role = Role::fresh, .dtype = t, .shape = {n}, .distribution = std::move(d)};
}

// Aligned storage for any dtype.
struct Buffer {
  explicit Buffer(std::size_t size) : words(size / 8 + 1), bytes(reinterpret_cast<std::byte*>(words.data()), size) {}
  std::vector<std::uint64_t> words;
  std::span<std::byte> bytes;
};

std::vector<double> drawn(const TensorSpec& spec, Key key, int threads = 1) {
  Buffer b(spec.bytes());
  draw(spec, key, b.bytes, threads);
  return to_doubles(spec.dtype, b.bytes);
}

struct Moments {
  double mean = 0, variance = 0, kurtosis = 0;
};
Moments moments(const std::vector<double>& v) {
  const auto n = static_cast<double>(v.size());
  Moments m;
  for (double x : v) m.mean += x / n;
  double fourth = 0;
  for (double x : v) {
    const double d = (x - m.mean) * (x - m.mean);
    m.variance += d / n;
    fourth += d * d / n;
  }
  m.kurtosis = fourth / (m.variance * m.variance) - 3;
  return m;
}

// A key whose draw of `spec` belongs to `family`.
Key key_with(const TensorSpec& spec, Family family, std::uint64_t skip = 0) {
  for (std::uint64_t k = 1; k < 100000; ++k)
    if (family_of(spec, Key{k}) == family && skip-- == 0) return Key{k};
  throw std::logic_error("no such key");
}

template <int rounds> std::string stream_of(const Key& key, const Counter& counter) {
  const Block block = chacha<rounds>(key, counter);
  std::string hex;
  for (const std::uint32_t word : block.word)
    for (int byte = 0; byte < 4; ++byte) hex += fmt::format("{:02x}", (word >> (8 * byte)) & 0xff);
  return hex;
}

Key counting_key() {  // bytes 0, 1, … 31
  return {{0x0706050403020100u, 0x0f0e0d0c0b0a0908u, 0x1716151413121110u, 0x1f1e1d1c1b1a1918u}};
}

// RFC 8439, 2.3.2 and appendix A.1.
TEST(ChaCha, MatchesThePublishedVectorsOfTwentyRounds) {
  EXPECT_EQ(stream_of<20>(counting_key(), {{1, 0x09000000u, 0x4a000000u, 0}}),
            "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
            "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e");
  EXPECT_EQ(stream_of<20>(Key{}, {{1, 0, 0, 0}}),
            "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
            "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f");
}

// draft-strombergson-chacha-test-vectors-01, TC1 and TC2 with keys of 256 bits.
TEST(ChaCha, MatchesThePublishedVectorsOfFewerRounds) {
  EXPECT_EQ(stream_of<8>(Key{}, {}),
            "3e00ef2f895f40d67f5bb8e81f09a5a12c840ec3ce9a7f3b181be188ef711a1e"
            "984ce172b9216f419f445367456d5619314a42a3da86b001387bfdb80e0cfe42");
  EXPECT_EQ(stream_of<12>(Key{}, {}),
            "9bf49a6a0755f953811fce125f2683d50429c3bb49e074147e0089a52eae155f"
            "0564f879d27ae3c02ce82834acfa8c793a629f2ca0de6919610be82f411326be");
  EXPECT_EQ(stream_of<12>(Key{{1}}, {}).substr(0, 32), "12056e595d56b0f6eef090f0cd25a209");
}

// All the generator's twenty rounds against a library's, over counters that carry.
TEST(ChaCha, IsThatOfLibsodium) {
  std::uint32_t nonce[2] = {0x01234567u, 0x89abcdefu};
  for (const std::uint64_t counter : {std::uint64_t{0}, std::uint64_t{0xffffffffu}, ~std::uint64_t{0} - 7}) {
    unsigned char want[64] = {};
    const Key key = derive(Key{}, "vector", counter);
    ASSERT_EQ(crypto_stream_chacha20_xor_ic(want, want, sizeof want, reinterpret_cast<unsigned char*>(nonce), counter,
                                            reinterpret_cast<const unsigned char*>(key.word)),
              0);
    const Block got = chacha<20>(
        key, {{static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32), nonce[0], nonce[1]}});
    EXPECT_EQ(std::memcmp(got.word, want, sizeof want), 0) << counter;
  }
}

TEST(ChaCha, BatchesOfEveryInstructionSetHoldTheWordsOfTheSingleBlocks) {
  const Key key = counting_key();
  std::uint32_t words[kGroup];
  for (const auto isa : {cpu::Isa::scalar, cpu::Isa::avx2, cpu::Isa::avx512}) {
    if (isa > cpu::isa()) continue;  // not on this machine
    for (const std::int64_t group :
         {std::int64_t{0}, std::int64_t{7}, (std::int64_t{1} << 26) - 1, std::int64_t{1} << 26}) {
      fill_words(key, Plane::shape, group, words, isa);
      for (std::int64_t i = 0; i < kGroup; ++i) {
        const Block b = group_block(key, Plane::shape, group, static_cast<std::uint32_t>(i % kLanes));
        ASSERT_EQ(words[i], b.word[i / kLanes]) << cpu::name(isa) << " " << group << " " << i;
      }
    }
  }
}

// hashlib.blake2b(struct.pack('<Q', len(label)) + label + struct.pack('<Q', index), key=…, digest_size=32) of Python.
TEST(Key, IsDerivedByBlake2b) {
  EXPECT_EQ(derive(Key{{1, 2, 3, 4}}, "round", 7),
            (Key{{0x882babd4696f2ff4u, 0x1179867b6e21dc9bu, 0xae29bd9bc1154392u, 0x03c2c42a3ecbf633u}}));
  EXPECT_EQ(derive(Key{}, ""),
            (Key{{0x67dfdcd9d9613138u, 0x4862e1e22b479224u, 0x14315fdd827ad108u, 0xbc3465066aa97872u}}));
}

TEST(Key, DistinctPathsGiveDistinctStreams) {
  std::vector<Key> seen;
  const std::string index_bytes(8, '\0');
  for (const std::string label : {"", "a", "b", "ab", "aaaaaaaa", "aaaaaaaaa", "input", "poison"})
    for (std::uint64_t i = 0; i < 100; ++i) seen.push_back(derive(Key{1}, label, i));
  seen.push_back(derive(Key{1}, index_bytes));  // a label that looks like an index
  seen.push_back(derive(Key{2}, "a"));
  seen.push_back(derive(Key{{1, 1, 0, 0}}, "a"));
  seen.push_back(derive(derive(Key{1}, "a"), "b"));
  seen.push_back(derive(derive(Key{1}, "b"), "a"));
  std::set<std::array<std::uint64_t, 4>> distinct;
  for (const auto& key : seen) distinct.insert(std::to_array(key.word));
  EXPECT_EQ(distinct.size(), seen.size());
}

TEST(Below, StaysBelowAndCoversTheRange) {
  std::vector<int> count(7);
  for (std::uint64_t i = 0; i < 7000; ++i) ++count.at(below(derive(Key{5}, "n", i), 7));
  for (const int c : count) EXPECT_NEAR(c, 1000, 150);
  EXPECT_EQ(below(Key{5}, 1), 0u);
}

TEST(Stream, IsARandomBitGeneratorThatItsKeyFixes) {
  static_assert(std::uniform_random_bit_generator<Random>);
  Stream a(Key{1}), again(Key{1}), b(Key{2});
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto word = a();
    EXPECT_EQ(word, again());
    seen.insert(word);
    seen.insert(b());
  }
  EXPECT_EQ(seen.size(), 2000u);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const double u = a.uniform();
    ASSERT_TRUE(u >= 0 && u < 1);
    ASSERT_LT(a.below(10), 10u);
    sum += u;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
}

// FNV-1a over bytes.
std::uint64_t hash(std::uint64_t h, std::span<const std::byte> bytes) {
  for (const auto b : bytes) h = (h ^ std::to_integer<std::uint64_t>(b)) * 0x100000001b3u;
  return h;
}

// Values must be the same on every machine and in every version, or old runs cannot be replayed: the bits of every
// distribution in every dtype and family, as the first version drew them.
TEST(Draw, HasTheBitsOfTheFirstVersion) {
  const auto bits_of = [](const Distribution& d) {
    std::uint64_t h = 0xcbf29ce484222325u;
    for (const DType t : {f64, f32, f16, bf16, f8e4m3, f8e5m2, i64, i32, i8, u8}) {
      const auto spec = tensor(t, d.kind == Distribution::Kind::permutation ? 9 : 2085, d);
      for (int f = 0; f <= (d.mixed ? 5 : 0); ++f) {
        Buffer b(spec.bytes());
        draw(spec, key_with(spec, static_cast<Family>(f)), b.bytes);
        h = hash(h, b.bytes);
      }
    }
    return h;
  };
  constexpr std::int64_t kFar = std::int64_t{1} << 40;
  EXPECT_EQ(bits_of(uniform(-1, 3)), 0x3327710c66e04957u);
  EXPECT_EQ(bits_of(mixed(uniform(0.5, 2))), 0xbaae433b875a2a65u);
  EXPECT_EQ(bits_of(normal(2, 0.5)), 0x8e5169068771bf8bu);
  EXPECT_EQ(bits_of(mixed(normal(0, 3))), 0xc17eaf407b59cbeeu);
  EXPECT_EQ(bits_of(integers(-127, 127)), 0x0adb6f998893219du);
  EXPECT_EQ(bits_of(mixed(integers(-100, 100))), 0x3a49711f4ebca8d4u);
  EXPECT_EQ(bits_of(mixed(integers(-kFar, kFar))), 0xfa0c35b175564978u);
  EXPECT_EQ(bits_of(permutation()), 0x9d2af6fc0f89a4d8u);
  EXPECT_EQ(bits_of(mixed(permutation())), 0xf7fbc4ff261b556fu);
  EXPECT_EQ(bits_of(mixed(sparse(0.1, normal(0, 1)))), 0xbce24fb4ef25945bu);
  std::uint64_t h = 0xcbf29ce484222325u;
  for (const DType t : {f64, f32, f16, bf16, f8e4m3, f8e5m2, i64, i32, i8, u8}) {
    Buffer b(5001 * info(t).size);
    poison(t, Key{7}, b.bytes);
    h = hash(h, b.bytes);
  }
  EXPECT_EQ(h, 0x626dfb29ac874de8u);
}

// What a GPU draws, element by element, is what the host draws in chunks.
TEST(Draw, ElementsAreThoseOfTheChunks) {
  constexpr std::int64_t kFar = std::int64_t{1} << 40;
  for (const auto& d : {mixed(uniform(-1, 3)), mixed(uniform(0.5, 2)), mixed(normal(0, 3)), normal(2, 0.5),
                        mixed(integers(-100, 100)), mixed(integers(-kFar, kFar)), mixed(permutation()),
                        mixed(sparse(0.1, normal(0, 1))), sparse(0.5, uniform(1, 2))})
    for (const DType t : {f64, f32, f16, bf16, f8e4m3, f8e5m2, i64, i32, i8, u8})
      for (const std::int64_t n : {1, 9, 63, 257, 1025, 2085}) {
        const auto spec = tensor(t, n, d);
        for (int f = 0; f <= (d.mixed ? 5 : 0); ++f) {
          const Key key = key_with(spec, static_cast<Family>(f));
          Buffer chunks(spec.bytes()), elements(spec.bytes());
          try {
            draw(spec, key, chunks.bytes);
          } catch (const std::invalid_argument&) {
            continue;  // a permutation that the dtype cannot hold
          }
          const Drawing drawing = make_drawing(spec, key);
          for (std::int64_t at = 0; at < (n + kGroup - 1) / kGroup * kLanes; ++at) {
            const auto lane = static_cast<std::uint32_t>(at % kLanes);
            if (drawing.values == Drawing::Values::uniform || drawing.values == Drawing::Values::normal) {
              if (drawing.in_double)
                draw_block<double>(drawing, at / kLanes, lane, elements.bytes.data());
              else
                draw_block<float>(drawing, at / kLanes, lane, elements.bytes.data());
            } else {
              draw_block<std::int64_t>(drawing, at / kLanes, lane, elements.bytes.data());
            }
          }
          ASSERT_EQ(std::memcmp(chunks.bytes.data(), elements.bytes.data(), spec.bytes()), 0)
              << info(t).name << ", kind " << static_cast<int>(d.kind) << ", n = " << n << ", family " << f;
        }
      }
}

TEST(Poison, WordsAreThoseOfThePages) {
  for (const DType t : {f64, f32, f16, f8e4m3, i64, i32, u8}) {
    Buffer pages(5000 * 4);
    poison(t, Key{6}, pages.bytes);
    for (std::uint64_t i = 0; i < 5000; ++i) {
      const std::uint32_t word = pattern_word(look_of(t), Key{6}, i);
      ASSERT_EQ(std::memcmp(pages.bytes.data() + 4 * i, &word, 4), 0) << info(t).name << " " << i;
    }
  }
}

TEST(Draw, HasTheBitsOfTheDocumentedFormulas) {
  const Key key{42};
  const auto u = drawn(tensor(f32, 1100, uniform(-1, 3)), key);
  const auto z = drawn(tensor(f32, 1100, normal(2, 0.5)), key);
  for (const std::int64_t i : {0, 63, 64, 959, 1023, 1024, 1099}) {
    const Block b = chacha(key, {{static_cast<std::uint32_t>(64 * (i / 1024) + i % 64), 0, 0, 0}});
    const std::uint32_t own = b.word[i / 64 % 16], next = b.word[(i / 64 + 1) % 16];
    EXPECT_EQ(u[static_cast<std::size_t>(i)],
              static_cast<double>(-1.0f + 4.0f * (static_cast<float>(own >> 8) * 0x1p-24f)));
    const double jitter = (static_cast<double>((next * 0x9E3779B1u) >> 8) + 0.5) * 0x1p-24 - 0.5;
    const double want = 2 + 0.5 * (std::popcount(own) - 16 + jitter) / std::sqrt(8 + 1.0 / 12);
    EXPECT_NEAR(z[static_cast<std::size_t>(i)], want, 1e-6);
  }
}

TEST(Draw, ElementsDependOnKeyAndIndexAlone) {
  for (const DType t : {f32, f64, f16, i32}) {
    const auto d = t == i32 ? integers(-50, 50) : normal(0, 2);
    const auto whole = drawn(tensor(t, 3000, d), Key{9}), part = drawn(tensor(t, 1500, d), Key{9});
    EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin()));
    EXPECT_NE(part, drawn(tensor(t, 1500, d), Key{10}));
  }
}

TEST(Draw, DoesNotDependOnTheNumberOfThreads) {
  const std::int64_t n = (1 << 20) + 77;
  for (const auto& d : {mixed(normal(0, 1)), permutation(), uniform(0, 1)}) {
    const auto spec = tensor(f64, n, d);
    EXPECT_EQ(drawn(spec, Key{5}, 1), drawn(spec, Key{5}, 3));
  }
}

TEST(Draw, UniformStaysInItsHalfOpenInterval) {
  for (const DType t : {f64, f32, f16, bf16, f8e4m3, f8e5m2}) {
    const auto v = drawn(tensor(t, 200000, uniform(-1, 1)), Key{3});
    EXPECT_GE(*std::min_element(v.begin(), v.end()), -1) << info(t).name;
    EXPECT_LT(*std::max_element(v.begin(), v.end()), 1) << info(t).name;
    const Moments m = moments(v);
    EXPECT_NEAR(m.mean, 0, 0.03) << info(t).name;
    EXPECT_NEAR(m.variance, 1.0 / 3, 0.02) << info(t).name;
  }
}

TEST(Draw, NormalHasItsMomentsAndNoSerialCorrelation) {
  for (const DType t : {f64, f32, f16}) {
    const auto v = drawn(tensor(t, 1 << 20, normal(0.5, 2)), Key{11});
    const Moments m = moments(v);
    EXPECT_NEAR(m.mean, 0.5, 0.01) << info(t).name;
    EXPECT_NEAR(m.variance, 4, 0.03) << info(t).name;
    EXPECT_NEAR(m.kurtosis, -0.0613, 0.02) << info(t).name;
    for (const std::size_t lag : {1, 64, 128, 1024}) {
      double c = 0;
      for (std::size_t i = lag; i < v.size(); ++i) c += (v[i] - 0.5) * (v[i - lag] - 0.5);
      EXPECT_LT(std::fabs(c / static_cast<double>(v.size()) / 4), 0.005) << "lag " << lag;
    }
  }
}

TEST(Draw, IntegersCoverTheirRangeEvenly) {
  for (const DType t : {i8, u8, i32, i64, f32}) {
    const auto v = drawn(tensor(t, 100000, integers(3, 12)), Key{8});
    std::vector<int> count(10);
    for (double x : v) ++count.at(static_cast<std::size_t>(x - 3));
    for (int c : count) EXPECT_NEAR(c, 10000, 500) << info(t).name;
  }
  const auto wide = drawn(tensor(i64, 100000, integers(-(std::int64_t{1} << 40), std::int64_t{1} << 40)), Key{8});
  EXPECT_NEAR(moments(wide).mean / 0x1p40, 0, 0.01);
  EXPECT_LT(*std::min_element(wide.begin(), wide.end()), -0.99 * 0x1p40);
}

TEST(Draw, IntegersBeyondTheDtypeAreClamped) {
  const auto v = drawn(tensor(i8, 4096, integers(-1000, 1000)), Key{8});
  EXPECT_EQ(*std::min_element(v.begin(), v.end()), -128);
  EXPECT_EQ(*std::max_element(v.begin(), v.end()), 127);
}

TEST(Draw, PermutationHoldsEachValueOnce) {
  for (const std::int64_t n : {1, 2, 3, 7, 64, 1000, 1024, 1025, 70000}) {
    auto v = drawn(tensor(i32, n, permutation()), Key{static_cast<std::uint64_t>(n)});
    EXPECT_TRUE(n < 1000 || !std::is_sorted(v.begin(), v.end()));
    std::sort(v.begin(), v.end());
    for (std::int64_t i = 0; i < n; ++i) ASSERT_EQ(v[static_cast<std::size_t>(i)], static_cast<double>(i)) << n;
  }
}

TEST(Draw, PermutationIsExactUpToTheLargestThatADtypeHolds) {
  for (const auto& [t, n] :
       std::vector<std::pair<DType, std::int64_t>>{{f16, 2049}, {bf16, 257}, {f8e5m2, 9}, {i8, 128}}) {
    auto v = drawn(tensor(t, n, permutation()), Key{3});
    std::sort(v.begin(), v.end());
    for (std::int64_t i = 0; i < n; ++i)
      ASSERT_EQ(v[static_cast<std::size_t>(i)], static_cast<double>(i)) << info(t).name;
    EXPECT_THROW(drawn(tensor(t, n + 1, permutation()), Key{3}), std::invalid_argument) << info(t).name;
  }
}

TEST(Draw, PermutationMovesElementsFar) {
  const std::int64_t n = 1 << 16;
  const auto v = drawn(tensor(i32, n, permutation()), Key{77});
  double distance = 0;
  for (std::int64_t i = 0; i < n; ++i) distance += std::fabs(v[static_cast<std::size_t>(i)] - static_cast<double>(i));
  EXPECT_NEAR(distance / (static_cast<double>(n) * static_cast<double>(n)), 1.0 / 3, 0.01);
}

TEST(Draw, SparseKeepsItsDensity) {
  const auto v = drawn(tensor(f32, 100000, sparse(0.1, normal(0, 1))), Key{4});
  EXPECT_NEAR(static_cast<double>(std::count_if(v.begin(), v.end(), [](double x) { return x != 0; })), 10000, 400);
}

TEST(Draw, CustomIsRoundedOnceToNearestEven) {
  // 1 + 2^-11 + 2^-40: rounding to f32 first would make it a tie and lose the last bit.
  const auto spec = tensor(f16, 3, custom([](std::span<double> v, Random&) {
                             v[0] = 1 + 0x1p-11 + 0x1p-40;
                             v[1] = 1 + 0x1p-11;
                             v[2] = 1e9;
                           }));
  EXPECT_EQ(drawn(spec, Key{1}), (std::vector<double>{1 + 0x1p-10, 1, 65504}));
}

TEST(Draw, RefusesWhatCannotBeDrawn) {
  const auto refuses = [](TensorSpec spec) {
    Buffer b(spec.bytes());
    EXPECT_THROW(draw(spec, Key{1}, b.bytes), std::invalid_argument);
  };
  refuses(tensor(f32, 8, uniform(1, 1)));
  refuses(tensor(f32, 8, normal(0, -1)));
  refuses(tensor(f32, 8, normal(0, 1e38)));
  refuses(tensor(f32, 8, uniform(NAN, 1)));
  refuses(tensor(i32, 8, integers(2, 1)));
  refuses(tensor(i8, 129, permutation()));
  refuses(tensor(f16, 2050, permutation()));
  refuses(tensor(f32, 8, sparse(1.5, normal(0, 1))));
  refuses(tensor(f32, 8, custom(nullptr)));
  Buffer small(4);
  EXPECT_THROW(draw(tensor(f32, 8, normal(0, 1)), Key{1}, small.bytes), std::invalid_argument);
}

TEST(Mixed, AboutOneCallInThreeIsHardAndEveryFamilyComesUp) {
  const auto spec = tensor(f32, 64, mixed(normal(0, 1)));
  std::vector<int> count(6);
  for (std::uint64_t k = 0; k < 6000; ++k) ++count[static_cast<std::size_t>(family_of(spec, Key{k}))];
  EXPECT_NEAR(count[0], 4000, 150);
  for (std::size_t f = 1; f < 6; ++f) EXPECT_NEAR(count[f], 400, 80);
  EXPECT_EQ(family_of(tensor(f32, 64, normal(0, 1)), Key{1}), Family::none);
}

TEST(Mixed, FamiliesAreWhatTheyAreCalled) {
  const auto spec = tensor(f32, 1 << 16, mixed(normal(0, 1)));
  const auto draws = [&](Family f) { return drawn(spec, key_with(spec, f)); };

  const auto ramp = draws(Family::sorted);
  EXPECT_TRUE(std::is_sorted(ramp.begin(), ramp.end()) || std::is_sorted(ramp.rbegin(), ramp.rend()));
  EXPECT_NE(ramp, drawn(spec, key_with(spec, Family::sorted, 1)));  // and cannot be foreseen

  const auto one_sign = draws(Family::one_sign);
  EXPECT_TRUE(std::all_of(one_sign.begin(), one_sign.end(), [](double x) { return x >= 0; }) ||
              std::all_of(one_sign.begin(), one_sign.end(), [](double x) { return x <= 0; }));

  const auto zeros = draws(Family::mostly_zero);
  EXPECT_GT(std::count(zeros.begin(), zeros.end(), 0.0), 60000);
  EXPECT_LT(std::count(zeros.begin(), zeros.end(), 0.0), 1 << 16);

  const auto outliers = draws(Family::outliers);
  EXPECT_NEAR(
      static_cast<double>(std::count_if(outliers.begin(), outliers.end(), [](double x) { return std::fabs(x) > 1; })),
      256, 80);

  const auto blocks = draws(Family::blocks);
  double least = HUGE_VAL, most = 0;
  for (std::size_t b = 0; b < blocks.size(); b += 64) {
    double rms = 0;
    for (std::size_t i = b; i < b + 64; ++i) rms += blocks[i] * blocks[i] / 64;
    least = std::min(least, std::sqrt(rms));
    most = std::max(most, std::sqrt(rms));
  }
  EXPECT_GT(most / least, 1e4);
}

TEST(Mixed, StaysFiniteAndWithinBounds) {
  for (const DType t : {f64, f32, f16, bf16, f8e4m3, f8e5m2})
    for (int f = 1; f <= 5; ++f) {
      const auto wide = tensor(t, 5000, mixed(normal(0, 3))), bounded = tensor(t, 5000, mixed(uniform(0.5, 2)));
      for (const double x : drawn(wide, key_with(wide, static_cast<Family>(f)))) {
        ASSERT_TRUE(std::isfinite(x)) << info(t).name << " family " << f;
        ASSERT_LT(std::fabs(x), 2048);
      }
      for (const double x : drawn(bounded, key_with(bounded, static_cast<Family>(f)))) {
        ASSERT_GE(x, 0.5) << info(t).name << " family " << f;
        ASSERT_LT(x, 2);
      }
    }
  const auto huge = tensor(f32, 5000, mixed(normal(0, 1e12)));
  for (const double x : drawn(huge, key_with(huge, Family::outliers))) ASSERT_LT(x * x, info(f32).max);
}

TEST(Mixed, IntegersAndPermutationsStayLegal) {
  for (int f = 1; f <= 5; ++f) {
    const auto spec = tensor(i32, 5000, mixed(integers(-10, 99)));
    for (const double x : drawn(spec, key_with(spec, static_cast<Family>(f)))) ASSERT_TRUE(x >= -10 && x <= 99);
    const auto p = tensor(i32, 5000, mixed(permutation()));
    auto v = drawn(p, key_with(p, static_cast<Family>(f)));
    std::sort(v.begin(), v.end());
    for (std::size_t i = 0; i < v.size(); ++i) ASSERT_EQ(v[i], static_cast<double>(i));
  }
}

TEST(Poison, LooksLikeDataAndDiffersByKeyAndPlace) {
  for (const DType t : {f64, f32, f16, bf16, f8e4m3, f8e5m2, i64, i32, i8, u8}) {
    const std::size_t n = 10000;
    Buffer a(n * info(t).size), b(n * info(t).size);
    poison(t, Key{1}, a.bytes);
    poison(t, Key{2}, b.bytes);
    const auto va = to_doubles(t, a.bytes), vb = to_doubles(t, b.bytes);
    std::size_t same = 0, repeated = 0;
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_TRUE(std::isfinite(va[i])) << info(t).name;
      ASSERT_TRUE(!is_float(t) || (std::fabs(va[i]) < 2 && va[i] != 0)) << info(t).name << " " << va[i];
      same += va[i] == vb[i];
      repeated += i >= 4096 && va[i] == va[i - 4096];
    }
    const double chance = info(t).size == 1 ? 0.02 : info(t).size == 2 ? 0.001 : 0.0001;
    EXPECT_LE(static_cast<double>(same), chance * n) << info(t).name;
    EXPECT_LE(static_cast<double>(repeated), chance * n) << info(t).name;
  }
}

TEST(Poison, AnyPartAndAnyNumberOfThreadsGiveTheSameBytes) {
  Buffer whole(3 << 20), threaded(3 << 20), part(5000);
  poison(f32, Key{6}, whole.bytes);
  poison(f32, Key{6}, threaded.bytes, 2);
  poison(f32, Key{6}, part.bytes);
  EXPECT_EQ(std::memcmp(whole.bytes.data(), threaded.bytes.data(), whole.bytes.size()), 0);
  EXPECT_EQ(std::memcmp(whole.bytes.data(), part.bytes.data(), part.bytes.size()), 0);
}

TEST(Guard, CountsEveryDamagedByte) {
  Buffer zone(10001);
  fill_guard(Key{3}, zone.bytes);
  EXPECT_EQ(damaged_guard_bytes(Key{3}, zone.bytes), 0u);
  EXPECT_GT(damaged_guard_bytes(Key{4}, zone.bytes), 9900u);
  for (const std::size_t at : {std::size_t{0}, std::size_t{5000}, std::size_t{10000}}) zone.bytes[at] ^= std::byte{1};
  EXPECT_EQ(damaged_guard_bytes(Key{3}, zone.bytes), 3u);
}

TEST(Below, IsTheNeighbourInTheDtype) {
  EXPECT_EQ(below(f32, 1), 1 - 0x1p-24);
  EXPECT_EQ(below(f16, 1), 1 - 0x1p-11);
  EXPECT_EQ(below(bf16, 2), 2 - 0x1p-7);
  EXPECT_EQ(below(f8e4m3, 1), 1 - 0x1p-4);
  EXPECT_EQ(below(f16, 0), -0x1p-24);
  EXPECT_EQ(below(f64, 1), std::nextafter(1.0, 0.0));
  EXPECT_EQ(below(i32, 5), 4);
}

}  // namespace
