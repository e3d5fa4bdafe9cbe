// A compiled module in the current CUDA context, through the driver: its kernels and how each is launched.
#pragma once

#include <aisp/plugin.h>
#include <cuda.h>

#include "nvrtc/compile.hpp"

#include <vector>

namespace aisp::nvrtc {

// The driver's functions, of the library that the worker has open already. Throws Error when there is none.
struct Driver {
  decltype(&cuModuleLoadData) load = nullptr;
  decltype(&cuModuleUnload) unload = nullptr;
  decltype(&cuModuleGetFunction) function = nullptr;
  decltype(&cuFuncSetAttribute) set_attribute = nullptr;
  decltype(&cuLaunchKernel) launch = nullptr;
  decltype(&cuStreamSynchronize) synchronize = nullptr;
  decltype(&cuMemAlloc) allocate = nullptr;
  decltype(&cuMemFree) release = nullptr;
  decltype(&cuMemsetD8) fill = nullptr;
  decltype(&cuMemcpyDtoH) copy_to_host = nullptr;
  decltype(&cuCtxGetDevice) device = nullptr;
  decltype(&cuDeviceGetAttribute) attribute = nullptr;
  decltype(&cuGetErrorName) error_name = nullptr;
  decltype(&cuGetErrorString) error_string = nullptr;

  Driver();
  // Throws Error with what was done, the error's name and its meaning.
  void check(CUresult, const std::string& what) const;
};

// aisp::Launch of <aisp/kernel.cuh>.
struct Launch {
  unsigned blocks[3], threads[3], shared_bytes;
};

// An aisp::Tensor: a kernel reads as many dimensions as its own rank says.
struct Argument {
  void* data = nullptr;
  std::int64_t shape[6] = {};
};

class Module {
 public:
  // Loads it and asks the module's own code how its kernels are launched for the workload's shapes.
  Module(const Binary&, const aisp_setup&);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // Queues the kernels one after another.
  void run(std::vector<Argument>&);

 private:
  struct Step {
    CUfunction kernel;
    Launch launch;
  };
  std::vector<Launch> launches(const aisp_setup&, std::size_t count);

  Driver driver_;
  CUmodule module_ = nullptr;
  CUstream stream_;
  std::vector<Step> steps_;
};

}  // namespace aisp::nvrtc
