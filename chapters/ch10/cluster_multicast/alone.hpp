// Every block fetches every tile for itself, with one bulk copy. The variants differ in which blocks are neighbours.
#pragma once

#include "recurrence.hpp"

namespace ch10 {

// Blocks are numbered cell by cell, so that those that need the same weights are neighbours, or sequence by sequence.
enum class Neighbours { sequences_of_a_cell, cells };

template <Neighbours neighbours> __global__ void __launch_bounds__(threads) run_sequence(Cells cells) {
  using namespace aisp::cuda;
  extern __shared__ __align__(128) float ring[];
  __shared__ Shared shared;
  constexpr bool by_cell = neighbours == Neighbours::sequences_of_a_cell;
  const int cell = static_cast<int>(by_cell ? blockIdx.y : blockIdx.x);
  const auto sequence = cells.sequence(cell, static_cast<int>(by_cell ? blockIdx.x : blockIdx.y));
  start(shared, cells.x + sequence, cells.n, 1);
  __syncthreads();
  if (threadIdx.x < consumers) {
    consume(shared, ring, cells, cells.y + sequence, [](Barrier& empty) {
      if (threadIdx.x % 32 == 0) arrive(empty);
    });
  } else if (threadIdx.x == consumers) {  // the producer
    Place place{0};
    for (int t = 0; t < cells.steps; ++t)
      for (int tile = 0; tile < cells.tiles(); ++tile, place.advance(1)) {
        const int elements = cells.rows_of(tile) * cells.n;
        wait(shared.empty[place.stage], place.turn ^ 1);  // passes at once in the first turn
        arrive_expecting(shared.full[place.stage], elements * sizeof(float));
        load_bulk(ring + place.stage * rows * cells.n, cells.tile(cell, tile), elements * sizeof(float),
                  shared.full[place.stage]);
      }
  }
}

template <Neighbours neighbours> class Alone {
 public:
  explicit Alone(const aisp::Setup& setup) : bytes_(ring_bytes(setup.param("n"))) {
    aisp::allow_shared(run_sequence<neighbours>, bytes_);
  }
  void operator()(aisp::Slot slot, Weights weights, Gain gain, Inputs x, Outputs y) const {
    const auto of_cell = static_cast<unsigned>(x.dim(1)), count = static_cast<unsigned>(x.dim(0));
    const dim3 grid = neighbours == Neighbours::sequences_of_a_cell ? dim3(of_cell, count) : dim3(count, of_cell);
    run_sequence<neighbours>
        <<<grid, threads, static_cast<std::size_t>(bytes_), aisp::stream(slot)>>>(cells(weights, gain, x, y));
  }

 private:
  int bytes_;
};

}  // namespace ch10
