// Baseline: every block fetches every tile for itself, with one bulk copy. The tiles come from the second cache level,
// where all of W fits; but 256 blocks ask it for the same bytes. What binds it: the bandwidth of the second cache
// level.
#include "recurrence.hpp"

namespace {

using namespace ch10;

__global__ void __launch_bounds__(kNetThreads) run_sequence(Net net) {
  using namespace aisp::cuda;
  extern __shared__ __align__(128) float ring[];
  __shared__ Shared shared;
  const int sequence = static_cast<int>(blockIdx.x);
  start(shared, net, sequence);
  __syncthreads();
  if (threadIdx.x < kConsumers) {
    consume(shared, ring, net, sequence, true);
  } else if (threadIdx.x == kConsumers) {  // the producer
    Place place;
    for (int t = 0; t < net.steps; ++t)
      for (int tile = 0; tile < net.tiles(); ++tile, place.advance()) {
        const auto bytes = net.rows_of(tile) * net.row_bytes();
        wait(shared.empty[place.stage], place.turn ^ 1);  // passes at once in the first turn
        arrive_expecting(shared.full[place.stage], bytes);
        load_bulk(ring + place.stage * kRows * net.n, net.weights + tile * kRows * net.n, bytes,
                  shared.full[place.stage]);
      }
  }
}

class Alone {
 public:
  explicit Alone(const aisp::Setup& setup) : bytes_(ring_bytes(setup.param("n"))) {
    aisp::allow_shared(run_sequence, static_cast<int>(bytes_));
  }
  void operator()(aisp::Slot slot, aisp::Matrix<const float> weights, aisp::Vector<const float> gain,
                  aisp::Matrix<const float> x, aisp::Matrix<float> y) const {
    run_sequence<<<static_cast<unsigned>(x.dim(0)), kNetThreads, bytes_, aisp::stream(slot)>>>(
        net(weights, gain, x, y));
  }

 private:
  std::size_t bytes_;
};

}  // namespace

AISP_VARIANT(Alone, .about = "every block fetches all of the weights");
