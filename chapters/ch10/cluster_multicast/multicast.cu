// Multicast: four blocks are a cluster and share their fetches. Each orders two rows of every tile, and the copy
// engine delivers them to all four; each block's own barrier counts the bytes that come from all of them. A stage is
// free when the warps of all four blocks have read it, so every warp tells four barriers. The second cache level is
// read a quarter as often. On an H200 0.44 times the baseline, when each arrival at another block's barrier still
// was a fence for the whole GPU; not measured since. What binds it: what a multiprocessor can take in, and the
// slowest of four blocks.
#include <aisp/cuda/bulk_multicast.hpp>
#include <aisp/cuda/cluster.hpp>

#include "recurrence.hpp"

namespace {

using namespace ch10;

constexpr int blocks = 4, rows_each = kRows / blocks;
constexpr std::uint16_t everyone = (1u << blocks) - 1;

__global__ void __cluster_dims__(blocks, 1, 1) __launch_bounds__(kNetThreads) run_sequences(Net net) {
  using namespace aisp::cuda;
  extern __shared__ __align__(128) float ring[];
  __shared__ Shared shared;
  const int rank = cluster_rank(), block = static_cast<int>(blockIdx.x);
  const int sequence = min(block, net.batch - 1);  // blocks past the batch still fetch for the others
  start(shared, net, sequence, blocks * kRows);
  cluster_sync();  // all barriers are initialised
  if (threadIdx.x < kConsumers) {
    consume(shared, ring, net, sequence, block < net.batch, [&](int stage) {
      if (const int lane = threadIdx.x % 32; lane < blocks) arrive_at(shared.empty[stage], lane);
    });
  } else if (threadIdx.x == kConsumers) {  // the producer
    Place place;
    for (int t = 0; t < net.steps; ++t)
      for (int tile = 0; tile < net.tiles(); ++tile, place.advance()) {
        const int rows = net.rows_of(tile), first = rank * rows_each, mine = min(rows - first, rows_each);
        wait(shared.empty[place.stage], place.turn ^ 1);  // in all four blocks; passes at once in the first turn
        arrive_expecting(shared.full[place.stage], rows * net.row_bytes());
        if (mine > 0)
          load_bulk_multicast(ring + (place.stage * kRows + first) * net.n,
                              net.weights + (tile * kRows + first) * net.n, mine * net.row_bytes(),
                              shared.full[place.stage], everyone);
      }
  }
  __syncwarp();
  cluster_sync();  // no block ends while others may still arrive at its barriers
}

class Multicast {
 public:
  explicit Multicast(const aisp::Setup& setup) : bytes_(ring_bytes(setup.param("n"))) {
    AISP_CUDA(
        cudaFuncSetAttribute(run_sequences, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes_)));
  }
  void operator()(aisp::Slot slot, aisp::Matrix<const float> weights, aisp::Vector<const float> gain,
                  aisp::Matrix<const float> x, aisp::Matrix<float> y) const {
    const unsigned grid = aisp::blocks(x.dim(0), blocks) * blocks;
    run_sequences<<<grid, kNetThreads, bytes_, aisp::stream(slot)>>>(net(weights, gain, x, y));
  }

 private:
  std::size_t bytes_;
};

}  // namespace

AISP_VARIANT(Multicast, .about = "clusters of four blocks, each fetches a quarter for all");
