// run_variant --list               every CUDA variant of this build: one line each, "TARGET VARIANT"
// run_variant TARGET VARIANT       prepares, binds and runs it once, at light scale, and waits for it
//
// No worker, no sandbox and no judge: for compute-sanitizer, which cannot follow a process into the sandbox. Each
// tensor is an allocation of its own, so that an access past its end is seen. Exit status: 0 it ran, 1 it failed.
#include "judge/plugin.hpp"
#include "record/targets.hpp"
#include "verify/cases.hpp"
#include "verify/random.hpp"

#include <cuda_runtime_api.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace aisp {
namespace {

void check(cudaError_t error, const char* what) {
  if (error != cudaSuccess) throw std::runtime_error(std::string(what) + ": " + cudaGetErrorString(error));
}

void check(const char* message, const char* callback) {
  if (message) throw std::runtime_error(std::string(callback) + ": " + message);
}

struct DeviceTensor {
  explicit DeviceTensor(const TensorSpec& spec, verify::Key key) : shape(spec.shape) {
    std::vector<std::byte> values(spec.bytes());
    if (spec.role == Role::output)
      verify::poison(spec.dtype, key, values);
    else
      verify::draw(spec, key, values);
    check(cudaMalloc(&memory, values.size()), "cudaMalloc");
    check(cudaMemcpy(memory, values.data(), values.size(), cudaMemcpyHostToDevice), "cudaMemcpy");
    dl = {memory, {kDLCUDA, 0}, static_cast<std::int32_t>(shape.size()), info(spec.dtype).dl, shape.data(), nullptr, 0};
  }
  DeviceTensor(const DeviceTensor&) = delete;
  ~DeviceTensor() { cudaFree(memory); }

  void* memory = nullptr;
  std::vector<std::int64_t> shape;
  DLTensor dl{};
};

Problem light_problem(const std::filesystem::path& library, const std::string& target) {
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) throw std::runtime_error(dlerror());
  using List = const std::vector<WorkloadEntry>* (*)();
  const auto list = reinterpret_cast<List>(dlsym(handle, AISP_WORKLOADS_SYMBOL));
  if (!list) throw std::runtime_error(library.string() + " is no workload library");
  for (const auto& entry : *list())
    if (target == entry.target) return verify::light_case(entry);
  throw std::runtime_error("no workload " + target + " in " + library.string());
}

void run(const record::Paths& paths, const model::TargetInfo& target, const std::string& name) {
  const auto problem = light_problem(paths.workloads() / target.workload_library, target.target);
  auto plugin = paths.variants() / target.variant_library;
  plugin.replace_filename(plugin.stem().string() + "_cuda.so");
  const auto& variant = judge::find_variant(judge::load_plugin(plugin.string()), target.target, name);

  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreate");
  std::vector<std::unique_ptr<DeviceTensor>> tensors;
  std::vector<const DLTensor*> pointers;
  std::vector<aisp_tensor_info> infos;
  std::vector<aisp_param> params;
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    const auto& spec = problem.tensors[i];
    tensors.push_back(std::make_unique<DeviceTensor>(spec, verify::derive(verify::Key{42}, "tensor", i)));
    pointers.push_back(&tensors.back()->dl);
    infos.push_back({spec.name.c_str(), static_cast<std::int32_t>(spec.role), tensors.back()->dl});
    infos.back().tensor.data = nullptr;
  }
  for (const auto& p : problem.params) params.push_back({p.name.c_str(), p.value});
  const auto count = static_cast<std::int32_t>(tensors.size());
  const aisp_setup setup{sizeof(aisp_setup),
                         problem.target.c_str(),
                         static_cast<std::int32_t>(params.size()),
                         params.data(),
                         count,
                         infos.data(),
                         1,
                         1,
                         {kDLCUDA, 0},
                         stream,
                         "/tmp"};
  check(cudaDeviceSynchronize(), "inputs");
  void* state = nullptr;
  check(variant.prepare(&setup, &state), "prepare");
  check(variant.bind(state, 0, pointers.data(), count), "bind");
  check(cudaDeviceSynchronize(), "bind");
  check(variant.run(state, 0), "run");
  check(cudaDeviceSynchronize(), "run");
  variant.release(state);
  check(cudaStreamDestroy(stream), "cudaStreamDestroy");
}

int main_of(const std::vector<std::string>& arguments) {
  // build/tests/gpu/run_variant
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  const record::Paths paths(self.parent_path().parent_path().parent_path());
  const bool list = arguments.size() == 1 && arguments[0] == "--list";
  if (!list && arguments.size() != 2) throw std::runtime_error("usage: run_variant --list | TARGET VARIANT");
  for (const auto& target : record::load_targets(paths))
    for (const auto& variant : target.variants) {
      if (variant.device != "cuda" || variant.name.ends_with("_sm100")) continue;
      if (list) std::printf("%s %s\n", target.target.c_str(), variant.name.c_str());
      if (!list && target.target == arguments[0] && variant.name == arguments[1]) {
        run(paths, target, variant.name);
        std::printf("%s %s ran\n", target.target.c_str(), variant.name.c_str());
        return 0;
      }
    }
  if (!list) throw std::runtime_error("no such variant: " + arguments[0] + " " + arguments[1]);
  return 0;
}

}  // namespace
}  // namespace aisp

int main(int argc, char** argv) {
  try {
    return aisp::main_of({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "run_variant: %s\n", e.what());
    return 1;
  }
}
