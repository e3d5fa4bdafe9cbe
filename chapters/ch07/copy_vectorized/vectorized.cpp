// Vectorised: 64 bytes a load and a store with AVX-512, 32 with AVX2, 16 with SSE2 (the CPU's form of 16-byte accesses
// on a GPU), four of each in flight; stores start on a cache line, so none crosses two. Expected: 4 to 10 times while
// the data stays in caches. What binds it: cache bandwidth; in memory, the extra read of every line that is about to be
// overwritten.
#include <aisp/cpu.hpp>
#include <aisp/variant.hpp>

#include <algorithm>
#include <cstring>

namespace {

template <int Bytes> struct Simd { typedef float vector __attribute__((vector_size(Bytes))); };

template <int Bytes>
inline __attribute__((always_inline)) void copy_blocks(std::int64_t n, const float* __restrict x, float* __restrict y) {
  using Vector = typename Simd<Bytes>::vector;
  constexpr std::int64_t lanes = Bytes / 4, unroll = 4;
  std::int64_t i = 0;
  for (; i < n && reinterpret_cast<std::uintptr_t>(y + i) % 64; ++i) y[i] = x[i];
  for (; i + unroll * lanes <= n; i += unroll * lanes) {
    Vector v[unroll];
    for (int u = 0; u < unroll; ++u) std::memcpy(&v[u], x + i + u * lanes, Bytes);
    for (int u = 0; u < unroll; ++u) std::memcpy(y + i + u * lanes, &v[u], Bytes);
  }
  for (; i < n; ++i) y[i] = x[i];
}

using Copy = void (*)(std::int64_t n, const float* x, float* y);
AISP_TARGET_AVX512 void copy_avx512(std::int64_t n, const float* x, float* y) { copy_blocks<64>(n, x, y); }
AISP_TARGET_AVX2 void copy_avx2(std::int64_t n, const float* x, float* y) { copy_blocks<32>(n, x, y); }
void copy_sse2(std::int64_t n, const float* x, float* y) { copy_blocks<16>(n, x, y); }

void vectorized(aisp::Vector<const float> x, aisp::Vector<float> y) {
  aisp::cpu::pick<Copy>(copy_avx512, copy_avx2, copy_sse2)(y.size(), x.data, y.data);
}

}  // namespace

AISP_VARIANT(vectorized, .about = "widest loads and stores, aligned");
