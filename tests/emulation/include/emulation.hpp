// CUDA kernels on the host: a thread of the system for each thread of a block, the blocks one after the other, those of
// a cluster at the same time. It shows whether a kernel is right: addresses, swizzles, descriptors, fragments, counts
// of barriers, who waits for whom. What is asynchronous on the device happens at once here, so a missing wait goes
// unseen, and so does everything about speed.
//
// A variant is compiled with this folder's include/ ahead of the project's: the headers below include/aisp/cuda/ have
// the same functions with the same meaning, as the PTX ISA and the project's own headers state it. Kernels must be
// launched by aisp::launch() and use no inline PTX themselves.
#pragma once

#include <aisp/variant.hpp>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include <algorithm>
#include <barrier>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <vector>

#undef __global__
#undef __device__
#undef __shared__
#undef __launch_bounds__
#undef __grid_constant__
#define __global__
#define __device__
#define __launch_bounds__(...)
#define __grid_constant__

using std::max;
using std::min;

namespace emulation {

// What threads wait for; one that nobody comes to ends the process, with its place.
class Meeting {
 public:
  void arrive(int of, bool and_wait, const char* what);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int here_ = 0;
  long round_ = 0;
};

// An mbarrier: PTX ISA, "Parallel Synchronization and Communication Instructions: mbarrier".
struct Phases {
  int expected = 0, pending = 0;
  long bytes = 0, phase = 0;
};

struct Cluster;

struct Block {
  Cluster* cluster = nullptr;
  int rank = 0;
  dim3 index;
  std::vector<unsigned char> storage;
  unsigned char* shared = nullptr;  // at a multiple of 1024 bytes
  Meeting named[16];
  std::vector<std::unique_ptr<std::barrier<>>> warps, warpgroups;
  std::vector<std::uint64_t> exchange;                  // a word a thread, for what lanes tell each other
  std::vector<std::array<std::uint32_t, 4>> registers;  // four a thread, for operands of wgmma
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::uint32_t, Phases> barriers;  // by offset in shared memory

  std::uint32_t offset(const void* at) const {
    return static_cast<std::uint32_t>(static_cast<const unsigned char*>(at) - shared);
  }
};
struct Cluster {
  std::vector<std::unique_ptr<Block>> blocks;
  Meeting all;
};

extern thread_local Block* block;
extern thread_local dim3 thread_index;
extern dim3 grid_size, block_size;

std::barrier<>& warp();
std::barrier<>& warpgroup();
[[noreturn]] void stuck(const char* what);

// Runs body() in every thread of a grid.
void run(dim3 grid, int threads, std::size_t shared, int cluster, const std::function<void()>& body);

// Changes an mbarrier of `in`, then lets those go on whose phase is over.
void change(Block& in, std::uint32_t barrier, int arrivals, long bytes);
void wait(std::uint32_t barrier, int parity);

}  // namespace emulation

#define threadIdx emulation::thread_index
#define blockIdx emulation::block->index
#define gridDim emulation::grid_size
#define blockDim emulation::block_size

inline void __syncthreads() {
  emulation::block->named[0].arrive(static_cast<int>(emulation::block_size.x), true, "__syncthreads()");
}
inline void __syncwarp() { emulation::warp().arrive_and_wait(); }
inline float __shfl_xor_sync(unsigned, float value, int mask, int = 32) {
  auto& words = emulation::block->exchange;
  std::memcpy(&words[threadIdx.x], &value, sizeof value);
  emulation::warp().arrive_and_wait();
  std::memcpy(&value, &words[threadIdx.x ^ static_cast<unsigned>(mask)], sizeof value);
  emulation::warp().arrive_and_wait();
  return value;
}
