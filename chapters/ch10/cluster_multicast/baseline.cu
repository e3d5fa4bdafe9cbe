// Baseline: every block fetches every tile for itself, with one bulk copy. The tiles come from the second cache level,
// where the weights of all cells fit; but four blocks ask it for the same bytes, at times of their own. What binds it:
// the bandwidth of the second cache level.
#include "recurrence.hpp"

namespace {

using namespace ch10;

__global__ void __launch_bounds__(threads) run_sequence(Cells cells) {
  using namespace aisp::cuda;
  extern __shared__ __align__(128) float ring[];
  __shared__ Shared shared;
  const int cell = static_cast<int>(blockIdx.y);
  const auto sequence = cells.sequence(cell, static_cast<int>(blockIdx.x));
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

class Alone {
 public:
  explicit Alone(const aisp::Setup& setup) : bytes_(ring_bytes(setup.param("n"))) {
    aisp::allow_shared(run_sequence, bytes_);
  }
  void operator()(aisp::Slot slot, Weights weights, Gain gain, Inputs x, Outputs y) const {
    const dim3 grid(static_cast<unsigned>(x.dim(1)), static_cast<unsigned>(x.dim(0)));
    run_sequence<<<grid, threads, static_cast<std::size_t>(bytes_), aisp::stream(slot)>>>(cells(weights, gain, x, y));
  }

 private:
  int bytes_;
};

}  // namespace

AISP_VARIANT(Alone, .about = "every block fetches the weights for itself");
