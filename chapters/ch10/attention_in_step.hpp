// Flash attention as its second version does it (Dao, 2023, arXiv:2307.08691), with Hopper's instructions: a block has
// 128 queries of a head, two warpgroups of 64, and goes through the keys 128 at a time. Scores, softmax, output: one
// after the other, both warpgroups in step, while the copy engine fetches the next keys and values.
#pragma once

#include "attention.hpp"

namespace attention::in_step {

constexpr int threads = 256, stages = 2;

template <int dim> struct Shared {
  bf16 q[rows * dim];
  bf16 k[stages][rows * dim], v[stages][rows * dim];
  bf16 o[2][64 * dim];
  Barrier q_full, k_full[stages], v_full[stages];
};

template <int dim, class Mask>
__global__ void __launch_bounds__(threads, 1)
    attend(const __grid_constant__ Maps maps, int tokens, float scale, Mask mask) {
  auto& s = shared_storage<Shared<dim>>();
  constexpr bool causal = !std::is_same_v<Mask, Full>;
  const int tile = causal ? gridDim.x - 1 - blockIdx.x : blockIdx.x, head = blockIdx.y;  // the longest first
  const int steps = causal ? tile + 1 : gridDim.x, last = steps - 1, warpgroup = threadIdx.x / 128;
  const bool fetches = threadIdx.x == 0;
  const auto fetch = [&](int step) {  // steps go from the last tile of keys to the first
    load_rows<dim>(s.k[step % stages], maps.k, head, (last - step) * rows, s.k_full[step % stages]);
    load_rows<dim>(s.v[step % stages], maps.v, head, (last - step) * rows, s.v_full[step % stages]);
  };
  if (fetches) {
    init(s.q_full, 1);
    for (int i = 0; i < stages; ++i) init(s.k_full[i], 1), init(s.v_full[i], 1);
    fence_barrier_init();
    load_rows<dim>(s.q, maps.q, head, tile * rows, s.q_full);
    for (int step = 0; step < min(stages, steps); ++step) fetch(step);
  }
  __syncthreads();

  const int row = tile * rows + warpgroup * 64;
  Softmax softmax{scale};
  Scores scores;
  Weights weights;
  float o[dim / 2];
  wait(s.q_full, 0);
  for (int step = 0; step < steps; ++step) {
    const int stage = step % stages, parity = step / stages & 1;
    wait(s.k_full[stage], parity);
    begin_scores<dim>(scores, s.q + warpgroup * 64 * piece, s.k[stage]);
    wgmma_wait<0>();
    hold(scores);
    if (step == 0) hide(scores, row + threadIdx.x % 128 / 32 * 16 + threadIdx.x % 32 / 4, last * rows, tokens, mask);
    softmax(scores);
    if (step) softmax.scale_down(o);
    to_weights(weights, scores);
    wait(s.v_full[stage], parity);
    begin_output<dim>(o, weights, s.v[stage], step);
    wgmma_wait<0>();
    hold(o);
    __syncthreads();
    if (fetches && step + stages < steps) fetch(step + stages);
  }
  softmax.normalize(o);
  store_rows<dim>(o, s.o[warpgroup], maps.o, head, row, 1 + warpgroup);
  if (threadIdx.x % 128 == 0) wait_stores_read<0>();
}

// The variant: shapes in prepare, tensor maps for each slot in bind.
// In an unnamed namespace: nvcc gives each source a host function of its own for a kernel that is a template, so a
// class that sets an attribute of one and launches it must not be shared between sources either.
namespace {

template <class Mask> class Attention {
 public:
  explicit Attention(const aisp::Setup& setup) : maps_(static_cast<std::size_t>(setup.max_slots())) {
    aisp::allow_shared(attend<64, Mask>, shared_bytes<Shared<64>>);
    aisp::allow_shared(attend<128, Mask>, shared_bytes<Shared<128>>);
  }
  void bind(aisp::Slot slot, Input q, Input k, Input v, Output o) {
    maps_[static_cast<std::size_t>(slot.index)] = make_maps(q, k, v, o);
  }
  void operator()(aisp::Slot slot, Input q, Input, Input, Output) const {
    const dim3 grid(aisp::blocks(q.dim(1), rows), static_cast<unsigned>(q.dim(0)));
    const auto& maps = maps_[static_cast<std::size_t>(slot.index)];
    const int tokens = static_cast<int>(q.dim(1));
    if (q.dim(2) == 64)
      aisp::launch({.stream = aisp::stream(slot), .grid = grid, .threads = threads, .shared = shared_bytes<Shared<64>>},
                   attend<64, Mask>, maps, tokens, softmax_scale(64), Mask{});
    else
      aisp::launch(
          {.stream = aisp::stream(slot), .grid = grid, .threads = threads, .shared = shared_bytes<Shared<128>>},
          attend<128, Mask>, maps, tokens, softmax_scale(128), Mask{});
  }

 private:
  std::vector<Maps> maps_;
};

}  // namespace
}  // namespace attention::in_step
