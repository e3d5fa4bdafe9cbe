// Block-scaled number formats against their specifications, the references of the pairs that use them, and the
// descriptors of Blackwell's tensor cores bit by bit against the tables of the PTX ISA.
#include <aisp/block_scaled.hpp>
#include <aisp/cuda/tcgen05_descriptors.hpp>

#include "../../chapters/ch09/block_scaled_products.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <set>
#include <vector>

namespace aisp {
namespace {

using testing::ElementsAre;

TEST(BlockScaled, E2M1HasFifteenValues) {
  std::vector<float> positive, negative;
  for (unsigned code = 0; code < 8; ++code) {
    positive.push_back(e2m1_to_float(code));
    negative.push_back(-e2m1_to_float(code | 8));
  }
  EXPECT_THAT(positive, ElementsAre(0, 0.5f, 1, 1.5f, 2, 3, 4, 6));
  EXPECT_EQ(positive, negative);
  EXPECT_EQ(e2m1_at(0x2f, 0), -6) << "the first is in the low half";
  EXPECT_EQ(e2m1_at(0x2f, 1), 1);
}

TEST(BlockScaled, Scales) {
  EXPECT_EQ(ue4m3_to_float(0x38), 1);
  EXPECT_EQ(ue4m3_to_float(0x30), 0.5f);
  EXPECT_EQ(ue4m3_to_float(0x7e), 448);
  EXPECT_EQ(ue4m3_to_float(0x01), 0x1p-9f);
  EXPECT_EQ(ue4m3_to_float(0xb8), 1) << "there is no sign";
  EXPECT_TRUE(std::isnan(ue4m3_to_float(0x7f)));
  EXPECT_EQ(ue8m0_to_float(127), 1);
  EXPECT_EQ(ue8m0_to_float(130), 8);
  EXPECT_EQ(ue8m0_to_float(254), 0x1p127f);
  EXPECT_EQ(ue8m0_to_float(0), 0x1p-127f);
  EXPECT_TRUE(std::isnan(ue8m0_to_float(255)));
}

// The references' terms on a case small enough to write down.
TEST(BlockScaled, ANumberIsItsCodeTimesTheScaleOfItsBlock) {
  // 32 numbers: two blocks of NVFP4. Number 17 is the high half of byte 8.
  std::vector<std::uint8_t> codes(16, 0x22), scales{0x38, 0x40};
  codes[8] = 0x72;
  const auto code = [&](std::int64_t i) { return codes[static_cast<std::size_t>(i)]; };
  const auto scale = [&](std::int64_t i) { return scales[static_cast<std::size_t>(i)]; };
  EXPECT_EQ(ch09::nvfp4_at(code, scale, 0, 32, 0), 1);
  EXPECT_EQ(ch09::nvfp4_at(code, scale, 0, 32, 16), 2);
  EXPECT_EQ(ch09::nvfp4_at(code, scale, 0, 32, 17), 12);
  // Two rows of 32 numbers of MXFP8: a scale a row.
  std::vector<float> numbers(64, 1.5f);
  std::vector<std::uint8_t> powers{127, 129};
  const auto number = [&](std::int64_t i) { return numbers[static_cast<std::size_t>(i)]; };
  const auto power = [&](std::int64_t i) { return powers[static_cast<std::size_t>(i)]; };
  EXPECT_EQ(ch09::mxfp8_at(number, power, 0, 32, 31), 1.5);
  EXPECT_EQ(ch09::mxfp8_at(number, power, 1, 32, 0), 6);
}

// ------------------------------------------------------------------------------------------------------- descriptors

constexpr std::uint64_t bits(std::uint64_t word, int first, int last) {
  return word >> first & ((std::uint64_t{2} << (last - first)) - 1);
}

TEST(Tcgen05, InstructionDescriptors) {
  const auto f16 = cuda::instruction_bf16(256, 192);
  EXPECT_EQ(bits(f16, 4, 5), 1u) << "D is FP32";
  EXPECT_EQ(bits(f16, 7, 9), 1u) << "A is BF16";
  EXPECT_EQ(bits(f16, 10, 12), 1u) << "B is BF16";
  EXPECT_EQ(bits(f16, 13, 16), 0u) << "neither negated nor transposed";
  EXPECT_EQ(bits(f16, 17, 22), 192u >> 3);
  EXPECT_EQ(bits(f16, 24, 28), 256u >> 4);
  EXPECT_EQ(bits(f16, 0, 3) | bits(f16, 6, 6) | bits(f16, 23, 23) | bits(f16, 29, 31), 0u) << "reserved";

  const auto f8 = cuda::instruction_f8f6f4(cuda::Narrow::e5m2, cuda::Narrow::e2m1, 128, 256);
  EXPECT_EQ(bits(f8, 4, 5), 1u);
  EXPECT_EQ(bits(f8, 7, 9), 1u);
  EXPECT_EQ(bits(f8, 10, 12), 5u);
  EXPECT_EQ(bits(f8, 17, 22), 32u);
  EXPECT_EQ(bits(f8, 24, 28), 8u);

  for (int step = 0; step < 4; ++step) {
    const auto mx = cuda::instruction_mxf8(cuda::Narrow::e4m3, cuda::Narrow::e5m2, 128, 128, step);
    EXPECT_EQ(bits(mx, 4, 5), static_cast<unsigned>(step)) << "scales of B";
    EXPECT_EQ(bits(mx, 7, 9), 0u);
    EXPECT_EQ(bits(mx, 10, 12), 1u);
    EXPECT_EQ(bits(mx, 17, 22), 16u);
    EXPECT_EQ(bits(mx, 23, 23), 1u) << "UE8M0";
    EXPECT_EQ(bits(mx, 27, 28), 1u);
    EXPECT_EQ(bits(mx, 29, 30), static_cast<unsigned>(step)) << "scales of A";
    EXPECT_EQ(bits(mx, 0, 3) | bits(mx, 6, 6) | bits(mx, 24, 26) | bits(mx, 31, 31), 0u) << "reserved";
  }

  const auto nv = cuda::instruction_nvf4(256, 128);
  EXPECT_EQ(bits(nv, 7, 9), 1u) << "E2M1";
  EXPECT_EQ(bits(nv, 10, 11), 1u);
  EXPECT_EQ(bits(nv, 17, 22), 16u);
  EXPECT_EQ(bits(nv, 23, 23), 0u) << "UE4M3";
  EXPECT_EQ(bits(nv, 27, 28), 2u);
  EXPECT_EQ(bits(nv, 4, 5) | bits(nv, 29, 31), 0u) << "all four bytes of a word, dense, 64 along K";
}

TEST(Tcgen05, SharedMemoryDescriptors) {
  const auto tile = cuda::swizzled_tile(0x2d400);
  EXPECT_EQ(bits(tile, 0, 13), 0x2d400u >> 4);
  EXPECT_EQ(bits(tile, 32, 45), 1024u >> 4) << "from eight rows to the next eight";
  EXPECT_EQ(bits(tile, 46, 48), 1u);
  EXPECT_EQ(bits(tile, 49, 60), 0u);
  EXPECT_EQ(bits(tile, 61, 63), 2u) << "128-byte swizzle";
  const auto scales = cuda::scale_tile(0x400);
  EXPECT_EQ(bits(scales, 0, 13), 0x40u);
  EXPECT_EQ(bits(scales, 32, 45), 128u >> 4);
  EXPECT_EQ(bits(scales, 46, 48), 1u);
  EXPECT_EQ(bits(scales, 61, 63), 0u) << "no swizzle";
}

// 128 words fill 512 bytes, and row r lies in 16-byte row r % 32 of the tile, the lane that the copy brings it to.
TEST(Tcgen05, ScaleWordsFillTheirTile) {
  std::set<int> offsets;
  for (int row = 0; row < 128; ++row) {
    const int at = cuda::scale_word_offset(row);
    EXPECT_EQ(at / 16, row % 32);
    EXPECT_EQ(at % 16 / 4, row / 32);
    offsets.insert(at);
  }
  EXPECT_EQ(offsets.size(), 128u);
  EXPECT_EQ(*offsets.rbegin(), 508);
}

}  // namespace
}  // namespace aisp
