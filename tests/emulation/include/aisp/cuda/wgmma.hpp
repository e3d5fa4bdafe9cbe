// wgmma.hpp on the host: a multiplication reads both tiles through their descriptors, all threads of the warpgroup at
// the same time, and is over when it returns. Descriptors: PTX ISA, "Matrix descriptor format" and "Canonical layouts".
#pragma once

#include <aisp/cuda/cluster.hpp>

namespace aisp::cuda {

inline std::uint64_t wgmma_tile(const void* shared) {
  return emulation::block->offset(shared) >> 4 | std::uint64_t{1024 >> 4} << 32 | std::uint64_t{1} << 62;
}
inline constexpr std::uint64_t kNextK = 32 >> 4;
inline std::uint64_t wgmma_tile_across(const void* shared, std::uint32_t piece) {
  return wgmma_tile(shared) | std::uint64_t{piece >> 4} << 16;
}
inline constexpr std::uint64_t kNextRows = 16 * 128 >> 4;

inline void wgmma_fence() {}
inline void wgmma_commit() {}
template <int> void wgmma_wait() {}
template <int count> void hold(float (&)[count]) {}
template <int> void give_up_registers() {}
template <int> void take_registers() {}
inline void named_barrier(int id, int threads) { emulation::block->named[id].arrive(threads, true, "a named barrier"); }
inline void arrive_at_named_barrier(int id, int threads) { emulation::block->named[id].arrive(threads, false, ""); }

struct Operand {  // fields of a descriptor, in bytes
  std::uint32_t start, leading, stride;
  explicit Operand(std::uint64_t d) : start(field(d)), leading(field(d >> 16)), stride(field(d >> 32)) {}
  static std::uint32_t field(std::uint64_t bits) { return static_cast<std::uint32_t>(bits & 0x3fff) << 4; }
  // 128-byte swizzle: bits 4 to 6 of an address are exchanged by bits 7 to 9.
  static const unsigned char* swizzled(std::uint32_t at) {
    return emulation::block->shared + (at ^ (at >> 7 & 7) << 4);
  }
  const unsigned char* along_k(int row, int byte) const {
    return swizzled(start + static_cast<std::uint32_t>(row / 8) * stride +
                    static_cast<std::uint32_t>(row % 8 * 128 + byte));
  }
  const unsigned char* across(int column, int k) const {
    return swizzled(start + static_cast<std::uint32_t>(column / 64) * leading +
                    static_cast<std::uint32_t>(k / 8) * stride +
                    static_cast<std::uint32_t>(k % 8 * 128 + column % 64 * 2));
  }
};
template <class T> float number(const void* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return static_cast<float>(value);
}

template <int N, int K, class A, class B> void multiply(float (&d)[N / 2], bool accumulate, const A& a, const B& b) {
  emulation::warpgroup().arrive_and_wait();
  const int lane = static_cast<int>(threadIdx.x % 32), warp = static_cast<int>(threadIdx.x % 128 / 32);
  for (int i = 0; i < N / 2; ++i) {
    const int row = 16 * warp + lane / 4 + i / 2 % 2 * 8, column = i / 4 * 8 + lane % 4 * 2 + i % 2;
    float sum = accumulate ? d[i] : 0;
    for (int k = 0; k < K; ++k) sum += a(row, k) * b(column, k);
    d[i] = sum;
  }
  emulation::warpgroup().arrive_and_wait();
}

template <int N> void wgmma_bf16(float (&d)[N / 2], std::uint64_t a, std::uint64_t b, bool accumulate) {
  const Operand left(a), right(b);
  multiply<N, 16>(
      d, accumulate, [&](int row, int k) { return number<__nv_bfloat16>(left.along_k(row, 2 * k)); },
      [&](int column, int k) { return number<__nv_bfloat16>(right.along_k(column, 2 * k)); });
}
template <int N> void wgmma_f8e4m3(float (&d)[N / 2], std::uint64_t a, std::uint64_t b, bool accumulate) {
  const Operand left(a), right(b);
  multiply<N, 32>(
      d, accumulate, [&](int row, int k) { return number<__nv_fp8_e4m3>(left.along_k(row, k)); },
      [&](int column, int k) { return number<__nv_fp8_e4m3>(right.along_k(column, k)); });
}
template <int N>
void wgmma_bf16_across(float (&d)[N / 2], const std::uint32_t (&a)[4], std::uint64_t b, bool accumulate) {
  const Operand right(b);
  auto& registers = emulation::block->registers;
  std::copy_n(a, 4, registers[threadIdx.x].begin());
  const unsigned first = threadIdx.x / 128 * 128;
  multiply<N, 16>(
      d, accumulate,
      [&](int row, int k) {
        const int lane = row % 8 * 4 + k % 8 / 2;
        const auto pair = registers[first + static_cast<unsigned>(row / 16 * 32 + lane)]
                                   [static_cast<std::size_t>(row % 16 / 8 + k / 8 * 2)];
        return number<__nv_bfloat16>(reinterpret_cast<const unsigned char*>(&pair) + k % 2 * 2);
      },
      [&](int column, int k) { return number<__nv_bfloat16>(right.across(column, k)); });
}

inline void store_tiles(void* row, std::uint32_t r0, std::uint32_t r1, std::uint32_t r2, std::uint32_t r3) {
  auto& rows = emulation::block->exchange;
  rows[threadIdx.x] = reinterpret_cast<std::uint64_t>(row);
  emulation::warp().arrive_and_wait();
  const unsigned lane = threadIdx.x % 32, first = threadIdx.x - lane;
  const std::uint32_t registers[] = {r0, r1, r2, r3};
  for (unsigned tile = 0; tile < 4; ++tile)
    std::memcpy(reinterpret_cast<unsigned char*>(rows[first + 8 * tile + lane / 4]) + lane % 4 * 4, &registers[tile],
                4);
  emulation::warp().arrive_and_wait();
}

}  // namespace aisp::cuda
