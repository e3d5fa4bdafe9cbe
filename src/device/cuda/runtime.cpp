#include "device/cuda/runtime.hpp"

#include <unistd.h>

#include <mutex>

namespace aisp::device::cuda {
namespace {

[[noreturn]] void fail(const char* call, const std::string& name, const std::string& meaning,
                       const std::source_location& where, const std::string& advice = {}) {
  std::string file = where.file_name();
  file = file.substr(file.rfind('/') + 1);
  throw Error(std::string(call) + " failed with " + name + " (" + meaning + ") at " + file + ":" +
              std::to_string(where.line()) + (advice.empty() ? "" : "; " + advice));
}

CUmemAllocationProp properties(int device) {
  CUmemAllocationProp p{};
  p.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  p.location = {CU_MEM_LOCATION_TYPE_DEVICE, {device}};
  p.requestedHandleTypes = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
  return p;
}

CUdeviceptr map(int device, CUmemGenericAllocationHandle handle, std::size_t bytes, bool writable) {
  const auto& d = Driver::get();
  CUdeviceptr address = 0;
  AISP_CUDA_CHECK(d.memAddressReserve(&address, bytes, 0, 0, 0));
  AISP_CUDA_CHECK(d.memMap(address, bytes, 0, handle, 0));
  CUmemAccessDesc access{};
  access.location = {CU_MEM_LOCATION_TYPE_DEVICE, {device}};
  access.flags = writable ? CU_MEM_ACCESS_FLAGS_PROT_READWRITE : CU_MEM_ACCESS_FLAGS_PROT_READ;
  AISP_CUDA_CHECK(d.memSetAccess(address, bytes, &access, 1));
  return address;
}

void unmap(CUdeviceptr address, std::size_t bytes) {
  if (!address) return;
  const auto& d = Driver::get();
  d.memUnmap(address, bytes);
  d.memAddressFree(address, bytes);
}

}  // namespace

const char* advice_on(cudaError_t error) {
  switch (error) {
    case cudaErrorNoDevice: return "no GPU is visible: see nvidia-smi; in MIG mode a slice must have been made";
    case cudaErrorInsufficientDriver: return "update the NVIDIA driver";
    case cudaErrorDevicesUnavailable: return "the GPU is busy: another process holds it exclusively, see nvidia-smi";
    case cudaErrorMemoryAllocation:
      return "device memory is full: see nvidia-smi for who holds it, or use a smaller scale";
    case cudaErrorECCUncorrectable:
    case cudaErrorHardwareStackError:
    case cudaErrorNvlinkUncorrectable:
      return "the GPU has a hardware error and its results cannot be trusted: see nvidia-smi and the kernel log (Xid)";
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorInvalidKernelImage:
    case cudaErrorUnsupportedPtxVersion:
      return "the code was built for another GPU: build again with AISP_CUDA_ARCH for this one";
    case cudaErrorIllegalAddress:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case cudaErrorAssert: return "a kernel faulted, and its context is lost: compute-sanitizer names the line";
    case cudaErrorLaunchTimeout: return "a kernel ran longer than the display driver allows";
    default: return "";
  }
}

void check(cudaError_t error, const char* call, std::source_location where) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // not sticky errors are consumed here
  fail(call, cudaGetErrorName(error), cudaGetErrorString(error), where, advice_on(error));
}

void check(CUresult result, const char* call, std::source_location where) {
  if (result == CUDA_SUCCESS) return;
  const char *name = "?", *meaning = "?";
  Driver::get().getErrorName(result, &name);
  Driver::get().getErrorString(result, &meaning);
  // The runtime's codes for these are the driver's numbers.
  fail(call, name ? name : "an unknown error", meaning ? meaning : "?", where,
       advice_on(static_cast<cudaError_t>(result)));
}

std::optional<std::string> why_absent() {
  int devices = 0, driver = 0;
  const auto error = cudaGetDeviceCount(&devices);
  if (error == cudaSuccess && devices > 0) return std::nullopt;
  cudaGetLastError();
  cudaDriverGetVersion(&driver);
  if (driver == 0) return "no NVIDIA driver is loaded";
  if (error == cudaErrorInsufficientDriver)
    return "the NVIDIA driver is too old: it speaks CUDA " + std::to_string(driver / 1000) + "." +
           std::to_string(driver % 1000 / 10) + ", this build needs " + std::to_string(CUDART_VERSION / 1000) + "." +
           std::to_string(CUDART_VERSION % 1000 / 10);
  if (error == cudaErrorNoDevice || (error == cudaSuccess && devices == 0)) return "there is no CUDA device";
  return std::string(cudaGetErrorName(error)) + " (" + cudaGetErrorString(error) + ")";
}

std::string pci_bus_id(int device) {
  char id[32] = {};
  return cudaDeviceGetPCIBusId(id, sizeof id, device) == cudaSuccess ? id : "";
}

