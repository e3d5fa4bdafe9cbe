// Multicast: two blocks of a cluster work on tiles one above the other, which need the same rows of B. Each fetches
// half of them for both, so that the L2 sends a third less. Of a block's two consumers one stays two steps ahead: while
// it stores its tile, the tensor cores work for the other. Small products take narrower tiles, without clusters, so
// that all multiprocessors have one. Otherwise as `persistent`; the kernel is persistent_gemm.hpp's. What binds it: the
// tensor cores, and the power that they draw.
#include "../persistent_gemm.hpp"

#include <variant>

namespace {

using namespace gemm;

class Multicast {
 public:
  explicit Multicast(const aisp::Setup& setup) : product_(for_size(setup)) {}
  void bind(aisp::Slot slot, Input a, Input b, Output c) {
    std::visit([&](auto& product) { product.bind(slot, a, b, c); }, product_);
  }
  void operator()(aisp::Slot slot, Input a, Input, Output c) const {
    std::visit([&](auto& product) { product(slot, a, c); }, product_);
  }

 private:
  template <int tile_n, int cluster> using Tiles = Product<Unchanged, Grouped, tile_n, cluster>;
  using Any = std::variant<Tiles<256, 2>, Tiles<128, 1>, Tiles<64, 1>>;

  static Any for_size(const aisp::Setup& setup) {
    const auto sizes = setup.shape("c");
    // Rounds of tiles times what a tile takes, a part of which does not depend on its width.
    const auto cost = [&](int tile_n, int cluster) {
      const int count = cluster * tiles(sizes[0], tile_m * cluster) * tiles(sizes[1], tile_n);
      return tiles(count, aisp::multiprocessors()) * (tile_n + 32);
    };
    const int wide = cost(256, 2), middle = cost(128, 1), narrow = cost(64, 1);
    if (wide <= middle && wide <= narrow) return Tiles<256, 2>(setup);
    if (middle <= narrow) return Tiles<128, 1>(setup);
    return Tiles<64, 1>(setup);
  }

  Any product_;
};

}  // namespace

AISP_VARIANT(Multicast, .about = "rows of B for two blocks at once, tiles by size");
