// What the variants share: the grid, and counters that start from zero.
#pragma once

#include <aisp/cuda.hpp>

namespace ch08 {

constexpr int label_threads = 256, blocks_of_multiprocessor = 8;

using Labels = aisp::Vector<const std::int32_t>;
using Counts = aisp::Vector<std::int32_t>;
using CountKernel = void (*)(const std::int32_t* label, std::int32_t* count, std::int64_t n);

class CountLabels {
 public:
  explicit CountLabels(CountKernel kernel) : kernel_(kernel) {}
  void operator()(cudaStream_t stream, Labels label, Counts count) const {
    AISP_CUDA(cudaMemsetAsync(count.data, 0, sizeof(std::int32_t) * static_cast<std::size_t>(count.size()), stream));
    kernel_<<<blocks_, label_threads, 0, stream>>>(label.data, count.data, label.size());
  }

 private:
  CountKernel kernel_;
  int blocks_ = blocks_of_multiprocessor * aisp::multiprocessors();
};

}  // namespace ch08