const Driver& Driver::get() {
  static const Driver driver = [] {
    Driver d;
    const auto find = [](const char* name, auto& function) {
      void* entry = nullptr;
      cudaDriverEntryPointQueryResult found{};
      if (cudaGetDriverEntryPointByVersion(name, &entry, 12000, cudaEnableDefault, &found) != cudaSuccess || !entry)
        throw Error(std::string("the NVIDIA driver has no ") + name);
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(entry);
    };
    find("cuGetErrorName", d.getErrorName);
    find("cuGetErrorString", d.getErrorString);
    find("cuMemGetAllocationGranularity", d.memGetAllocationGranularity);
    find("cuMemCreate", d.memCreate);
    find("cuMemRelease", d.memRelease);
    find("cuMemExportToShareableHandle", d.memExportToShareableHandle);
    find("cuMemImportFromShareableHandle", d.memImportFromShareableHandle);
    find("cuMemAddressReserve", d.memAddressReserve);
    find("cuMemAddressFree", d.memAddressFree);
    find("cuMemMap", d.memMap);
    find("cuMemUnmap", d.memUnmap);
    find("cuMemSetAccess", d.memSetAccess);
    find("cuCtxGetCurrent", d.ctxGetCurrent);
    find("cuCtxSetCurrent", d.ctxSetCurrent);
    find("cuStreamWaitValue32", d.streamWaitValue32);
    find("cuStreamWriteValue32", d.streamWriteValue32);
    return d;
  }();
  return driver;
}

ExportedMemory::ExportedMemory(int device, std::size_t bytes) {
  AISP_CUDA_CHECK(cudaSetDevice(device));
  AISP_CUDA_CHECK(cudaFree(nullptr));  // makes the primary context current
  const auto& d = Driver::get();
  const auto prop = properties(device);
  std::size_t granularity = 0;
  AISP_CUDA_CHECK(d.memGetAllocationGranularity(&granularity, &prop, CU_MEM_ALLOC_GRANULARITY_RECOMMENDED));
  size_ = (bytes + granularity - 1) / granularity * granularity;
  AISP_CUDA_CHECK(d.memCreate(&handle_, size_, &prop, 0));
  address_ = map(device, handle_, size_, true);
  AISP_CUDA_CHECK(d.memExportToShareableHandle(&fd_, handle_, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0));
}

ExportedMemory::~ExportedMemory() {
  unmap(address_, size_);
  if (handle_) Driver::get().memRelease(handle_);
  if (fd_ >= 0) close(fd_);
}

ImportedMemory::ImportedMemory(int device, int fd, std::size_t bytes, bool writable) : size_(bytes) {
  AISP_CUDA_CHECK(cudaSetDevice(device));
  AISP_CUDA_CHECK(cudaFree(nullptr));
  const auto& d = Driver::get();
  CUmemGenericAllocationHandle handle = 0;
  AISP_CUDA_CHECK(d.memImportFromShareableHandle(&handle, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)),
                                                 CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR));
  address_ = map(device, handle, size_, writable);
  d.memRelease(handle);  // the mapping keeps it
}

ImportedMemory::~ImportedMemory() { unmap(address_, size_); }

RegisteredPage::RegisteredPage(const void* page, std::size_t bytes, bool writable) : host_(const_cast<void*>(page)) {
  const unsigned flags = cudaHostRegisterMapped | (writable ? 0u : static_cast<unsigned>(cudaHostRegisterReadOnly));
  AISP_CUDA_CHECK(cudaHostRegister(host_, bytes, flags));
  AISP_CUDA_CHECK(cudaHostGetDevicePointer(&device_, host_, 0));
}

RegisteredPage::~RegisteredPage() {
  if (host_) cudaHostUnregister(host_);
}

Stream::Stream() { AISP_CUDA_CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
Stream::~Stream() {
  if (stream_) cudaStreamDestroy(stream_);
}

Event::Event() { AISP_CUDA_CHECK(cudaEventCreate(&event_)); }
Event::~Event() {
  if (event_) cudaEventDestroy(event_);
}

void wait_for(cudaStream_t stream, const std::uint32_t* flag, std::uint32_t value) {
  AISP_CUDA_CHECK(
      Driver::get().streamWaitValue32(stream, reinterpret_cast<CUdeviceptr>(flag), value, CU_STREAM_WAIT_VALUE_GEQ));
}

void write_word(cudaStream_t stream, std::uint32_t* word, std::uint32_t value) {
  AISP_CUDA_CHECK(Driver::get().streamWriteValue32(stream, reinterpret_cast<CUdeviceptr>(word), value,
                                                   CU_STREAM_WRITE_VALUE_DEFAULT));
}

}  // namespace aisp::device::cuda
