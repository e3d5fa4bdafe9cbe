#include "app/devices.hpp"

#include "app/catalogue.hpp"
#include "app/child.hpp"
#include "app/names.hpp"
#include "app/options.hpp"

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
