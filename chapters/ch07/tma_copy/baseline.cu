// Baseline: cp.async in a ring of four stages of 16 KB a block. A thread copies 64 bytes of each stage into shared
// memory, and stores the same 64 bytes from there, so it waits for nobody; three stages are always on their way.
// What binds it: memory bandwidth, with 256 threads busy computing addresses and issuing four copies a stage.
#include <aisp/cuda.hpp>
#include <aisp/cuda/async_copy.hpp>

namespace {

constexpr int threads = 256, stages = 4, vectors = 4;  // float4 a thread and stage
constexpr int stage_vectors = threads * vectors, ring_bytes = stages * stage_vectors * 16;

__global__ void __launch_bounds__(threads) copy(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  using namespace aisp::cuda;
  extern __shared__ float4 ring[];
  const auto* from = reinterpret_cast<const float4*>(x);
  auto* to = reinterpret_cast<float4*>(y);
  const auto count = n / 4;
  const auto step = std::int64_t{gridDim.x} * stage_vectors;
  auto loading = std::int64_t{blockIdx.x} * stage_vectors + threadIdx.x;
  const auto load = [&](int stage) {
#pragma unroll
    for (int v = 0; v < vectors; ++v)
      if (loading + v * threads < count)
        copy_async_16(&ring[stage * stage_vectors + v * threads + threadIdx.x], from + loading + v * threads);
    commit_copies();
    loading += step;
  };

  for (int s = 0; s < stages - 1; ++s) load(s);
  int stage = 0;
  for (auto i = std::int64_t{blockIdx.x} * stage_vectors + threadIdx.x; i < count; i += step) {
    wait_copies<stages - 2>();
#pragma unroll
    for (int v = 0; v < vectors; ++v)
      if (i + v * threads < count)
        __stcs(to + i + v * threads, ring[stage * stage_vectors + v * threads + threadIdx.x]);
    load((stage + stages - 1) % stages);  // where this thread read in the previous step
    stage = (stage + 1) % stages;
  }
  wait_copies<0>();
  if (const auto i = 4 * count + threadIdx.x; blockIdx.x == 0 && i < n) y[i] = x[i];
}

class Ring {
 public:
  explicit Ring(const aisp::Setup&) {
    aisp::allow_shared(copy, ring_bytes);
    int resident = 0;
    AISP_CUDA(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&resident, copy, threads, ring_bytes));
    blocks_ = resident * aisp::multiprocessors();
  }
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) const {
    copy<<<blocks_, threads, ring_bytes, aisp::stream(slot)>>>(x.data, y.data, y.size());
  }

 private:
  int blocks_ = 0;
};

}  // namespace

AISP_VARIANT(Ring, .about = "cp.async into a ring of four stages");
