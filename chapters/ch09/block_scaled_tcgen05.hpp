// Block-scaled products on Blackwell's tensor cores: C = A·Bᵀ, 128 × 256 elements a block. Numbers and scales lie side
// by side in a ring of stages: one thread fetches numbers through the copy engine; the four warps that will store the
// result bring the scales meanwhile, in the order in which tensor memory takes them; one thread copies them there and
// orders the products. Built, and not yet run on hardware.
#pragma once

#include "tcgen05_rows.hpp"

namespace block_scaled {

using namespace gemm;
using namespace aisp::cuda;

constexpr int tile_n = 256, stages = 4, threads = 192;
constexpr int row_bytes = 128, per_stage = row_bytes / 32;  // instructions: 32 bytes along K each

// What a row of 128 bytes holds. A word is the four scales of a row that lie side by side.
struct Nvfp4 {
  using Number = std::uint8_t;  // two E2M1
  static constexpr int numbers = 256, words = 4;
};
struct Mxfp8 {
  using Number = __nv_fp8_e4m3;
  static constexpr int numbers = 128, words = 1;
};

template <class Format> struct Shared {
  struct Stage {
    unsigned char a[tile_m * row_bytes], b[tile_n * row_bytes];
    std::uint32_t a_scales[Format::words][tile_m], b_scales[Format::words][tile_n];  // in tiles of 128 words
  } ring[stages];
  Barrier full[stages], empty[stages], done;
  TensorAddress tmem;
};

template <class Format>
__global__ void __launch_bounds__(threads)
    product(const __grid_constant__ Maps maps, const std::uint32_t* __restrict__ a_scales,
            const std::uint32_t* __restrict__ b_scales, bf16* __restrict__ c, int m, int n, int k) {
  constexpr int words = Format::words, scale_columns = words * (tile_m + tile_n) / 32;
  constexpr std::uint32_t number_bytes = (tile_m + tile_n) * row_bytes;
  auto& s = shared_storage<Shared<Format>>();
  const int row = blockIdx.y * tile_m, col = blockIdx.x * tile_n, steps = tiles(k, Format::numbers);
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  if (threadIdx.x == 0) {
    for (auto& barrier : s.full) init(barrier, 1 + 4);  // the fetching thread and the warps with the scales
    for (auto& barrier : s.empty) init(barrier, 1);
    init(s.done, 1);
    fence_barrier_init();
  }
  if (warp == 2) allocate_columns<1>(s.tmem, 512);
  fence_before_barrier();
  __syncthreads();
  fence_after_barrier();
  const TensorAddress tmem = s.tmem;

  if (warp == 0 && lane == 0) {
    for (int step = 0; step < steps; ++step) {
      const int stage = step % stages, at = step * row_bytes / static_cast<int>(sizeof(typename Format::Number));
      wait(s.empty[stage], (step / stages & 1) ^ 1);
      arrive_expecting(s.full[stage], number_bytes);
      load_tile(s.ring[stage].a, maps.a, row, at, s.full[stage]);
      load_tile(s.ring[stage].b, maps.b, col, at, s.full[stage]);
    }
  } else if (warp == 1 && lane == 0) {
    for (int step = 0; step < steps; ++step) {
      const auto& in = s.ring[step % stages];
      wait(s.full[step % stages], step / stages & 1);
      fence_after_barrier();
      const TensorAddress a_at = tmem + tile_n + step % stages * scale_columns, b_at = a_at + words * tile_m / 32;
#pragma unroll
      for (int w = 0; w < words; ++w) {
        copy_scales(a_at + 4 * w, scale_tile(shared_address(in.a_scales[w])));
        for (int half = 0; half < 2; ++half)
          copy_scales(b_at + 8 * w + 4 * half, scale_tile(shared_address(in.b_scales[w] + 128 * half)));
      }
#pragma unroll
      for (int i = 0; i < per_stage; ++i) {
        const auto a = swizzled_tile(shared_address(in.a)) + i * kNextK,
                   b = swizzled_tile(shared_address(in.b)) + i * kNextK;
        if constexpr (words == 1)  // the four instructions take a byte of each word
          mma_mxf8(tmem, a, b, instruction_mxf8(Narrow::e4m3, Narrow::e4m3, tile_m, tile_n, i), a_at, b_at, step + i);
        else
          mma_nvf4(tmem, a, b, instruction_nvf4(tile_m, tile_n), a_at + 4 * i, b_at + 8 * i, step + i);
      }
      commit(s.empty[step % stages]);
    }
    commit(s.done);
  } else if (warp >= 2) {
    const int thread = threadIdx.x - 64, row_words = k / (Format::numbers / words);
    const auto bring = [&](std::uint32_t* to, const std::uint32_t* from, int r, int end, int at) {
      *reinterpret_cast<std::uint32_t*>(reinterpret_cast<unsigned char*>(to) + scale_word_offset(thread)) =
          r < end && at < row_words ? from[std::int64_t{r} * row_words + at] : 0;
    };
    for (int step = 0; step < steps; ++step) {
      const int stage = step % stages;
      wait(s.empty[stage], (step / stages & 1) ^ 1);
#pragma unroll
      for (int w = 0; w < words; ++w) {
        const int at = step * words + w;
        bring(s.ring[stage].a_scales[w], a_scales, row + thread, m, at);
        bring(s.ring[stage].b_scales[w], b_scales, col + thread, n, at);
        bring(s.ring[stage].b_scales[w] + 128, b_scales, col + 128 + thread, n, at);
      }
      fence_async_proxy();  // of each thread, before its warp arrives
      __syncwarp();
      if (lane == 0) arrive(s.full[stage]);
    }
    wait(s.done, 0);
    fence_after_barrier();
    store_rows(tmem, tile_n, c, row, col, m, n);
    fence_before_barrier();
  }
  __syncthreads();
  if (warp == 2) free_columns<1>(tmem, 512);
}

template <class Format> class Product {
 public:
  using Numbers = aisp::Matrix<const typename Format::Number>;
  using Scales = aisp::Matrix<const std::uint8_t>;

  explicit Product(const aisp::Setup& setup)
      : k_(static_cast<int>(setup.param("k"))), maps_(static_cast<std::size_t>(setup.max_slots())) {
    aisp::allow_shared(product<Format>, shared_bytes<Shared<Format>>);
  }
  void bind(aisp::Slot slot, Numbers a, Scales, Numbers b, Scales, Output c) {
    maps_[static_cast<std::size_t>(slot.index)] = make_maps(a, b, c, tile_n);
  }
  void operator()(aisp::Slot slot, Numbers, Scales a_scales, Numbers, Scales b_scales, Output c) const {
    const dim3 grid(tiles(c.dim(1), tile_n), tiles(c.dim(0), tile_m));
    product<Format><<<grid, threads, shared_bytes<Shared<Format>>, aisp::stream(slot)>>>(
        maps_[static_cast<std::size_t>(slot.index)], reinterpret_cast<const std::uint32_t*>(a_scales.data),
        reinterpret_cast<const std::uint32_t*>(b_scales.data), c.data, static_cast<int>(c.dim(0)),
        static_cast<int>(c.dim(1)), k_);
  }

 private:
  int k_;
  std::vector<Maps> maps_;
};

}  // namespace block_scaled
