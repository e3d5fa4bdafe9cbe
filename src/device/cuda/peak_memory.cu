// Device memory: how fast it is copied, read and written. Sizes are many times the L2, so every byte comes from memory.
#include "device/cuda/bulk_copy.cuh"
#include "device/cuda/peak_runner.hpp"

#include <algorithm>

namespace aisp::device::cuda {
namespace {

enum class Hint { none, streaming, no_l1 };

template <Hint H> __device__ uint4 load(const uint4* p) {
  if constexpr (H == Hint::streaming) return __ldcs(p);
  if constexpr (H == Hint::no_l1) {
    uint4 v;
    asm volatile("ld.global.nc.L1::no_allocate.L2::256B.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
                 : "l"(p));
    return v;
  }
  return *p;
}

template <Hint H> __device__ void store(uint4* p, uint4 v) {
  if constexpr (H == Hint::none)
    *p = v;
  else
    __stcs(p, v);
}

// Tiles of blockDim × U vectors, U independent 16-byte accesses a thread in flight. As many blocks as tiles, or fewer
// that stay.
template <int U, Hint H>
__global__ void copy_kernel(const uint4* __restrict__ in, uint4* __restrict__ out, std::size_t tiles) {
  for (std::size_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    const std::size_t first = tile * U * blockDim.x + threadIdx.x;
    uint4 v[U];
#pragma unroll
    for (int i = 0; i < U; ++i) v[i] = load<H>(in + first + std::size_t(i) * blockDim.x);
#pragma unroll
    for (int i = 0; i < U; ++i) store<H>(out + first + std::size_t(i) * blockDim.x, v[i]);
  }
}

template <int U, Hint H>
__global__ void read_kernel(const uint4* __restrict__ in, unsigned* __restrict__ sink, std::size_t tiles) {
  uint4 sum{};
  for (std::size_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    const std::size_t first = tile * U * blockDim.x + threadIdx.x;
    uint4 v[U];
#pragma unroll
    for (int i = 0; i < U; ++i) v[i] = load<H>(in + first + std::size_t(i) * blockDim.x);
#pragma unroll
    for (int i = 0; i < U; ++i) sum.x ^= v[i].x, sum.y ^= v[i].y, sum.z ^= v[i].z, sum.w ^= v[i].w;
  }
  const unsigned all = sum.x ^ sum.y ^ sum.z ^ sum.w;
  if (all == 0x9e3779b9u) *sink = all;  // almost never, but the compiler cannot know
}

template <int U, Hint H> __global__ void write_kernel(uint4* __restrict__ out, std::size_t tiles, unsigned seed) {
  const uint4 v{seed, seed ^ threadIdx.x, seed + blockIdx.x, ~seed};
  for (std::size_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    const std::size_t first = tile * U * blockDim.x + threadIdx.x;
#pragma unroll
    for (int i = 0; i < U; ++i) store<H>(out + first + std::size_t(i) * blockDim.x, v);
  }
}

enum class Bulk { copy, read, write };

// One thread drives the copy engine through a ring of Stages chunks in shared memory. A stage is loaded again once the
// store out of it has been read; half of the stages may have stores pending.
template <Bulk What, int Stages>
__global__ void bulk_kernel(const char* in, char* out, std::size_t chunks, unsigned chunk) {
  extern __shared__ __align__(128) char ring[];
  __shared__ std::uint64_t full[Stages];
  if (What == Bulk::write) {
    for (unsigned i = threadIdx.x; i < Stages * chunk / 4; i += blockDim.x)
      reinterpret_cast<unsigned*>(ring)[i] = i * 2654435761u;
    bulk::fence_shared();
    __syncthreads();
  }
  if (threadIdx.x != 0) return;
  const std::size_t mine = blockIdx.x < chunks ? (chunks - blockIdx.x + gridDim.x - 1) / gridDim.x : 0;
  const auto offset = [&](std::size_t i) { return (blockIdx.x + i * gridDim.x) * chunk; };
  const auto fetch = [&](std::size_t i) {
    const int stage = int(i % Stages);
    bulk::expect(&full[stage], chunk);
    bulk::load(ring + stage * chunk, in + offset(i), chunk, &full[stage]);
  };
  constexpr int kPending = Stages / 2;
  if (What != Bulk::write) {
    for (auto& barrier : full) bulk::init(&barrier, 1);
    bulk::fence_init();
    bulk::fence_shared();
    for (std::size_t i = 0; i < Stages && i < mine; ++i) fetch(i);
  }
  for (std::size_t i = 0; i < mine; ++i) {
    const int stage = int(i % Stages);
    if (What != Bulk::write) bulk::wait(&full[stage], unsigned(i / Stages & 1));
    if (What != Bulk::read) {
      bulk::store(out + offset(i), ring + stage * chunk, chunk);
      bulk::commit_stores();
      bulk::wait_reads<kPending>();
    }
    if (What == Bulk::copy && i >= kPending && i - kPending + Stages < mine) fetch(i - kPending + Stages);
    if (What == Bulk::read && i + Stages < mine) fetch(i + Stages);
  }
  bulk::wait_stores<0>();
}

__global__ void random_words(uint4* out, std::size_t n, std::uint64_t seed) {
  const std::size_t stride = std::size_t(gridDim.x) * blockDim.x;
  for (std::size_t i = std::size_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += stride) {
    std::uint64_t z[2];
    for (int k = 0; k < 2; ++k) {  // splitmix64
      z[k] = (2 * i + k + 1) * 0x9e3779b97f4a7c15u + seed;
      z[k] = (z[k] ^ z[k] >> 30) * 0xbf58476d1ce4e5b9u;
      z[k] = (z[k] ^ z[k] >> 27) * 0x94d049bb133111ebu;
      z[k] ^= z[k] >> 31;
    }
    out[i] = {unsigned(z[0]), unsigned(z[0] >> 32), unsigned(z[1]), unsigned(z[1] >> 32)};
  }
}

const char* word(Hint h) {
  return h == Hint::none ? "" : h == Hint::streaming ? ", streaming" : ", past the L1, 256 B sectors";
}

struct Field {
  const uint4* in;
  uint4* out;
  unsigned* sink;
  std::size_t bytes;  // of one side
  int multiprocessors;
};

struct Shape {
  int threads;
  int blocks_per_multiprocessor;  // 0: as many blocks as tiles
};

template <int U, Hint H> std::string name_of(Shape s) {
  return std::to_string(U) + " × 16 B a thread, blocks of " + std::to_string(s.threads) +
         (s.blocks_per_multiprocessor ? ", persistent grid" : ", one tile a block") + word(H);
}

template <int U> unsigned grid_of(const Field& f, Shape s, std::size_t& tiles) {
  tiles = f.bytes / (std::size_t(U) * 16 * s.threads);
  if (s.blocks_per_multiprocessor == 0) return unsigned(tiles);
  return unsigned(std::min<std::size_t>(tiles, std::size_t(f.multiprocessors) * s.blocks_per_multiprocessor));
}

template <int U, Hint H> Way copy_way(const Field& f, Shape s) {
  std::size_t tiles = 0;
  const unsigned grid = grid_of<U>(f, s, tiles);
  return {name_of<U, H>(s), 2.0 * double(f.bytes), [=](cudaStream_t stream) {
            copy_kernel<U, H><<<grid, s.threads, 0, stream>>>(f.in, f.out, tiles);
            AISP_CUDA_CHECK(cudaGetLastError());
          }};
}

template <int U, Hint H> Way read_way(const Field& f, Shape s) {
  std::size_t tiles = 0;
  const unsigned grid = grid_of<U>(f, s, tiles);
  return {name_of<U, H>(s), double(f.bytes), [=](cudaStream_t stream) {
            read_kernel<U, H><<<grid, s.threads, 0, stream>>>(f.in, f.sink, tiles);
            AISP_CUDA_CHECK(cudaGetLastError());
          }};
}

template <int U, Hint H> Way write_way(const Field& f, Shape s) {
  std::size_t tiles = 0;
  const unsigned grid = grid_of<U>(f, s, tiles);
  return {name_of<U, H>(s), double(f.bytes), [=](cudaStream_t stream) {
            write_kernel<U, H><<<grid, s.threads, 0, stream>>>(f.out, tiles, 0x2545f491u);
            AISP_CUDA_CHECK(cudaGetLastError());
          }};
}

template <Bulk What, int Stages> Way bulk_way(const Field& f, unsigned chunk, int blocks_per_multiprocessor) {
  const unsigned shared = Stages * chunk, grid = unsigned(f.multiprocessors * blocks_per_multiprocessor);
  return {"bulk copy engine, " + std::to_string(Stages) + " × " + std::to_string(chunk >> 10) + " KiB in " +
              std::to_string(blocks_per_multiprocessor) + " block(s) a multiprocessor",
          (What == Bulk::copy ? 2.0 : 1.0) * double(f.bytes), [=](cudaStream_t stream) {
            AISP_CUDA_CHECK(cudaFuncSetAttribute(bulk_kernel<What, Stages>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                                 int(shared)));
            bulk_kernel<What, Stages><<<grid, 32, shared, stream>>>(
                reinterpret_cast<const char*>(f.in), reinterpret_cast<char*>(f.out), f.bytes / chunk, chunk);
            AISP_CUDA_CHECK(cudaGetLastError());
          }};
}

template <Bulk What> void add_bulk(std::vector<Way>& ways, const Field& f) {
  ways.push_back(bulk_way<What, 4>(f, 16 << 10, 3));
  ways.push_back(bulk_way<What, 6>(f, 16 << 10, 2));
  ways.push_back(bulk_way<What, 12>(f, 8 << 10, 2));
  ways.push_back(bulk_way<What, 6>(f, 32 << 10, 1));
  ways.push_back(bulk_way<What, 8>(f, 4 << 10, 6));
}

}  // namespace

void measure_memory(PeakRunner& runner, std::vector<GpuFigure>& figures) {
  // A power of two, so that every tile and chunk divides it.
  std::size_t bytes = std::size_t{4} << 30;
  while (bytes > (std::size_t{64} << 20) && bytes * 5 > runner.free_bytes() * 2) bytes /= 2;
  const DeviceBuffer in(bytes), out(bytes), sink(256);
  const Field f{in.as<uint4>(), out.as<uint4>(), sink.as<unsigned>(), bytes, runner.multiprocessors()};
  random_words<<<4 * f.multiprocessors, 256>>>(in.as<uint4>(), bytes / 16, 0x243f6a8885a308d3u);
  AISP_CUDA_CHECK(cudaGetLastError());
  AISP_CUDA_CHECK(cudaMemset(out.as(), 0, bytes));
  AISP_CUDA_CHECK(cudaDeviceSynchronize());
  const bool bulk = runner.capability() >= 90;

  std::vector<Way> copy;
  copy.push_back({"cudaMemcpyAsync", 2.0 * double(bytes), [f](cudaStream_t stream) {
                    AISP_CUDA_CHECK(cudaMemcpyAsync(f.out, f.in, f.bytes, cudaMemcpyDeviceToDevice, stream));
                  }});
  copy.push_back(copy_way<4, Hint::none>(f, {512, 0}));
  copy.push_back(copy_way<4, Hint::streaming>(f, {512, 0}));
  copy.push_back(copy_way<4, Hint::streaming>(f, {512, 4}));
  copy.push_back(copy_way<8, Hint::streaming>(f, {256, 0}));
  copy.push_back(copy_way<8, Hint::streaming>(f, {256, 4}));
  copy.push_back(copy_way<4, Hint::no_l1>(f, {1024, 0}));
  copy.push_back(copy_way<4, Hint::no_l1>(f, {1024, 2}));
  copy.push_back(copy_way<2, Hint::streaming>(f, {1024, 0}));
  copy.push_back(copy_way<1, Hint::streaming>(f, {1024, 0}));
  copy.push_back(copy_way<1, Hint::none>(f, {256, 0}));
  if (bulk) add_bulk<Bulk::copy>(copy, f);
  figures.push_back(runner.measure("copy", "B/s", std::move(copy)));

  std::vector<Way> read;
  read.push_back(read_way<4, Hint::none>(f, {512, 4}));
  read.push_back(read_way<4, Hint::streaming>(f, {512, 4}));
  read.push_back(read_way<8, Hint::streaming>(f, {256, 8}));
  read.push_back(read_way<8, Hint::no_l1>(f, {512, 4}));
  read.push_back(read_way<8, Hint::no_l1>(f, {512, 0}));
  read.push_back(read_way<4, Hint::no_l1>(f, {1024, 2}));
  read.push_back(read_way<1, Hint::none>(f, {256, 0}));
  if (bulk) add_bulk<Bulk::read>(read, f);
  figures.push_back(runner.measure("read", "B/s", std::move(read)));

  std::vector<Way> write;
  write.push_back({"cudaMemsetAsync", double(bytes),
                   [f](cudaStream_t stream) { AISP_CUDA_CHECK(cudaMemsetAsync(f.out, 0x5a, f.bytes, stream)); }});
  write.push_back(write_way<4, Hint::none>(f, {512, 0}));
  write.push_back(write_way<4, Hint::streaming>(f, {512, 0}));
  write.push_back(write_way<4, Hint::streaming>(f, {512, 4}));
  write.push_back(write_way<8, Hint::none>(f, {256, 8}));
  write.push_back(write_way<1, Hint::none>(f, {1024, 0}));
  write.push_back(write_way<1, Hint::none>(f, {256, 0}));
  if (bulk) add_bulk<Bulk::write>(write, f);
  figures.push_back(runner.measure("write", "B/s", std::move(write)));
}

}  // namespace aisp::device::cuda
