// Batched: all products in one launch; a block finds its matrices through arrays of pointers, which are filled when a
// slot is bound, as cublasSgemmBatched asks for. The matrices may lie anywhere. Expected: five to ten times the
// baseline. What binds it: arithmetic and the traffic of shared memory; the pointers cost one dependent load a block.
#include "../product.hpp"

#include <vector>

namespace {

struct Operands {
  const float *a, *b;
  float* c;
};

__global__ void __launch_bounds__(ch01::threads)
    product(std::int64_t m, std::int64_t n, std::int64_t k, const Operands* __restrict__ operands) {
  const Operands mine = operands[blockIdx.z];
  ch01::product(m, n, k, mine.a, mine.b, mine.c, ch01::Plain{});
}

class Batched {
 public:
  explicit Batched(const aisp::Setup& setup) : batch_(setup.param("batch")), operands_(batch_ * setup.max_slots()) {}
  void bind(aisp::Slot slot, aisp::Tensor<const float, 3> a, aisp::Tensor<const float, 3> b, aisp::Tensor<float, 3> c) {
    const auto m = c.dim(1), n = c.dim(2), k = a.dim(2);
    std::vector<Operands> all;
    for (std::int64_t i = 0; i < batch_; ++i)
      all.push_back({a.data + i * m * k, b.data + i * k * n, c.data + i * m * n});
    AISP_CUDA(cudaMemcpy(of(slot), all.data(), all.size() * sizeof all[0], cudaMemcpyHostToDevice));
  }
  void operator()(aisp::Slot slot, aisp::Tensor<const float, 3> a, aisp::Tensor<const float, 3>,
                  aisp::Tensor<float, 3> c) const {
    const auto m = c.dim(1), n = c.dim(2), k = a.dim(2);
    product<<<ch01::tiles(m, n, batch_), ch01::threads, 0, aisp::stream(slot)>>>(m, n, k, of(slot));
  }

 private:
  Operands* of(aisp::Slot slot) const { return operands_.get() + slot.index * batch_; }

  std::int64_t batch_;
  aisp::DeviceBuffer<Operands> operands_;
};

}  // namespace

AISP_VARIANT(Batched, .about = "one launch, matrices by pointers");
