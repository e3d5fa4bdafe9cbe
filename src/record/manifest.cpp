#include "record/manifest.hpp"

#include "record/build_constants.hpp"
#include "record/descriptor.hpp"
#include "record/git_state.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <hwloc.h>
#include <seccomp.h>
#include <sys/wait.h>
#include <nlohmann/detail/abi_macros.hpp>

#include <algorithm>
#include <cctype>
#include <ctime>

namespace aisp::record {
namespace {

// OpenBLAS starts threads as soon as it is loaded, so a short-lived child asks it for its version.
std::string openblas_version() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return "";
  const Descriptor out(ends[0]);
  Descriptor in(ends[1]);
  const auto child = ::fork();
  if (child == 0) {
    ::alarm(5);
    if (void* library = ::dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL))
      if (auto* config = reinterpret_cast<char* (*)()>(::dlsym(library, "openblas_get_config"))) {
        const std::string text = config();
        if (::write(in.get(), text.data(), text.size()) < 0) ::_exit(1);
      }
    ::_exit(0);
  }
  in = Descriptor();
  if (child < 0) return "";
  char text[256];
  std::string all;
  for (ssize_t n; all.size() < 1024 && (n = ::read(out.get(), text, sizeof text)) > 0;)
    all.append(text, static_cast<std::size_t>(n));
  ::waitpid(child, nullptr, 0);
  // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH Zen MAX_THREADS=64"
  if (all.starts_with("OpenBLAS ")) all.erase(0, 9);
  while (!all.empty() && std::isspace(static_cast<unsigned char>(all.back()))) all.pop_back();
  return all;
}

}  // namespace

BuildFacts build_facts() {
  return {.compiler = AISP_COMPILER,
          .compiler_version = AISP_COMPILER_VERSION,
          .flags = AISP_BUILD_FLAGS,
          .variant_flags = AISP_BUILD_VARIANT_FLAGS,
          .build_type = AISP_BUILD_TYPE,
          .sanitizer = AISP_BUILD_SANITIZER,
          .git_commit = AISP_GIT_COMMIT,
          .git_dirty = AISP_GIT_DIRTY,
          .cuda = AISP_BUILD_CUDA,
          .cuda_arch = AISP_BUILD_CUDA_ARCH};
}

std::string aisp_version() { return AISP_VERSION; }

std::vector<Library> library_versions() {
  const auto* seccomp = ::seccomp_version();
  return {{"glibc", ::gnu_get_libc_version()},
          {"libseccomp", fmt::format("{}.{}.{}", seccomp->major, seccomp->minor, seccomp->micro)},
          {"hwloc", HWLOC_VERSION},
          {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
          {"nlohmann-json", fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                                        NLOHMANN_JSON_VERSION_PATCH)},
          {"OpenBLAS", openblas_version()}};
}

Manifest describe(const device::CpuFacts& host, std::vector<device::GpuFacts> gpus, RunSettings settings) {
  Manifest m;
  m.started = utc_now();
  m.aisp_version = aisp_version();
  m.host = host;
  m.gpus = std::move(gpus);
  m.build = build_facts();
  m.libraries = library_versions();
  m.settings = std::move(settings);
  m.unpublishable_reasons = unpublishable_host(m);
  m.publishable = m.unpublishable_reasons.empty();
  return m;
}

std::vector<std::string> unpublishable_host(const Manifest& m) {
  std::vector<std::string> reasons;
  if (!m.host.hypervisor.empty() && !m.settings.allow_virtualization)
    reasons.push_back("virtual machine (" + m.host.hypervisor + ")");
  if (!m.host.governor.empty() && m.host.governor != "performance" && m.host.governor != "unknown")
    reasons.push_back("CPU governor is '" + m.host.governor + "', not 'performance'");
  for (const auto& gpu : m.gpus) {
    if (gpu.mig == "on") reasons.push_back(gpu.name + " is partitioned (MIG)");
    if (gpu.ecc == "off") reasons.push_back(gpu.name + " runs without ECC");
  }
  if (!m.build.sanitizer.empty()) reasons.push_back("built with the " + m.build.sanitizer + " sanitizer");
  if (m.build.build_type == "Debug" || m.build.build_type.empty()) reasons.emplace_back("not an optimized build");
  if (m.build.git_commit.empty())
    reasons.emplace_back("not built from a git checkout");
  else if (m.build.git_dirty)
    reasons.push_back("the sources differ from commit " + m.build.git_commit.substr(0, 12));
  return reasons;
}

std::string utc_now() {
  const auto now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace aisp::record
