// Multicast: two blocks are a cluster and share their fetches. Each orders half of the rows of every tile, and the copy
// engine delivers them to both, whose own barriers count the bytes. A stage is free when the warps that read it in both
// blocks say so, to both. The second cache level is read half as often. What binds it: shared memory, which takes every
// byte in and gives it out once.
#include <aisp/cuda/bulk_multicast.hpp>
#include <aisp/cuda/cluster.hpp>

#include "recurrence.hpp"

namespace {

using namespace ch10;

constexpr int blocks = 2, share = rows / blocks;
constexpr std::uint16_t everyone = (1u << blocks) - 1;

__global__ void __cluster_dims__(blocks, 1, 1) __launch_bounds__(threads) run_sequences(Cells cells) {
  using namespace aisp::cuda;
  extern __shared__ __align__(128) float ring[];
  __shared__ Shared shared;
  const int cell = static_cast<int>(blockIdx.y), rank = cluster_rank(), of_cell = static_cast<int>(blockIdx.x);
  // Blocks past the batch still fetch for the others.
  const auto sequence = cells.sequence(cell, min(of_cell, cells.batch - 1));
  start(shared, cells.x + sequence, cells.n, blocks);
  cluster_sync();  // all barriers are initialised
  if (threadIdx.x < consumers) {
    consume(shared, ring, cells, of_cell < cells.batch ? cells.y + sequence : nullptr, [](Barrier& empty) {
      if (threadIdx.x % 32 < blocks) arrive_at(empty, static_cast<int>(threadIdx.x) % 32);
    });
  } else if (threadIdx.x == consumers) {  // the producer
    Place place{0};
    const int first = rank * share;  // of the rows of a tile that this block fetches
    for (int t = 0; t < cells.steps; ++t)
      for (int tile = 0; tile < cells.tiles(); ++tile, place.advance(1)) {
        const int tile_rows = cells.rows_of(tile), mine = max(0, min(share, tile_rows - first));
        wait(shared.empty[place.stage], place.turn ^ 1);  // passes at once in the first turn
        arrive_expecting(shared.full[place.stage], tile_rows * cells.n * sizeof(float));
        if (mine > 0)
          load_bulk_multicast(ring + (place.stage * rows + first) * cells.n, cells.tile(cell, tile) + first * cells.n,
                              mine * cells.n * sizeof(float), shared.full[place.stage], everyone);
      }
  }
  __syncwarp();
  cluster_sync();  // no block ends while the other may still arrive at its barriers
}

class Multicast {
 public:
  explicit Multicast(const aisp::Setup& setup) : bytes_(ring_bytes(setup.param("n"))) {
    aisp::allow_shared(run_sequences, bytes_);
  }
  void operator()(aisp::Slot slot, Weights weights, Gain gain, Inputs x, Outputs y) const {
    const dim3 grid(aisp::blocks(x.dim(1), blocks) * blocks, static_cast<unsigned>(x.dim(0)));
    run_sequences<<<grid, threads, static_cast<std::size_t>(bytes_), aisp::stream(slot)>>>(cells(weights, gain, x, y));
  }

 private:
  int bytes_;
};

}  // namespace

AISP_VARIANT(Multicast, .about = "clusters of two blocks, each fetches half of every tile for both");
