#include "judge/memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace aisp::judge {
namespace {
[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }
}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

SharedMemory::SharedMemory(const std::string& name, std::size_t bytes) : size_(bytes) {
  fd_ = Fd(memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd_) fail("memfd_create " + name);
  if (ftruncate(fd_.get(), static_cast<off_t>(bytes))) fail("cannot size shared memory " + name);
  // The size is final: nobody can shrink the file under the judge's mapping.
  if (fcntl(fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) fail("cannot seal " + name);
  void* p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
  if (p == MAP_FAILED) fail("cannot map " + std::to_string(bytes) + " bytes of shared memory");
  data_ = static_cast<std::byte*>(p);
  madvise(p, bytes, MADV_HUGEPAGE);
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : fd_(std::move(other.fd_)), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

SharedMemory::~SharedMemory() {
  if (data_) munmap(data_, size_);
}

Fd SharedMemory::read_only_fd() const {
  const std::string path = "/proc/self/fd/" + std::to_string(fd_.get());
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) fail("cannot reopen shared memory read-only");
  return fd;
}

Fd SharedMemory::duplicate_fd() const {
  Fd fd(fcntl(fd_.get(), F_DUPFD_CLOEXEC, 3));
  if (!fd) fail("cannot duplicate the descriptor of shared memory");
  return fd;
}

}  // namespace aisp::judge
