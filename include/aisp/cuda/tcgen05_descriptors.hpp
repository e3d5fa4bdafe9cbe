// Descriptors of tcgen05.mma, as numbers: what the instruction multiplies, and how its operands lie in shared memory
// (PTX ISA, "Tensorcore 5th Generation Family Instructions: Matrix Descriptors"; sm_100a). Host and device, no CUDA
// types. Operands are K-major throughout: a row of A, or a row of the N × K matrix B, lies along K.
#pragma once

#include <cstdint>

namespace aisp::cuda {

// Types of 8-bit and narrower operands, as the instruction descriptors of f8f6f4 and mxf8f6f4 number them.
enum class Narrow : std::uint32_t { e4m3 = 0, e5m2 = 1, e2m3 = 3, e3m2 = 4, e2m1 = 5 };

namespace detail {
constexpr std::uint32_t mma_columns(int n) { return static_cast<std::uint32_t>(n >> 3) << 17; }
}  // namespace detail

// Of .kind::f16: D (FP32, m × n) = A·Bᵀ of bf16, 16 along K. m: 128 with one block, 256 with a pair; n: multiples of 16
// up to 256 (of 32 with a pair).
constexpr std::uint32_t instruction_bf16(int m, int n) {
  constexpr std::uint32_t f32 = 1, bf16 = 1;
  return f32 << 4 | bf16 << 7 | bf16 << 10 | detail::mma_columns(n) | static_cast<std::uint32_t>(m >> 4) << 24;
}

// Of .kind::f8f6f4: the same with 32 numbers along K, each in a byte of its own.
constexpr std::uint32_t instruction_f8f6f4(Narrow a, Narrow b, int m, int n) {
  return 1u << 4 | static_cast<std::uint32_t>(a) << 7 | static_cast<std::uint32_t>(b) << 10 | detail::mma_columns(n) |
         static_cast<std::uint32_t>(m >> 4) << 24;
}

// Of .kind::mxf8f6f4 with a scale (UE8M0) for 32 numbers: 32 along K. The four bytes of a word of scales are those of
// four steps along K; `step` (0 … 3) says which byte this instruction takes.
constexpr std::uint32_t instruction_mxf8(Narrow a, Narrow b, int m, int n, int step) {
  const auto byte = static_cast<std::uint32_t>(step);
  return byte << 4 | static_cast<std::uint32_t>(a) << 7 | static_cast<std::uint32_t>(b) << 10 | detail::mma_columns(n) |
         1u << 23 | static_cast<std::uint32_t>(m >> 7) << 27 | byte << 29;
}

// Of .kind::mxf4nvf4 with a scale (UE4M3) for 16 numbers: 64 E2M1 along K, two in a byte; a word holds the four scales.
constexpr std::uint32_t instruction_nvf4(int m, int n) {
  constexpr std::uint32_t e2m1 = 1;
  return e2m1 << 7 | e2m1 << 10 | detail::mma_columns(n) | static_cast<std::uint32_t>(m >> 7) << 27;
}

// Of a tile whose rows are 128 bytes, as the copy engine leaves them with Swizzle::bytes_128: 1024 bytes from eight
// rows to the next eight. The tile begins at a multiple of 1024 bytes; + kNextK (wgmma.hpp: 32 bytes further along K)
// is what the next instruction reads.
constexpr std::uint64_t swizzled_tile(std::uint32_t shared_address) {
  constexpr std::uint64_t version = 1, swizzle_128 = 2;
  return (shared_address & 0x3ffffu) >> 4 | std::uint64_t{1024 >> 4} << 32 | version << 46 | swizzle_128 << 61;
}

// Of 32 rows of 16 bytes that follow each other, for tcgen05.cp: 128 bytes from eight rows to the next eight, no
// swizzle.
constexpr std::uint64_t scale_tile(std::uint32_t shared_address) {
  constexpr std::uint64_t version = 1;
  return (shared_address & 0x3ffffu) >> 4 | std::uint64_t{1} << 16 | std::uint64_t{128 >> 4} << 32 | version << 46;
}

// Where the word of scales of a row lies in such a tile of 128 rows: in bytes. The copy spreads it over tensor memory,
// row r to lane r % 32 and column r / 32 (PTX ISA, "Block Scaling for tcgen05.mma").
constexpr int scale_word_offset(int row) { return row % 32 * 16 + row / 32 * 4; }

}  // namespace aisp::cuda
