// 32 bytes an access (PTX ISA, ld and st with .v8 of 32-bit elements; sm_100 and later), half as many of them under
// way, so the bytes in flight are the baseline's and the requests are half. Expected: a few per cent. What binds it:
// memory bandwidth. Built for Blackwell only, and not yet run on one.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256, loads = 2, width = 8;  // floats an access
constexpr std::int64_t tile = threads * loads;      // accesses a block

struct Wide {
  float v[width];
};

__device__ Wide load(const float* from) {
  Wide w;
  asm volatile("ld.global.v8.f32 {%0, %1, %2, %3, %4, %5, %6, %7}, [%8];"
               : "=f"(w.v[0]), "=f"(w.v[1]), "=f"(w.v[2]), "=f"(w.v[3]), "=f"(w.v[4]), "=f"(w.v[5]), "=f"(w.v[6]),
                 "=f"(w.v[7])
               : "l"(from));
  return w;
}
__device__ void store(float* to, const Wide& w) {
  asm volatile("st.global.v8.f32 [%0], {%1, %2, %3, %4, %5, %6, %7, %8};" ::"l"(to), "f"(w.v[0]), "f"(w.v[1]),
               "f"(w.v[2]), "f"(w.v[3]), "f"(w.v[4]), "f"(w.v[5]), "f"(w.v[6]), "f"(w.v[7])
               : "memory");
}

__global__ void __launch_bounds__(threads) copy(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  const auto accesses = n / width;
  const auto first = blockIdx.x * tile + threadIdx.x;
  if (first - threadIdx.x + tile <= accesses) {
    Wide w[loads];
#pragma unroll
    for (int l = 0; l < loads; ++l) w[l] = load(x + (first + l * threads) * width);
#pragma unroll
    for (int l = 0; l < loads; ++l) store(y + (first + l * threads) * width, w[l]);
    return;
  }
  for (auto i = first; i < accesses; i += threads) store(y + i * width, load(x + i * width));  // the last block
  if (const auto i = width * accesses + threadIdx.x; i < n) y[i] = x[i];
}

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
  const auto blocks = aisp::blocks(y.size() / width + 1, tile);  // + 1: there is a last block, however n divides
  copy<<<blocks, threads, 0, aisp::stream(slot)>>>(x.data, y.data, y.size());
}

}  // namespace

AISP_VARIANT(run, .about = "32-byte accesses (Blackwell)");
