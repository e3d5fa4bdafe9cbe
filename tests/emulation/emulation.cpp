#include "emulation.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace emulation {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

std::unique_ptr<Block> make_block(dim3 index, int rank, int threads, std::size_t shared) {
  auto b = std::make_unique<Block>();
  b->index = index;
  b->rank = rank;
  b->storage.assign(shared + 2048, 0xff);  // as many numbers that are none
  b->shared = reinterpret_cast<unsigned char*>((reinterpret_cast<std::uintptr_t>(b->storage.data()) + 1023) &
                                               ~std::uintptr_t{1023});
  for (int i = 0; i < threads; i += 32) b->warps.push_back(std::make_unique<std::barrier<>>(32));
  for (int i = 0; i + 128 <= threads; i += 128) b->warpgroups.push_back(std::make_unique<std::barrier<>>(128));
  b->exchange.resize(static_cast<std::size_t>(threads));
  b->registers.resize(static_cast<std::size_t>(threads));
  return b;
}

}  // namespace

thread_local Block* block = nullptr;
thread_local dim3 thread_index;
dim3 grid_size, block_size;

std::barrier<>& warp() { return *block->warps[thread_index.x / 32]; }
std::barrier<>& warpgroup() { return *block->warpgroups[thread_index.x / 128]; }

void stuck(const char* what) {
  std::fprintf(stderr, "emulation: thread %u of block %u waits in vain for %s\n", thread_index.x, block->index.x, what);
  std::_Exit(1);
}

void Meeting::arrive(int of, bool and_wait, const char* what) {
  std::unique_lock lock(mutex_);
  const long mine = round_;
  if (++here_ == of) {
    here_ = 0;
    ++round_;
    changed_.notify_all();
  } else if (and_wait && !changed_.wait_for(lock, kPatience, [&] { return round_ != mine; })) {
    stuck(what);
  }
}

void change(Block& in, std::uint32_t barrier, int arrivals, long bytes) {
  const std::lock_guard lock(in.mutex);
  auto& b = in.barriers.at(barrier);
  b.pending -= arrivals;
  b.bytes += bytes;
  if (b.pending < 0) stuck("a barrier at which too many have arrived");
  if (b.pending || b.bytes) return;
  b.pending = b.expected;
  ++b.phase;
  in.changed.notify_all();
}

void wait(std::uint32_t barrier, int parity) {
  std::unique_lock lock(block->mutex);
  const auto& b = block->barriers.at(barrier);
  if (!block->changed.wait_for(lock, kPatience, [&] { return b.phase % 2 != parity; })) stuck("an mbarrier");
}

void run(dim3 grid, int threads, std::size_t shared, int cluster, const std::function<void()>& body) {
  grid_size = grid;
  block_size = dim3(static_cast<unsigned>(threads));
  for (unsigned z = 0; z < grid.z; ++z)
    for (unsigned y = 0; y < grid.y; ++y)
      for (unsigned x = 0; x < grid.x; x += static_cast<unsigned>(cluster)) {
        Cluster together;
        for (int rank = 0; rank < cluster; ++rank) {
          together.blocks.push_back(make_block({x + static_cast<unsigned>(rank), y, z}, rank, threads, shared));
          together.blocks.back()->cluster = &together;
        }
        std::vector<std::jthread> all;
        for (auto& b : together.blocks)
          for (int t = 0; t < threads; ++t)
            all.emplace_back([&body, t, in = b.get()] {
              block = in;
              thread_index = dim3(static_cast<unsigned>(t), 0, 0);
              body();
            });
      }
}

}  // namespace emulation
