// Peer: cub::DeviceSegmentedReduce::Sum of the toolkit, one segment per row.
#include <aisp/cuda.hpp>

#include <cub/device/device_segmented_reduce.cuh>

#include <vector>

namespace {

class Cub {
 public:
  explicit Cub(const aisp::Setup& setup) {
    const auto shape = setup.shape("x");
    std::vector<std::int64_t> offsets;
    for (std::int64_t i = 0; i <= shape[0]; ++i) offsets.push_back(i * shape[1]);
    offsets_ = aisp::DeviceBuffer<std::int64_t>(shape[0] + 1);
    AISP_CUDA(cudaMemcpy(offsets_.get(), offsets.data(), offsets.size() * sizeof offsets[0], cudaMemcpyHostToDevice));
    AISP_CUDA(sum(nullptr, nullptr, shape[0], nullptr));  // asks for the size only
    scratch_ = aisp::DeviceBuffer<char>(static_cast<std::int64_t>(bytes_) + 1);
  }
  void operator()(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Vector<float> y) {
    AISP_CUDA(sum(x.data, y.data, y.size(), aisp::stream(slot)));
  }

 private:
  cudaError_t sum(const float* x, float* y, std::int64_t rows, cudaStream_t stream) {
    return cub::DeviceSegmentedReduce::Sum(scratch_.get(), bytes_, x, y, rows, offsets_.get(), offsets_.get() + 1,
                                           stream);
  }

  aisp::DeviceBuffer<std::int64_t> offsets_;
  aisp::DeviceBuffer<char> scratch_;
  std::size_t bytes_ = 0;
};

}  // namespace

AISP_VARIANT(Cub, .about = "cub::DeviceSegmentedReduce::Sum");
