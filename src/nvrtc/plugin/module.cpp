#include "nvrtc/plugin/module.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <type_traits>

namespace aisp::nvrtc {
namespace {

constexpr unsigned kSharedWithoutAsking = 48 * 1024;  // CUDA C++ Programming Guide, "Shared Memory"
constexpr unsigned kMostThreads = 1024;               // of a block, on every GPU

struct Shapes {  // of <aisp/kernel.cuh>
  std::int64_t of[16][6];
};

std::string which(std::size_t step, std::size_t count) {
  return count == 1 ? "the kernel" : "kernel " + std::to_string(step + 1);
}

// What the driver would call an invalid value, in the author's words.
void require_possible(const Launch& l, const std::string& kernel) {
  const auto triple = [](const unsigned(&v)[3]) {
    return std::to_string(v[0]) + " x " + std::to_string(v[1]) + " x " + std::to_string(v[2]);
  };
  const auto empty = [](const unsigned(&v)[3]) { return v[0] == 0 || v[1] == 0 || v[2] == 0; };
  if (empty(l.blocks)) throw Error(kernel + " is launched with " + triple(l.blocks) + " blocks");
  const auto most = *std::max_element(l.threads, l.threads + 3);
  if (empty(l.threads) || most > kMostThreads ||
      std::uint64_t{l.threads[0]} * l.threads[1] * l.threads[2] > kMostThreads)
    throw Error(kernel + " is launched with " + triple(l.threads) + " threads a block; 1 to 1024 are possible");
}

}  // namespace

Driver::Driver() {
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) throw Error("there is no CUDA driver");
  const auto resolve = [&](auto& entry, const char* name) {
    entry = reinterpret_cast<std::remove_reference_t<decltype(entry)>>(dlsym(library, name));
    if (!entry) throw Error(std::string("the CUDA driver has no ") + name);
  };
  resolve(load, "cuModuleLoadData");
  resolve(unload, "cuModuleUnload");
  resolve(function, "cuModuleGetFunction");
  resolve(set_attribute, "cuFuncSetAttribute");
  resolve(launch, "cuLaunchKernel");
  resolve(synchronize, "cuStreamSynchronize");
  resolve(allocate, "cuMemAlloc_v2");
  resolve(release, "cuMemFree_v2");
  resolve(fill, "cuMemsetD8_v2");
  resolve(copy_to_host, "cuMemcpyDtoH_v2");
  resolve(device, "cuCtxGetDevice");
  resolve(attribute, "cuDeviceGetAttribute");
  resolve(error_name, "cuGetErrorName");
  resolve(error_string, "cuGetErrorString");
}

void Driver::check(CUresult result, const std::string& what) const {
  if (result == CUDA_SUCCESS) return;
  const char *name = nullptr, *text = nullptr;
  error_name(result, &name);
  error_string(result, &text);
  throw Error(what + " failed with " + (name ? name : std::to_string(result)) + " (" + (text ? text : "unknown") + ")");
}

Module::Module(const Binary& binary, const aisp_setup& setup) : stream_(static_cast<CUstream>(setup.stream)) {
  driver_.check(driver_.load(&module_, binary.image.data()), "loading the compiled module");
  try {
    const auto planned = launches(setup, binary.kernels.size());
    for (std::size_t i = 0; i < binary.kernels.size(); ++i) {
      const auto name = which(i, binary.kernels.size());
      const auto& launch = planned[i];
      require_possible(launch, name);
      CUfunction kernel = nullptr;
      driver_.check(driver_.function(&kernel, module_, binary.kernels[i].c_str()), "looking up " + name);
      if (launch.shared_bytes > kSharedWithoutAsking)
        driver_.check(driver_.set_attribute(kernel, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                                            static_cast<int>(std::min(launch.shared_bytes, 0x7fffffffu))),
                      "asking for " + std::to_string(launch.shared_bytes) + " bytes of shared memory for " + name);
      steps_.push_back({kernel, launch});
    }
  } catch (...) {
    driver_.unload(module_);
    throw;
  }
}

Module::~Module() { driver_.unload(module_); }

std::vector<Launch> Module::launches(const aisp_setup& setup, std::size_t count) {
  Shapes shapes{};
  for (int i = 0; i < std::min(setup.num_tensors, 16); ++i)
    std::copy_n(setup.tensors[i].tensor.shape, std::min(setup.tensors[i].tensor.ndim, 6), shapes.of[i]);
  CUdevice device = 0;
  int multiprocessors = 0;
  driver_.check(driver_.device(&device), "asking for the device");
  driver_.check(driver_.attribute(&multiprocessors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device),
                "counting multiprocessors");

  std::vector<Launch> all(count);
  const auto bytes = count * sizeof(Launch);
  CUfunction kernel = nullptr;
  driver_.check(driver_.function(&kernel, module_, kLaunches), "looking up the launches");
  CUdeviceptr out = 0;
  driver_.check(driver_.allocate(&out, bytes), "allocating room for the launches");
  try {
    driver_.check(driver_.fill(out, 0, bytes), "clearing the launches");
    void* arguments[] = {&shapes, &multiprocessors, &out};
    driver_.check(driver_.launch(kernel, 1, 1, 1, 1, 1, 1, 0, stream_, arguments, nullptr), "computing the launches");
    driver_.check(driver_.synchronize(stream_), "computing the launches");
    driver_.check(driver_.copy_to_host(all.data(), out, bytes), "reading the launches");
  } catch (...) {
    driver_.release(out);
    throw;
  }
  driver_.check(driver_.release(out), "freeing the launches");
  return all;
}

void Module::run(std::vector<Argument>& tensors) {
  void* arguments[16];
  for (std::size_t i = 0; i < tensors.size(); ++i) arguments[i] = &tensors[i];
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const auto& [kernel, l] = steps_[i];
    const auto result = driver_.launch(kernel, l.blocks[0], l.blocks[1], l.blocks[2], l.threads[0], l.threads[1],
                                       l.threads[2], l.shared_bytes, stream_, arguments, nullptr);
    if (result != CUDA_SUCCESS) driver_.check(result, "launching " + which(i, steps_.size()));
  }
}

}  // namespace aisp::nvrtc
