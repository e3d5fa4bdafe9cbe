#include "record/libraries.hpp"

#include "record/build_constants.hpp"
#include "record/descriptor.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <hwloc.h>
#include <seccomp.h>
#include <sodium.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <nlohmann/detail/abi_macros.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace aisp::record {
namespace {

constexpr int kPatience = 5;  // seconds that a library may take to load and answer

template <class Function> Function find(void* library, const char* symbol) {
  return reinterpret_cast<Function>(::dlsym(library, symbol));
}

// "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH Zen MAX_THREADS=64"
std::string openblas(void* library) {
  const auto config = find<char* (*)()>(library, "openblas_get_config");
  std::string text = config ? config() : "";
  if (text.starts_with("OpenBLAS ")) text.erase(0, 9);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text;
}

// libraryPropertyType of CUDA's library_types.h: 0 major, 1 minor, 2 patch.
std::string cublas(void* library) {
  const auto property = find<int (*)(int, int*)>(library, "cublasGetProperty");
  int version[3]{};
  for (int i = 0; property && i < 3; ++i)
    if (property(i, &version[i]) != 0) return "";
  return property ? fmt::format("{}.{}.{}", version[0], version[1], version[2]) : "";
}

std::string thousands(std::size_t version) {  // 91002 is 9.10.2
  return fmt::format("{}.{}.{}", version / 10000, version / 100 % 100, version % 100);
}

std::string cudnn(void* library) {
  const auto version = find<std::size_t (*)()>(library, "cudnnGetVersion");
  return version ? thousands(version()) : "";
}

std::string nccl(void* library) {
  const auto version = find<int (*)(int*)>(library, "ncclGetVersion");
  int number = 0;
  return version && version(&number) == 0 && number > 0 ? thousands(static_cast<std::size_t>(number)) : "";
}

struct Opened {
  const char* name;
  std::string file;
  std::string (*version)(void* library);
};

// OpenBLAS starts threads as soon as it is loaded, and cuBLAS maps half a gigabyte: a child bears both, and a crash.
std::string ask(const Opened& wanted) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return "";
  const Descriptor out(ends[0]);
  Descriptor in(ends[1]);
  const auto child = ::fork();
  if (child == 0) {
    ::alarm(kPatience);
    std::vector<std::string> places{wanted.file};  // the loader's own places first
    for (const char* variable : {"CUDA_HOME", "CUDA_PATH"})
      if (const char* home = std::getenv(variable)) places.push_back(std::string(home) + "/lib64/" + wanted.file);
    for (const auto& place : places)
      if (void* library = ::dlopen(place.c_str(), RTLD_LAZY | RTLD_LOCAL)) {
        const auto text = wanted.version(library);
        ::_exit(::write(in.get(), text.data(), text.size()) < 0);
      }
    ::_exit(0);
  }
  in = Descriptor();
  if (child < 0) return "";
  std::string text(1024, '\0');
  std::size_t filled = 0;
  for (ssize_t n; filled < text.size() && (n = ::read(out.get(), text.data() + filled, text.size() - filled)) > 0;)
    filled += static_cast<std::size_t>(n);
  ::waitpid(child, nullptr, 0);
  text.resize(filled);
  return text;
}

}  // namespace

std::vector<Library> library_versions(bool cuda) {
  const auto* seccomp = ::seccomp_version();
  std::vector<Library> libraries{
      {"glibc", ::gnu_get_libc_version()},
      {"libseccomp", fmt::format("{}.{}.{}", seccomp->major, seccomp->minor, seccomp->micro)},
      {"hwloc", HWLOC_VERSION},
      {"SQLite", ::sqlite3_libversion()},
      {"libsodium", ::sodium_version_string()},
      {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
      {"nlohmann-json",
       fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)}};
  std::vector<Opened> opened{{"OpenBLAS", "libopenblas.so.0", openblas}};
  if (cuda) {
    const std::string toolkit = AISP_BUILD_CUDA, major = toolkit.substr(0, toolkit.find('.'));
    libraries.push_back({"CUDA runtime", toolkit});  // linked statically
    opened.push_back({"cuBLAS", "libcublas.so." + major, cublas});
    opened.push_back({"cuDNN", "libcudnn.so.9", cudnn});
    opened.push_back({"NCCL", "libnccl.so.2", nccl});
  }
  for (const auto& library : opened) libraries.push_back({library.name, ask(library)});
  return libraries;
}

}  // namespace aisp::record
