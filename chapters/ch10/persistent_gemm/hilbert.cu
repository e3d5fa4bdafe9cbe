// Hilbert: persistent blocks, and the tiles in the order of Hilbert's curve, from a table: those under way at the same
// time form a patch about as high as it is wide, which has the fewest rows of A and of B for its area. What binds it:
// the tensor cores, and the power that they draw.
#include "orders.hpp"

namespace {

using namespace gemm;

class Hilbert {
 public:
  explicit Hilbert(const aisp::Setup& setup) : product_(setup) {
    const auto shape = setup.shape("c");
    const auto order = hilbert(tiles(shape[0], tile_m), tiles(shape[1], 256));
    order_ = aisp::DeviceBuffer<Tile>(static_cast<std::int64_t>(order.size()));
    AISP_CUDA(cudaMemcpy(order_.get(), order.data(), sizeof(Tile) * order.size(), cudaMemcpyHostToDevice));
  }
  void bind(aisp::Slot slot, Input a, Input b, Output c) { product_.bind(slot, a, b, c); }
  void operator()(aisp::Slot slot, Input a, Input, Output c) const {
    product_(slot, a, c, Listed{order_.get()}, product_.multiprocessors());
  }

 private:
  Product<Unchanged, Listed> product_;
  aisp::DeviceBuffer<Tile> order_;
};

}  // namespace

AISP_VARIANT(Hilbert, .about = "one block a multiprocessor, along Hilbert's curve");
