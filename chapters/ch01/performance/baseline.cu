// Baseline: each micro-batch through the network by itself, two launches each. 32 rows by 256 columns are four tiles,
// so four multiprocessors work and each walks along 8192 inputs alone. What binds it: latency; the machine is almost
// empty.
#include "layer.hpp"

namespace {

class MicroBatches {
 public:
  explicit MicroBatches(const aisp::Setup& setup) : h_(setup.param("rows") * setup.param("hidden")) {}
  void operator()(aisp::Slot slot, aisp::Tensor<const float, 3> x, aisp::Matrix<const float> w1,
                  aisp::Vector<const float> b1, aisp::Matrix<const float> w2, aisp::Vector<const float> b2,
                  aisp::Tensor<float, 3> y) const {
    const auto rows = x.dim(1);
    for (std::int64_t i = 0; i < x.dim(0); ++i)
      perceptron::forward(aisp::stream(slot), rows, x.data + i * rows * x.dim(2), w1, b1, w2, b2, h_.get(),
                          y.data + i * rows * y.dim(2));
  }

 private:
  aisp::DeviceBuffer<float> h_;
};

}  // namespace

AISP_VARIANT(MicroBatches, .about = "micro-batches one by one");
