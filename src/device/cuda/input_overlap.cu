#include "device/cuda/input_overlap.hpp"
#include "device/cuda/runtime.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <string>

namespace aisp::device::cuda {
namespace {

constexpr int kBlock = 256;

// The sum of a batch, read `passes` times; each pass starts elsewhere, so that the compiler cannot keep one.
__global__ void sum_kernel(const std::uint32_t* __restrict__ batch, std::uint64_t words, int passes,
                           unsigned long long* sum) {
  unsigned long long mine = 0;
  for (int pass = 0; pass < passes; ++pass)
    for (std::uint64_t i = blockIdx.x * std::uint64_t{kBlock} + threadIdx.x; i < words;
         i += std::uint64_t{gridDim.x} * kBlock)
      mine += batch[(i + pass * std::uint64_t{kBlock}) % words];
  for (int lane = 16; lane > 0; lane /= 2) mine += __shfl_down_sync(~0u, mine, lane);
  if (threadIdx.x % 32 == 0) atomicAdd(sum, mine);
}

class DeviceBytes {
 public:
  explicit DeviceBytes(std::size_t bytes) { AISP_CUDA_CHECK(cudaMalloc(&data_, bytes)); }
  DeviceBytes(const DeviceBytes&) = delete;
  DeviceBytes& operator=(const DeviceBytes&) = delete;
  ~DeviceBytes() { cudaFree(data_); }
  void* data() const { return data_; }

 private:
  void* data_ = nullptr;
};

class PinnedBytes {
 public:
  explicit PinnedBytes(std::size_t bytes) { AISP_CUDA_CHECK(cudaHostAlloc(&data_, bytes, cudaHostAllocDefault)); }
  PinnedBytes(const PinnedBytes&) = delete;
  PinnedBytes& operator=(const PinnedBytes&) = delete;
  ~PinnedBytes() { cudaFreeHost(data_); }
  void* data() const { return data_; }

 private:
  void* data_ = nullptr;
};

class Overlap {
 public:
  explicit Overlap(const OverlapWork& work, int most_streams)
      : work_(work),
        words_(work.batch_bytes / sizeof(std::uint32_t)),
        pageable_(words_ * work.batches),
        pinned_(pageable_.size() * sizeof(std::uint32_t)),
        sums_(sizeof(unsigned long long) * work.batches) {
    std::uint32_t state = 1;
    for (auto& word : pageable_) word = state = state * 1664525u + 1013904223u;  // Numerical Recipes' generator
    std::copy(pageable_.begin(), pageable_.end(), static_cast<std::uint32_t*>(pinned_.data()));
    for (int i = 0; i < most_streams; ++i) {
      streams_.emplace_back();
      buffers_.push_back(std::make_unique<DeviceBytes>(work.batch_bytes));
    }
    int device = 0, multiprocessors = 0;
    AISP_CUDA_CHECK(cudaGetDevice(&device));
    AISP_CUDA_CHECK(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device));
    blocks_ = 4 * multiprocessors;
    for (int b = 0; b < work.batches; ++b) {
      const auto first = pageable_.begin() + static_cast<std::ptrdiff_t>(words_) * b;
      expected_.push_back(work.compute_passes *
                          std::accumulate(first, first + static_cast<std::ptrdiff_t>(words_), 0ull));
    }
  }

  // Seconds of all batches.
  double run(bool pinned, int streams, bool copy, bool compute) {
    AISP_CUDA_CHECK(cudaMemset(sums_.data(), 0, sizeof(unsigned long long) * work_.batches));
    AISP_CUDA_CHECK(cudaDeviceSynchronize());
    const auto start = std::chrono::steady_clock::now();
    for (int b = 0; b < work_.batches; ++b) {
      const auto stream = streams_[b % streams].get();
      void* buffer = buffers_[b % streams]->data();
      const auto* from = (pinned ? static_cast<const std::uint32_t*>(pinned_.data()) : pageable_.data()) + words_ * b;
      if (copy) AISP_CUDA_CHECK(cudaMemcpyAsync(buffer, from, work_.batch_bytes, cudaMemcpyHostToDevice, stream));
      if (!compute) continue;
      sum_kernel<<<blocks_, kBlock, 0, stream>>>(static_cast<const std::uint32_t*>(buffer), words_,
                                                 work_.compute_passes,
                                                 static_cast<unsigned long long*>(sums_.data()) + b);
      AISP_CUDA_CHECK(cudaGetLastError());
    }
    AISP_CUDA_CHECK(cudaDeviceSynchronize());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (copy && compute) check_sums();
    return seconds;
  }

 private:
  void check_sums() const {
    std::vector<unsigned long long> got(expected_.size());
    AISP_CUDA_CHECK(cudaMemcpy(got.data(), sums_.data(), got.size() * sizeof got[0], cudaMemcpyDeviceToHost));
    for (std::size_t b = 0; b < got.size(); ++b)
      if (got[b] != expected_[b]) throw Error("batch " + std::to_string(b) + " has a wrong sum on the device");
  }

  const OverlapWork& work_;
  std::uint64_t words_;
  std::vector<std::uint32_t> pageable_;
  PinnedBytes pinned_;
  DeviceBytes sums_;
  std::vector<Stream> streams_;
  std::vector<std::unique_ptr<DeviceBytes>> buffers_;
  std::vector<unsigned long long> expected_;
  int blocks_ = 0;
};

double median(std::vector<double> v) {
  std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), v.end());
  return v[v.size() / 2];
}

}  // namespace

OverlapMeasurement measure_input_overlap(const OverlapWork& work, const std::vector<int>& streams) {
  Overlap overlap(work, *std::max_element(streams.begin(), streams.end()));
  OverlapMeasurement m;
  for (const bool pinned : {false, true})
    for (const int count : streams) m.results.push_back({pinned, count, 0});
  std::vector<std::vector<double>> samples(m.results.size() + 2);
  for (int repeat = -1; repeat < work.repeats; ++repeat) {  // the first turn warms up
    const auto keep = [&](std::size_t i, double seconds) {
      if (repeat >= 0) samples[i].push_back(seconds);
    };
    for (std::size_t i = 0; i < m.results.size(); ++i)
      keep(i, overlap.run(m.results[i].pinned, m.results[i].streams, true, true));
    keep(m.results.size(), overlap.run(true, 1, true, false));
    keep(m.results.size() + 1, overlap.run(true, 1, false, true));
  }
  for (std::size_t i = 0; i < m.results.size(); ++i) m.results[i].seconds = median(samples[i]);
  m.copy_seconds = median(samples[m.results.size()]);
  m.compute_seconds = median(samples[m.results.size() + 1]);
  return m;
}

}  // namespace aisp::device::cuda
