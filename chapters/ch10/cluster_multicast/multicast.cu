// Multicast: four blocks are a cluster and share their fetches. Each orders every fourth tile, and the copy engine
// delivers it to all four, whose own barriers count its bytes. A stage is free when all four blocks have read it: the
// warps of a block tell one of its threads, which tells the block whose turn it is to fetch, where another thread waits
// for all four. The second cache level is read a quarter as often. On an H200: 0.60 times the baseline, whose
// multiprocessors already take in 54 of the 64 bytes a cycle that they can. What binds it: the slowest of four blocks,
// in every stage.
#include <aisp/cuda/bulk_multicast.hpp>
#include <aisp/cuda/cluster.hpp>

#include "recurrence.hpp"

namespace {

using namespace ch10;

constexpr int blocks = 4;
static_assert(blocks >= kStages);  // so nobody is at a fetcher's next turn before all were at this one
constexpr int kMulticastThreads = kNetThreads + 32;
constexpr std::uint16_t everyone = (1u << blocks) - 1;

__global__ void __cluster_dims__(blocks, 1, 1) __launch_bounds__(kMulticastThreads) run_sequences(Net net) {
  using namespace aisp::cuda;
  extern __shared__ __align__(128) float ring[];
  __shared__ Shared shared;
  const int rank = cluster_rank(), block = static_cast<int>(blockIdx.x);
  const int tiles = net.steps * net.tiles(),
            sequence = min(block, net.batch - 1);  // blocks past the batch still fetch for the others
  start(shared, net, sequence, blocks);
  cluster_sync();  // all barriers are initialised
  if (threadIdx.x < kConsumers) {
    consume(shared, ring, net, sequence, block < net.batch);
  } else if (threadIdx.x == kConsumers) {  // tells which stages are empty, and waits for nobody else
    Place place;
    for (int tile = 0; tile < tiles; ++tile, place.advance()) {
      wait(shared.empty[place.stage], place.turn ^ 1);  // passes at once in the first turn
      arrive_expecting(shared.full[place.stage], net.rows_of(tile % net.tiles()) * net.row_bytes());
      arrive_at(shared.everywhere, tile % blocks);
    }
  } else if (threadIdx.x == kConsumers + 32) {  // fetches every fourth tile for all
    for (int tile = rank; tile < tiles; tile += blocks) {
      const int stage = tile % kStages, of_step = tile % net.tiles();
      wait(shared.everywhere, tile / blocks & 1);
      load_bulk_multicast(ring + stage * kRows * net.n, net.weights + of_step * kRows * net.n,
                          net.rows_of(of_step) * net.row_bytes(), shared.full[stage], everyone);
    }
  }
  __syncwarp();
  cluster_sync();  // no block ends while others may still arrive at its barriers
}

class Multicast {
 public:
  explicit Multicast(const aisp::Setup& setup) : bytes_(ring_bytes(setup.param("n"))) {
    aisp::allow_shared(run_sequences, static_cast<int>(bytes_));
  }
  void operator()(aisp::Slot slot, aisp::Matrix<const float> weights, aisp::Vector<const float> gain,
                  aisp::Matrix<const float> x, aisp::Matrix<float> y) const {
    const unsigned grid = aisp::blocks(x.dim(0), blocks) * blocks;
    run_sequences<<<grid, kMulticastThreads, bytes_, aisp::stream(slot)>>>(net(weights, gain, x, y));
  }

 private:
  std::size_t bytes_;
};

}  // namespace

AISP_VARIANT(Multicast, .about = "clusters of four blocks, each fetches every fourth tile for all");
