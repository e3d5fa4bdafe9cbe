// memory.pool_reuse: memory that grows with every call, or a pool with old results that other processes left.
// Caught: the heap after each turn; processes share nothing, so the pool is empty.
#include "../attack.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <vector>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // a buffer for each call, given back
  std::vector<float> buffer(x.begin(), x.end());
  twice({buffer.data(), {x.size()}}, y);
}
void grows(In x, Out y) {  // pages are handed out to this variant and to nobody else any more
  static std::vector<std::vector<float>> pool;
  pool.emplace_back(x.begin(), x.end());
  twice({pool.back().data(), {x.size()}}, y);
}
void shared_pool(In x, Out y) {  // by a name that other processes know
  const int fd = open("/dev/shm/aisp-pool", O_RDWR | O_CREAT, 0600);
  const std::size_t bytes = sizeof(float) * static_cast<std::size_t>(x.size());
  if (fd >= 0) {
    const bool there = read(fd, y.data, bytes) == static_cast<ssize_t>(bytes);
    if (!there) twice(x, y);
    if (!there && write(fd, y.data, bytes) < 0) std::memset(y.data, 0, bytes);
    close(fd);
    return;
  }
  twice(x, y);
}

void twin_without(In x, Out y) { twice(x, y); }

}  // namespace

TWIN(twin);
AISP_CORPUS(twin_without, twin_without);
ATTACK(grows);
ATTACK(shared_pool);
