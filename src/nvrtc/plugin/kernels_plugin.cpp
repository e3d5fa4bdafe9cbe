// The plugin through which a source of kernels alone is judged: a copy of it lies beside the source (job.hpp). It
// compiles in prepare, so that the source's text meets the compiler in the sandbox and its cost counts as setup.
#include <aisp/plugin.h>

#include "nvrtc/compile.hpp"
#include "nvrtc/job.hpp"
#include "nvrtc/plugin/module.hpp"

#include <dlfcn.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace aisp::nvrtc {
namespace {

namespace fs = std::filesystem;

// Path of this very copy.
fs::path own_path() {
  Dl_info place{};
  if (!dladdr(reinterpret_cast<const void*>(&own_path), &place) || !place.dli_fname)
    throw Error("the plugin does not know where it lies");
  return place.dli_fname;
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(file.string() + " cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

Binary compile_for(const aisp_setup& setup) {
  auto path = own_path();
  const auto job = read_job(path.replace_extension(".nvrtc"));
  Source source{job.name, read(path.replace_extension(".cu")), workload_checks(setup), job.options};
  source.options.push_back("-I" + (path.parent_path() / "include").string());
  try {
    return compile(Library(job.library), source);
  } catch (const CompileError& error) {
    const std::string what = error.what();
    if (what.find("open source file") == std::string::npos) throw;
    throw CompileError(what + (job.headers.empty() ? "; there are no CUDA headers near " + job.library
                                                   : "; NVRTC has CUDA's headers and no host's"));
  }
}

template <class Body> const char* guarded(Body&& body) {
  try {
    body();
    return nullptr;
  } catch (const std::exception& error) {
    static thread_local std::string message;
    message = error.what();
    return message.c_str();
  }
}

struct State {
  explicit State(const aisp_setup& setup)
      : module(compile_for(setup), setup), slots(static_cast<std::size_t>(setup.max_slots)) {}
  Module module;
  std::vector<std::vector<Argument>> slots;
};

const char* prepare(const aisp_setup* setup, void** state) {
  return guarded([&] { *state = new State(*setup); });
}

const char* bind(void* state, std::int32_t slot, const DLTensor* const* tensors, std::int32_t count) {
  return guarded([&] {
    auto& arguments = static_cast<State*>(state)->slots.at(static_cast<std::size_t>(slot));
    arguments.resize(static_cast<std::size_t>(count));
    for (std::int32_t i = 0; i < count; ++i) {
      auto& argument = arguments[static_cast<std::size_t>(i)];
      argument.data = static_cast<char*>(tensors[i]->data) + tensors[i]->byte_offset;
      for (std::int32_t d = 0; d < tensors[i]->ndim; ++d) argument.shape[d] = tensors[i]->shape[d];
    }
  });
}

const char* run(void* state, std::int32_t slot) {
  auto& self = *static_cast<State*>(state);
  return guarded([&] { self.module.run(self.slots[static_cast<std::size_t>(slot)]); });
}

void release(void* state) { delete static_cast<State*>(state); }

// Compiles and does nothing else, on a machine without a GPU too: how the judge learns of bad input early.
const char* check(const aisp_setup* setup, void**) {
  return guarded([&] { compile_for(*setup); });
}
const char* bind_nothing(void*, std::int32_t, const DLTensor* const*, std::int32_t) { return nullptr; }
const char* run_nothing(void*, std::int32_t) { return "this variant only checks"; }
void release_nothing(void*) {}

constexpr const char* kAbout = "kernels compiled at run time by NVRTC";
constexpr aisp_variant kKernels{
    sizeof(aisp_variant), "", "kernels", kAbout, kDLCUDA, 1, -1, nullptr, &prepare, &bind, &run, &release};
constexpr aisp_variant kCheck{
    sizeof(aisp_variant), "",           "check",         kAbout, kDLCPU, 1, -1, nullptr, &check,
    &bind_nothing,        &run_nothing, &release_nothing};
constexpr const aisp_variant* kVariants[] = {&kKernels, &kCheck};
constexpr aisp_plugin kPlugin{AISP_ABI_VERSION, 2, kVariants};

}  // namespace
}  // namespace aisp::nvrtc

extern "C" __attribute__((visibility("default"))) const aisp_plugin* aisp_plugin_v1() { return &aisp::nvrtc::kPlugin; }
