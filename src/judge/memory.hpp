// Memory that the judge owns and lends: memfds, their mappings, and descriptors with RAII.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace aisp::judge {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// What a worker gets to see of the judge's memory: descriptors (the inputs' one read-only where the kind of memory
// knows that) and the sizes of what is behind them.
struct LentMemory {
  Fd inputs, outputs;
  std::uint64_t inputs_bytes = 0, outputs_bytes = 0;
};

// A memfd of fixed size, mapped read-write by the judge. Pages exist once touched.
class SharedMemory {
 public:
  SharedMemory() = default;
  SharedMemory(const std::string& name, std::size_t bytes);  // throws std::system_error
  SharedMemory(SharedMemory&&) noexcept;
  SharedMemory& operator=(SharedMemory&&) noexcept;
  ~SharedMemory();

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::span<std::byte> at(std::uint64_t offset, std::size_t bytes) const { return {data_ + offset, bytes}; }
  int fd() const { return fd_.get(); }
  // A second descriptor of the same memory that can never be written through.
  Fd read_only_fd() const;
  Fd duplicate_fd() const;

 private:
  Fd fd_;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace aisp::judge
