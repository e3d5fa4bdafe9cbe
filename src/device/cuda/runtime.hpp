// The CUDA runtime and driver as the judge and the worker use them: errors with call, place and meaning, and RAII for
// every handle. The runtime is linked statically and finds the driver by itself, so the same binary runs without one.
#pragma once

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace aisp::device::cuda {

struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What the user can do about a code that the driver's own words do not explain; "" for all others.
const char* advice_on(cudaError_t);

// Throws Error naming the call, where it stands, what the code means and what to do.
void check(cudaError_t, const char* call, std::source_location = std::source_location::current());
void check(CUresult, const char* call, std::source_location = std::source_location::current());
#define AISP_CUDA_CHECK(call) ::aisp::device::cuda::check((call), #call)

// Why CUDA cannot be used on this machine; nothing when it can.
std::optional<std::string> why_absent();

// How the PCI address of CUDA's device reads: "0000:04:00.0"; "" when it cannot be told.
std::string pci_bus_id(int device);

// The driver's own interface, looked up at run time. Throws Error when there is no driver.
struct Driver {
  decltype(&cuGetErrorName) getErrorName = nullptr;
  decltype(&cuGetErrorString) getErrorString = nullptr;
  decltype(&cuMemGetAllocationGranularity) memGetAllocationGranularity = nullptr;
  decltype(&cuMemCreate) memCreate = nullptr;
  decltype(&cuMemRelease) memRelease = nullptr;
  decltype(&cuMemExportToShareableHandle) memExportToShareableHandle = nullptr;
  decltype(&cuMemImportFromShareableHandle) memImportFromShareableHandle = nullptr;
  decltype(&cuMemAddressReserve) memAddressReserve = nullptr;
  decltype(&cuMemAddressFree) memAddressFree = nullptr;
  decltype(&cuMemMap) memMap = nullptr;
  decltype(&cuMemUnmap) memUnmap = nullptr;
  decltype(&cuMemSetAccess) memSetAccess = nullptr;
  decltype(&cuCtxGetCurrent) ctxGetCurrent = nullptr;
  decltype(&cuCtxSetCurrent) ctxSetCurrent = nullptr;
  decltype(&cuStreamWaitValue32) streamWaitValue32 = nullptr;
  decltype(&cuStreamWriteValue32) streamWriteValue32 = nullptr;
  static const Driver& get();
};

// Device memory that can be lent to another process as a file descriptor: nothing else shares the allocation, and the
// borrower's mapping can be read-only. CUDA driver API, "Virtual Memory Management".
class ExportedMemory {
 public:
  ExportedMemory(int device, std::size_t bytes);
  ExportedMemory(const ExportedMemory&) = delete;
  ExportedMemory& operator=(const ExportedMemory&) = delete;
  ~ExportedMemory();
  std::byte* data() const { return reinterpret_cast<std::byte*>(address_); }
  std::size_t size() const { return size_; }  // rounded up to the device's granularity
  int fd() const { return fd_; }

 private:
  std::size_t size_ = 0;
  CUmemGenericAllocationHandle handle_ = 0;
  CUdeviceptr address_ = 0;
  int fd_ = -1;
};

class ImportedMemory {
 public:
  ImportedMemory(int device, int fd, std::size_t bytes, bool writable);
  ImportedMemory(const ImportedMemory&) = delete;
  ImportedMemory& operator=(const ImportedMemory&) = delete;
  ~ImportedMemory();
  std::byte* data() const { return reinterpret_cast<std::byte*>(address_); }

 private:
  std::size_t size_ = 0;
  CUdeviceptr address_ = 0;
};

// A shared host page that kernels can read; read-only for the device and this process where `writable` is false.
class RegisteredPage {
 public:
  RegisteredPage(const void* page, std::size_t bytes, bool writable);
  RegisteredPage(const RegisteredPage&) = delete;
  RegisteredPage& operator=(const RegisteredPage&) = delete;
  ~RegisteredPage();
  void* device_address() const { return device_; }

 private:
  void* host_ = nullptr;
  void* device_ = nullptr;
};

class Stream {
 public:
  Stream();
  Stream(Stream&& other) noexcept : stream_(std::exchange(other.stream_, nullptr)) {}
  ~Stream();
  cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

class Event {
 public:
  Event();
  Event(Event&& other) noexcept : event_(std::exchange(other.event_, nullptr)) {}
  ~Event();
  cudaEvent_t get() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

// Holds `stream` until *flag (device-visible host memory) has reached `value`, counting cyclically. No kernel runs
// meanwhile: the device is free for others. CUDA driver API, "Stream Memory Operations".
void wait_for(cudaStream_t stream, const std::uint32_t* flag, std::uint32_t value);

// Writes the word, in memory of the host that the device reaches, when all that is on the stream so far is done.
void write_word(cudaStream_t stream, std::uint32_t* word, std::uint32_t value);

// wait_for() by a kernel that spins: it opens within microseconds, but meanwhile others get little of the device.
void launch_gate(cudaStream_t stream, const std::uint32_t* flag, std::uint32_t value);

// A kernel that does nothing; its name is judge::kCensusMarker.
void launch_census_marker(cudaStream_t stream);

}  // namespace aisp::device::cuda
