#include "app/gpu.hpp"

#include "analysis/dtype_name.hpp"
#include "analysis/gpu_ceilings.hpp"
#include "app/names.hpp"
#include "app/options.hpp"
#include "app/print.hpp"
#include "record/manifest.hpp"

#include <aisp/dtype.hpp>

#include <fmt/format.h>

#include <cstdlib>

#ifdef AISP_HAVE_CUDA
#include "device/cuda/runtime.hpp"
#endif

namespace aisp::app {
namespace {

std::uint64_t bytes_of(const model::TensorFact& tensor) {
  std::uint64_t bytes = analysis::dtype_size(tensor.dtype);
  for (const auto extent : tensor.shape) bytes *= static_cast<std::uint64_t>(extent);
  return bytes;
}

std::string address_of_device() {
#ifdef AISP_HAVE_CUDA
  return device::cuda::pci_bus_id(0);
#else
  return {};
#endif
}

}  // namespace

std::string why_not_for(const std::string& arch, int major, int minor) {
  if (arch.empty() || major == 0) return {};
  const int number = std::atoi(arch.c_str());
  const char suffix = arch.back();
  const bool runs = suffix == 'a' ? number == 10 * major + minor : number / 10 == major && number % 10 <= minor;
  if (runs) return {};
  return fmt::format(
      "the variants are compiled for sm_{}, this GPU is sm_{}{}; build again with cmake -DAISP_CUDA_ARCH={}{}{}", arch,
      major, minor, major, minor, major >= 9 ? "a" : "");
}

Gpu::Gpu(const std::filesystem::path& artifacts) {
  const auto list = device::gpu_facts();
  if (const auto* found = device::gpu_at(list, address_of_device())) facts_ = *found;
  if (const auto why = why_not_for(record::build_facts().cuda_arch, facts_.compute_major, facts_.compute_minor);
      !why.empty())
    throw UsageError(why);
  if (facts_.compute_mode == "exclusive_process" || facts_.compute_mode == "prohibited")
    throw UsageError(fmt::format(
        "{} is in compute mode {}: judge and worker cannot both use it; an administrator changes that with nvidia-smi "
        "--compute-mode=0",
        facts_.name, facts_.compute_mode));
  try {
    calibration_ = record::load_gpu_calibration(artifacts, device::gpu_key(facts_));
  } catch (const std::runtime_error& error) {
    print_err("note: the measured peaks are not used: {}\n", one_line(error.what()));
  }
}

model::Ceilings Gpu::ceilings(const model::TargetEvidence& evidence) const {
  std::uint64_t working_set = 0;
  for (const auto& tensor : evidence.tensors) working_set += bytes_of(tensor);
  const auto* spec = analysis::find_gpu(facts_.name, static_cast<double>(facts_.memory_bytes));
  return analysis::gpu_ceilings(calibration_ ? calibration_->peaks : device::GpuPeaks{}, spec, facts_.max_sm_mhz,
                                evidence, working_set);
}

std::string Gpu::calibration() const {
  return calibration_ ? fmt::format("{} of {}", calibration_->gpu, calibration_->when) : "";
}

}  // namespace aisp::app
