#include "nvrtc/library.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <initializer_list>

namespace aisp::nvrtc {
namespace fs = std::filesystem;
namespace {

constexpr std::initializer_list<const char*> kNames = {"libnvrtc.so.14", "libnvrtc.so.13", "libnvrtc.so.12"};

// Never closed: it leaves threads and atexit handlers behind.
void* open(const std::string& path) { return dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL); }

}  // namespace

Library Library::find() {
  for (const char* name : kNames)
    if (void* handle = open(name)) return {handle, name};
  for (const char* variable : {"CUDA_HOME", "CUDA_PATH", ""}) {
    const char* home = *variable ? std::getenv(variable) : "/usr/local/cuda";
    if (!home) continue;
    for (const char* name : kNames)
      for (const char* folder : {"lib64", "lib"})
        if (const auto path = fs::path(home) / folder / name; void* handle = open(path)) return {handle, path};
  }
  throw Error(
      "libnvrtc.so is not found; install the CUDA toolkit or its NVRTC package, or put the folder of a pip "
      "wheel's libnvrtc on LD_LIBRARY_PATH");
}

Library::Library(const std::string& path) : Library(open(path), path) {}

Library::Library(void* handle, const std::string& path) {
  if (!handle) {
    const char* why = dlerror();
    throw Error(why ? why : path + " cannot be opened");
  }
  const auto resolve = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(handle, name));
    if (!function) throw Error(path + " has no " + name);
  };
  resolve(create, "nvrtcCreateProgram");
  resolve(destroy, "nvrtcDestroyProgram");
  resolve(add_name, "nvrtcAddNameExpression");
  resolve(compile, "nvrtcCompileProgram");
  resolve(log_size, "nvrtcGetProgramLogSize");
  resolve(log, "nvrtcGetProgramLog");
  resolve(lowered_name, "nvrtcGetLoweredName");
  resolve(cubin_size, "nvrtcGetCUBINSize");
  resolve(cubin, "nvrtcGetCUBIN");
  resolve(meaning, "nvrtcGetErrorString");

  Result (*version)(int*, int*) = nullptr;
  Result (*number)(int*) = nullptr;
  Result (*list)(int*) = nullptr;
  resolve(version, "nvrtcVersion");
  resolve(number, "nvrtcGetNumSupportedArchs");
  resolve(list, "nvrtcGetSupportedArchs");
  int count = 0;
  if (version(&major_, &minor_) || number(&count)) throw Error(path + " does not say its version");
  architectures_.resize(static_cast<std::size_t>(count));
  if (list(architectures_.data())) throw Error(path + " does not say what it compiles for");

  Dl_info place{};
  std::error_code error;
  const bool known = dladdr(reinterpret_cast<const void*>(version), &place) && place.dli_fname;
  const auto real = fs::canonical(known ? place.dli_fname : path, error);
  path_ = error ? path : real.string();
}

std::string Library::name() const { return "NVRTC " + std::to_string(major_) + "." + std::to_string(minor_); }

std::string Library::headers() const {
  const auto folder = fs::path(path_).parent_path();
  // A toolkit, Debian's packages, and pip's wheels: nvidia/cu13/lib, nvidia/cuda_nvrtc/lib.
  for (const char* place : {"../include", "../../include", "../../cuda_runtime/include"}) {
    std::error_code error;
    const auto headers = fs::canonical(folder / place, error);
    if (!error && fs::exists(headers / "cuda_fp16.h", error)) return headers.string();
  }
  return {};
}

}  // namespace aisp::nvrtc
