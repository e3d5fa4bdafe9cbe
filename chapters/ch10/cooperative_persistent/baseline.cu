// Baseline: five launches. A launch is the only barrier that an ordinary grid has, so every sum takes two: one for the
// parts of the blocks, one that adds them up; the fifth writes y. What binds it: the start and the end of five kernels,
// each longer than its work.
#include "sums.hpp"

namespace {

using namespace ch10;

__global__ void __launch_bounds__(kThreads) sum_parts(const float* x, std::int64_t n, float* parts) {
  const float sum = sum_of_share(x, n);
  if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

__global__ void __launch_bounds__(kThreads) find_mean(const float* parts, int count, std::int64_t n, float* mean) {
  const float sum = sum_of_parts(parts, count);
  if (threadIdx.x == 0) *mean = sum / static_cast<float>(n);
}

__global__ void __launch_bounds__(kThreads)
    square_parts(const float* x, std::int64_t n, const float* mean, float* parts) {
  const float sum = squares_of_share(x, n, *mean);
  if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

__global__ void __launch_bounds__(kThreads)
    find_inverse(const float* parts, int count, std::int64_t n, float* inverse) {
  const float sum = sum_of_parts(parts, count);
  if (threadIdx.x == 0) *inverse = rsqrtf(sum / static_cast<float>(n) + 1e-5f);
}

__global__ void __launch_bounds__(kThreads)
    standardise(const float* x, float* y, std::int64_t n, const float* mean, const float* inverse) {
  standardise_share(x, y, n, *mean, *inverse);
}

class FiveLaunches {
 public:
  explicit FiveLaunches(const aisp::Setup&) : blocks_(2 * aisp::multiprocessors()), parts_(blocks_), results_(2) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) const {
    const auto stream = aisp::stream(slot);
    const auto n = y.size();
    float *parts = parts_.get(), *mean = results_.get(), *inverse = mean + 1;
    sum_parts<<<blocks_, kThreads, 0, stream>>>(x.data, n, parts);
    find_mean<<<1, kThreads, 0, stream>>>(parts, blocks_, n, mean);
    square_parts<<<blocks_, kThreads, 0, stream>>>(x.data, n, mean, parts);
    find_inverse<<<1, kThreads, 0, stream>>>(parts, blocks_, n, inverse);
    standardise<<<blocks_, kThreads, 0, stream>>>(x.data, y.data, n, mean, inverse);
  }

 private:
  int blocks_;
  aisp::DeviceBuffer<float> parts_, results_;
};

}  // namespace

AISP_VARIANT(FiveLaunches, .about = "five launches");
