#include "judge/engine.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

namespace aisp::judge {
namespace {

std::byte* map(int fd, std::size_t bytes, int protection) {
  void* p = mmap(nullptr, bytes, protection, MAP_SHARED, fd, 0);
  if (p == MAP_FAILED) throw std::runtime_error(std::string("cannot map shared memory: ") + std::strerror(errno));
  close(fd);
  madvise(p, bytes, MADV_HUGEPAGE);
  return static_cast<std::byte*>(p);
}

class HostEngine : public Engine {
 public:
  explicit HostEngine(const JudgePage& judge)
      : startup_(judge.startup),
        inputs_(map(kInputsFd, startup_.inputs_bytes, PROT_READ)),
        outputs_(map(kOutputsFd, startup_.outputs_bytes, PROT_READ | PROT_WRITE)) {}

  DLDevice device() const override { return {kDLCPU, 0}; }
  std::byte* inputs() const override { return inputs_; }
  std::byte* outputs() const override { return outputs_; }
  void settle() override {}
  void populate(std::int32_t first, std::int32_t count) override;
  std::uint64_t run(const Call& call, Batch batch) override {
    const auto start = now_ns();
    for (std::int32_t s; (s = batch.next()) >= 0;) throw_if(call(s));
    return static_cast<std::uint64_t>(batch.marked_ns() - start);
  }
  void enqueue(const Call&, Batch) override { throw std::logic_error("only devices queue work"); }
  std::uint64_t wait() override { throw std::logic_error("only devices queue work"); }

 private:
  const Startup& startup_;
  std::byte *inputs_, *outputs_;
};

void HostEngine::populate(std::int32_t first, std::int32_t count) {
  for (int i = 0; i < startup_.num_tensors; ++i) {
    const auto& t = startup_.tensors[i];
    const bool writable = t.role == AISP_INOUT || t.role == AISP_OUTPUT;
    std::uint64_t bytes = info(static_cast<DType>(t.dtype)).size;
    for (int d = 0; d < t.ndim; ++d) bytes *= static_cast<std::uint64_t>(t.shape[d]);
    std::uint64_t begin = t.offset + t.slot_stride * static_cast<std::uint64_t>(first);
    const std::uint64_t end = t.offset + t.slot_stride * static_cast<std::uint64_t>(first + count - 1) + bytes;
    begin = begin / 4096 * 4096;
    std::byte* address = (writable ? outputs_ : inputs_) + begin;
    if (madvise(address, end - begin, writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ) == 0) continue;
    for (std::uint64_t p = 0; p < end - begin; p += 4096) {  // before Linux 5.14: touch every page
      volatile std::byte* byte = address + p;
      const std::byte value = *byte;
      if (writable) *byte = value;
    }
  }
}

}  // namespace

void throw_if(const char* message) {
  if (!message) return;
  if (std::strstr(message, "bad_alloc")) throw std::bad_alloc();
  if (std::strstr(message, "cudaErrorMemoryAllocation")) throw OutOfDeviceMemory(message);
  throw std::runtime_error(message);
}

std::unique_ptr<Engine> make_host_engine(const JudgePage& judge) { return std::make_unique<HostEngine>(judge); }

}  // namespace aisp::judge
