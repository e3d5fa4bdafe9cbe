// Flash attention as its third version does it (Shah et al., 2024, arXiv:2407.08608), with block lists. A warp fetches;
// warpgroups of 64 queries each compute. A warpgroup begins the scores of a step together with the output of the step
// before, so that the tensor cores work while it exponentiates; and they take turns in beginning, so that one
// exponentiates while another multiplies. Blocks are persistent: while one tile of queries ends, the fetching warp is
// on the next. Which tiles a block has is decided beforehand, so that all end at the same time.
#pragma once

#include "attention.hpp"
#include "attention_plan.hpp"

namespace attention::ping_pong {

constexpr int stages = 2;
// Warpgroups that compute: with short rows the exponentials weigh more, and the registers are enough for a third.
template <int dim> constexpr int consumers = dim == 64 ? 3 : 2;
template <int dim> constexpr int threads = 128 * (consumers<dim> + 1);
template <int dim> constexpr int queries = 64 * consumers<dim>;  // of a tile

template <int dim> struct Shared {
  bf16 q[queries<dim> * dim];
  bf16 k[stages][rows * dim], v[stages][rows * dim];
  bf16 o[consumers<dim>][64 * dim];  // a consumer's rows, on their way out
  Barrier q_full, q_empty, k_full[stages], k_empty[stages], v_full[stages], v_empty[stages];
};

template <int dim>
__device__ void produce(Shared<dim>& s, const Maps& maps, const Item* items, int count, const Step* steps) {
  int at = 0;  // steps done, over all items
  for (int turn = 0; turn < count; ++turn) {
    const Item item = items[turn];
    wait(s.q_empty, (turn & 1) ^ 1);
    load_rows<dim, queries<dim>>(s.q, maps.q, item.head, item.row, s.q_full);
    for (int i = 0; i < item.count; ++i, ++at) {
      const int stage = at % stages, parity = (at / stages & 1) ^ 1;
      const Step step = steps[item.first + i];
      wait(s.k_empty[stage], parity);
      load_rows<dim>(s.k[stage], maps.k, item.head, step / 2 * rows, s.k_full[stage]);
      wait(s.v_empty[stage], parity);
      load_rows<dim>(s.v[stage], maps.v, item.head, step / 2 * rows, s.v_full[stage]);
    }
  }
}

template <int dim, class Mask>
__device__ void consume(Shared<dim>& s, const Maps& maps, const Item* items, int count, const Step* steps, int tokens,
                        float scale, const Mask& mask, int consumer) {
  const int first_row = consumer * 64 + threadIdx.x % 128 / 32 * 16 + threadIdx.x % 32 / 4;
  const bool leader = threadIdx.x % 128 == 0;
  const bf16* q = s.q + consumer * 64 * piece;
  const auto my_turn = [&] { named_barrier(1 + consumer, 256); };
  const auto your_turn = [&] { arrive_at_named_barrier(1 + (consumer + 1) % consumers<dim>, 256); };
  if (consumer + 1 == consumers<dim>) your_turn();

  int at = 0;
  for (int turn = 0; turn < count; ++turn) {
    const Item& item = items[turn];  // registers are few: read again where it is needed
    const int item_steps = item.count;
    Softmax softmax{scale};
    Scores scores;
    Weights weights;
    float o[dim / 2];
    const auto take_scores = [&](Step step, int step_at, bool last) {
      if (leader) {
        arrive(s.k_empty[step_at % stages]);
        if (last) arrive(s.q_empty);
      }
      if (step % 2) hide(scores, item.row + first_row, step / 2 * rows, tokens, mask);
      softmax(scores);
    };

    wait(s.q_full, turn & 1);
    wait(s.k_full[at % stages], at / stages & 1);
    begin_scores<dim, queries<dim>>(scores, q, s.k[at % stages]);
    wgmma_wait<0>();
    hold(scores);
    take_scores(steps[item.first], at, item_steps == 1);
    to_weights(weights, scores);
    for (int i = 1; i < item_steps; ++i) {
      const int before = at++;
      wait(s.k_full[at % stages], at / stages & 1);
      my_turn();
      begin_scores<dim, queries<dim>>(scores, q, s.k[at % stages]);
      wait(s.v_full[before % stages], before / stages & 1);
      begin_output<dim>(o, weights, s.v[before % stages], i > 1);
      your_turn();
      const Step step = steps[item.first + i];
      wgmma_wait<1>();
      hold(scores);
      take_scores(step, at, i + 1 == item_steps);
      wgmma_wait<0>();
      hold(o);
      if (leader) arrive(s.v_empty[before % stages]);
      softmax.scale_down(o);
      to_weights(weights, scores);
    }
    wait(s.v_full[at % stages], at / stages & 1);
    begin_output<dim>(o, weights, s.v[at % stages], item_steps > 1);
    wgmma_wait<0>();
    hold(o);
    if (leader) arrive(s.v_empty[at % stages]);
    ++at;
    softmax.normalize(o);
    store_rows<dim>(o, s.o[consumer], maps.o, item.head, item.row + consumer * 64, 4 + consumer);
  }
  if (leader) wait_stores_read<0>();
}

template <int dim, class Mask>
__global__ void __launch_bounds__(threads<dim>, 1)
    attend(const __grid_constant__ Maps maps, const Item* __restrict__ items, const int* __restrict__ first,
           const Step* __restrict__ steps, int tokens, float scale, Mask mask) {
  auto& s = shared_storage<Shared<dim>>();
  if (threadIdx.x == 0) {
    init(s.q_full, 1), init(s.q_empty, consumers<dim>);
    for (int i = 0; i < stages; ++i) {
      init(s.k_full[i], 1), init(s.k_empty[i], consumers<dim>);
      init(s.v_full[i], 1), init(s.v_empty[i], consumers<dim>);
    }
    fence_barrier_init();
  }
  __syncthreads();
  const int begin = first[blockIdx.x], count = first[blockIdx.x + 1] - begin;
  if (threadIdx.x < 128) {
    give_up_registers<consumers<dim> == 3 ? 32 : 40>();
    if (threadIdx.x == 0) produce<dim>(s, maps, items + begin, count, steps);
  } else {
    take_registers<consumers<dim> == 3 ? 160 : 232>();
    consume<dim>(s, maps, items + begin, count, steps, tokens, scale, mask, threadIdx.x / 128 - 1);
  }
}

// In an unnamed namespace: nvcc gives each source a host function of its own for a kernel that is a template, so a
// class that sets an attribute of one and launches it must not be shared between sources either.
namespace {

// Sets up and launches attend().
template <class Mask> class Attention {
 public:
  explicit Attention(const aisp::Setup& setup) : maps_(static_cast<std::size_t>(setup.max_slots())) {
    aisp::allow_shared(attend<64, Mask>, shared_bytes<Shared<64>>);
    aisp::allow_shared(attend<128, Mask>, shared_bytes<Shared<128>>);
  }
  void bind(aisp::Slot slot, Input q, Input k, Input v, Output o) {
    maps_[static_cast<std::size_t>(slot.index)] = make_maps(q, k, v, o, rows_of(q.dim(2)));
  }
  void operator()(aisp::Slot slot, Input q, const Plan& plan, Mask mask) const {
    q.dim(2) == 64 ? launch<64>(slot, q, plan, mask) : launch<128>(slot, q, plan, mask);
  }
  static int rows_of(std::int64_t dim) { return dim == 64 ? queries<64> : queries<128>; }  // of a tile

 private:
  template <int dim> void launch(aisp::Slot slot, Input q, const Plan& plan, Mask mask) const {
    aisp::launch({.stream = aisp::stream(slot),
                  .grid = std::min(plan.count(), blocks_),
                  .threads = threads<dim>,
                  .shared = shared_bytes<Shared<dim>>},
                 attend<dim, Mask>, maps_[static_cast<std::size_t>(slot.index)], plan.items(), plan.first(),
                 plan.steps(), static_cast<int>(q.dim(1)), softmax_scale(dim), mask);
  }

  int blocks_ = aisp::multiprocessors();
  std::vector<Maps> maps_;
};

// A variant whose mask follows from the shape.
template <class Mask> class OfShape {
 public:
  OfShape(const aisp::Setup& setup, Mask mask, Lists lists = Lists::sparse)
      : attention_(setup),
        mask_(mask),
        plan_(setup.shape("q")[0], setup.shape("q")[1], setup.shape("q")[2],
              Attention<Mask>::rows_of(setup.shape("q")[2]), mask, lists) {}
  void bind(aisp::Slot slot, Input q, Input k, Input v, Output o) { attention_.bind(slot, q, k, v, o); }
  void operator()(aisp::Slot slot, Input q, Input, Input, Output) const { attention_(slot, q, plan_, mask_); }

 private:
  Attention<Mask> attention_;
  Mask mask_;
  Plan plan_;
};

}  // namespace
}  // namespace attention::ping_pong
