#include "app/devices.hpp"

#include "app/child.hpp"
#include "app/gpu.hpp"
#include "app/names.hpp"
#include "app/options.hpp"
#include "app/print.hpp"

#include <fmt/format.h>

#ifdef AISP_HAVE_CUDA
#include "device/cuda/runtime.hpp"
#endif

namespace aisp::app {

std::string why_no_cuda() {
#ifdef AISP_HAVE_CUDA
  const auto answer = in_child([] { return device::cuda::why_absent().value_or(""); }, std::chrono::seconds(60));
  return answer.ok ? one_line(answer.text) : "the CUDA driver does not answer: " + one_line(answer.text);
#else
  return "this aisp was built without CUDA";
#endif
}

Devices::Devices(std::string asked) : asked_(std::move(asked)) {
  if (asked_ == "cuda" && !why_no_cuda().empty()) throw UsageError("--device cuda: " + why_no_cuda());
}

const std::string& Devices::why_no_cuda() {
  if (!why_no_cuda_) why_no_cuda_ = app::why_no_cuda();
  return *why_no_cuda_;
}

std::string Devices::of(const model::TargetInfo& target) {
  if (asked_ != "cpu" && has_device(target, "cuda") && why_no_cuda().empty()) return "cuda";
  if (asked_ != "cuda" && has_device(target, "cpu")) return "cpu";
  return {};
}

std::vector<judge::Contestant> Devices::contestants(const Catalogue& catalogue, const model::TargetInfo& target) {
  const auto device = require(target);
  auto all = catalogue.contestants(target, device);
  if (device != "cuda") return all;
  if (!gpus_) gpus_ = device::gpu_facts();
  if (gpus_->gpus.empty()) return all;
  const auto& gpu = gpus_->gpus.front();
  std::erase_if(all, [&](const judge::Contestant& contestant) {
    const auto at = contestant.info.flags.rfind("sm_");  // the last word of a CUDA variant's flags
    if (contestant.info.name == "baseline" || at == std::string::npos) return false;
    const auto arch = contestant.info.flags.substr(at + 3);
    if (why_not_for(arch, gpu.compute_major, gpu.compute_minor).empty()) return false;
    print_err("left out: {} {} is compiled for sm_{}, this GPU is sm_{}{}\n", target.target, contestant.info.name, arch,
              gpu.compute_major, gpu.compute_minor);
    return true;
  });
  return all;
}

std::string Devices::why_not(const model::TargetInfo& target) {
  const bool cpu = has_device(target, "cpu"), cuda = has_device(target, "cuda");
  if (cuda && asked_ != "cpu") return fmt::format("{} runs on CUDA only, and {}", target.target, why_no_cuda());
  return fmt::format("{} has no variant for the {}", target.target, cpu ? "GPU" : "CPU");
}

std::string Devices::require(const model::TargetInfo& target) {
  auto device = of(target);
  if (device.empty()) throw UsageError(why_not(target));
  return device;
}

}  // namespace aisp::app
