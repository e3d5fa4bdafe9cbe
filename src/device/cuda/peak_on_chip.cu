// On-chip memory: reads that hit the L2, and reads of shared memory without bank conflicts. And the clock kernel.
#include "device/cuda/global_timer.cuh"
#include "device/cuda/peak_runner.hpp"

namespace aisp::device::cuda {
namespace {

__global__ void clock_kernel(unsigned long long nanoseconds, unsigned long long* out) {
  const auto count = count_cycles(nanoseconds);
  out[0] = count.cycles;
  out[1] = count.nanoseconds;
}

// Reads all of a small buffer `passes` times past the L1. Blocks take other parts in each pass, so that a part is read
// by multiprocessors on both sides of a split L2, as ordinary kernels do.
template <int U>
__global__ void l2_kernel(const uint4* __restrict__ in, unsigned* __restrict__ sink, unsigned tiles, int passes) {
  uint4 sum{};
  for (int pass = 0; pass < passes; ++pass) {
    for (unsigned t = blockIdx.x; t < tiles; t += gridDim.x) {
      const unsigned tile = (t + unsigned(pass) * 37u) % tiles;
      const uint4* p = in + std::size_t(tile) * U * blockDim.x + threadIdx.x;
      uint4 v[U];
#pragma unroll
      for (int i = 0; i < U; ++i) v[i] = __ldcg(p + i * blockDim.x);
#pragma unroll
      for (int i = 0; i < U; ++i) sum.x ^= v[i].x, sum.y ^= v[i].y, sum.z ^= v[i].z, sum.w ^= v[i].w;
    }
  }
  const unsigned all = sum.x ^ sum.y ^ sum.z ^ sum.w;
  if (all == 0x9e3779b9u) *sink = all;
}

// Each warp reads 512 consecutive bytes at a time, four wavefronts of all 32 banks. The address changes with the
// iteration, so no read can be reused.
constexpr int kSharedBytes = 16 << 10, kSharedReads = 8;
__global__ void __launch_bounds__(1024) shared_kernel(unsigned* sink, int iterations) {
  extern __shared__ __align__(128) uint4 words[];
  constexpr unsigned kVectors = kSharedBytes / 16;
  for (unsigned i = threadIdx.x; i < kVectors; i += blockDim.x)
    words[i] = {i * 2654435761u, i ^ 0x9e3779b9u, ~i, i * i};
  __syncthreads();
  uint4 sum{};
  const auto base = static_cast<unsigned>(__cvta_generic_to_shared(words));
  unsigned offset = threadIdx.x % 32 * 16;
  for (int n = 0; n < iterations; ++n) {
    uint4 v[kSharedReads];
#pragma unroll
    for (int i = 0; i < kSharedReads; ++i)
      asm volatile("ld.shared.v4.u32 {%0, %1, %2, %3}, [%4];"
                   : "=r"(v[i].x), "=r"(v[i].y), "=r"(v[i].z), "=r"(v[i].w)
                   : "r"(base + offset + i * 512));
#pragma unroll
    for (int i = 0; i < kSharedReads; i += 2) {
      sum.x ^= v[i].x ^ v[i + 1].x, sum.y ^= v[i].y ^ v[i + 1].y;
      sum.z ^= v[i].z ^ v[i + 1].z, sum.w ^= v[i].w ^ v[i + 1].w;
    }
    offset = (offset + kSharedReads * 512) % kSharedBytes;  // both powers of two
  }
  const unsigned all = sum.x ^ sum.y ^ sum.z ^ sum.w;
  if (all == 0x9e3779b9u) *sink = all;
}

}  // namespace

void launch_clock_kernel(cudaStream_t stream, unsigned long long nanoseconds, unsigned long long* out) {
  clock_kernel<<<1, 1, 0, stream>>>(nanoseconds, out);
  AISP_CUDA_CHECK(cudaGetLastError());
}

void measure_on_chip(PeakRunner& runner, std::vector<GpuFigure>& figures) {
  const int multiprocessors = runner.multiprocessors();
  const DeviceBuffer sink(256);
  unsigned* const out = sink.as<unsigned>();
  {
    cudaDeviceProp p{};
    AISP_CUDA_CHECK(cudaGetDeviceProperties(&p, runner.options().device));
    const DeviceBuffer data(static_cast<std::size_t>(p.l2CacheSize > (4 << 20) ? p.l2CacheSize : 4 << 20));
    AISP_CUDA_CHECK(cudaMemset(data.as(), 0x35, data.size()));
    const auto* in = data.as<uint4>();
    std::vector<Way> ways;
    for (const std::size_t share : {8, 4, 2}) {
      const auto add = [&](auto unroll, int threads, int blocks) {
        constexpr int U = decltype(unroll)::value;
        const unsigned tiles = unsigned(data.size() / share / (16u * U * unsigned(threads)));
        constexpr int kPasses = 64;
        ways.push_back({std::to_string(tiles * (16ull * U * unsigned(threads)) >> 20) + " MiB, " + std::to_string(U) +
                            " × 16 B a thread, blocks of " + std::to_string(threads),
                        double(tiles) * 16 * U * threads * kPasses, [=](cudaStream_t stream) {
                          l2_kernel<U><<<blocks * multiprocessors, threads, 0, stream>>>(in, out, tiles, kPasses);
                          AISP_CUDA_CHECK(cudaGetLastError());
                        }});
      };
      add(std::integral_constant<int, 2>{}, 512, 4);
      add(std::integral_constant<int, 4>{}, 512, 4);
      add(std::integral_constant<int, 4>{}, 256, 8);
      add(std::integral_constant<int, 8>{}, 256, 4);
    }
    figures.push_back(runner.measure("l2_read", "B/s", std::move(ways)));
  }
  std::vector<Way> ways;
  constexpr int kIterations = 4096;
  for (const int threads : {256, 512, 1024}) {
    const int blocks = 2048 / threads * multiprocessors;
    ways.push_back({"16 B a thread, blocks of " + std::to_string(threads),
                    double(blocks) * threads * 16 * kSharedReads * kIterations, [=](cudaStream_t stream) {
                      shared_kernel<<<blocks, threads, kSharedBytes, stream>>>(out, kIterations);
                      AISP_CUDA_CHECK(cudaGetLastError());
                    }});
  }
  figures.push_back(runner.measure("shared_read", "B/s", std::move(ways)));
}

}  // namespace aisp::device::cuda
