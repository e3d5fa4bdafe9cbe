#include "device/cpu/facts.hpp"
#include "device/cpu/peak_kernels.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <vector>

using namespace aisp::device;

namespace {

const CpuPeaks kPeaks{
    .flops_f32 = 200,
    .flops_f64 = 100,
    .flops_bf16 = 400,
    .flops_f16 = 200,
    .ops_i8 = 800,
    .ops_i32 = 150,
    .bandwidth = {{16 << 10, 700}, {32 << 10, 720}, {64 << 10, 250}, {128 << 10, 60}, {256 << 10, 65}},
    .when = "2026-01-01T00:00:00Z"};

double bytes(std::uint64_t working_set, int threads = 1) {
  return ceilings_for(kPeaks, "f32", working_set, threads).bytes;
}

}  // namespace

TEST(Ceilings, FlopsByArithmetic) {
  const auto flops = [](const char* arithmetic) { return ceilings_for(kPeaks, arithmetic, 1 << 20, 1).flops; };
  EXPECT_EQ(flops("f32"), 200);
  EXPECT_EQ(flops("f64"), 100);
  EXPECT_EQ(flops("bf16"), 400);
  EXPECT_EQ(flops("f16"), 200);
  EXPECT_EQ(flops("i8"), 800);
  EXPECT_EQ(flops("u8"), 800);
  EXPECT_EQ(flops("i32"), 150);
  EXPECT_EQ(flops("f8e4m3"), 0);  // unknown, so no floor
}

TEST(Ceilings, BandwidthIsThatOfHalfTheWorkingSetAndNeverBelowALargerOne) {
  EXPECT_EQ(bytes(1), 720);          // smaller than any measured; the best of all
  EXPECT_EQ(bytes(127 << 10), 720);  // half of it still fits the level of 32 KiB
  EXPECT_EQ(bytes(128 << 10), 250);  // half of it is the 64 KiB point
  EXPECT_EQ(bytes(256 << 10), 65);   // the 128 KiB point was disturbed: 256 KiB did better
  EXPECT_EQ(bytes(1ull << 40), 65);  // beyond the last
}

TEST(Ceilings, ThreadsSplitTheWorkingSet) {
  EXPECT_EQ(bytes(256 << 10, 2), 250);
  EXPECT_EQ(bytes(256 << 10, 4), 720);
}

TEST(Ceilings, BandwidthNeverGrowsWithTheWorkingSet) {
  for (std::uint64_t ws = 1 << 10; ws < 1 << 21; ws += 1 << 10) EXPECT_GE(bytes(ws), bytes(ws + (1 << 10)));
}

TEST(Ceilings, OfNothingMeasuredAreUnknown) {
  const auto c = ceilings_for({}, "f32", 1 << 20, 1);
  EXPECT_EQ(c.flops, 0);
  EXPECT_EQ(c.bytes, 0);
  EXPECT_TRUE(c.source.empty());
}

TEST(Peaks, ABudgetMustBePositive) { EXPECT_THROW(measure_peaks(0), std::invalid_argument); }

#if defined(__x86_64__)
// Peaks are the best of short samples, which on a busy machine may all be disturbed: a budget that does not show what
// the hardware is built to show is doubled, some times.
TEST(Peaks, OfThisMachineAreOrdered) {
  CpuPeaks p;
  const auto ordered = [&] {
    return p.flops_f32 > p.flops_f64 && p.bandwidth.front().bytes_per_second > p.bandwidth.back().bytes_per_second;
  };
  for (double budget = 0.05; budget < 4 && (p.bandwidth.empty() || !ordered()); budget *= 2) p = measure_peaks(budget);
  EXPECT_GT(p.flops_f64, 1e8);
  EXPECT_GT(p.flops_f32, p.flops_f64);
  EXPECT_GT(p.ops_i32, 0);
  ASSERT_GE(p.bandwidth.size(), 3u);
  for (const auto& b : p.bandwidth) EXPECT_GT(b.bytes_per_second, 0) << b.working_set;
  EXPECT_GT(p.bandwidth.front().bytes_per_second, p.bandwidth.back().bytes_per_second);
}

// The streams do what they claim: copy copies, add adds, and a whole array is covered.
TEST(Peaks, StreamKernelsTouchEveryByte) {
  constexpr std::size_t kBytes = 4 * kStreamBlock;
  auto* memory = static_cast<std::byte*>(std::aligned_alloc(64, 3 * kBytes));
  auto* a = memory;
  auto* b = memory + kBytes;
  auto* c = memory + 2 * kBytes;
  for (const auto& kernel : stream_kernels()) {
    for (std::size_t i = 0; i < kBytes; ++i) {
      a[i] = static_cast<std::byte>(i % 100 + 1);
      b[i] = std::byte{7};
      c[i] = std::byte{0};
    }
    kernel.run(c, a, b, kBytes, 2);
    for (std::size_t i = 0; i < kBytes; ++i) {
      const auto expected = kernel.arrays == 1 ? 0 : kernel.arrays == 2 ? i % 100 + 1 : i % 100 + 8;
      ASSERT_EQ(std::to_integer<std::size_t>(c[i]), expected) << kernel.arrays << " arrays, byte " << i;
    }
  }
  std::free(memory);
}
#endif
