#include "record/manifest.hpp"

#include "record/build_constants.hpp"
#include "record/git_state.hpp"

#include <ctime>

namespace aisp::record {

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

Manifest describe(const device::CpuFacts& host, std::vector<device::GpuFacts> gpus, RunSettings settings) {
  Manifest m;
  m.started = utc_now();
  m.aisp_version = aisp_version();
  m.host = host;
  m.gpus = std::move(gpus);
  m.build = build_facts();
  m.libraries = library_versions(!m.gpus.empty());
  if (!m.gpus.empty()) m.libraries.push_back({"CUDA driver", m.gpus.front().driver});
  m.system_settings = system_settings();
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
  if (m.settings.seed_given) reasons.emplace_back("the seed was given, so the inputs may have been known");
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
