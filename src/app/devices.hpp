// Which device the targets of a command run on, and why CUDA is not among them.
#pragma once

#include "app/catalogue.hpp"
#include "device/gpu/facts.hpp"
#include "model/target.hpp"

#include <optional>
#include <string>
#include <vector>

namespace aisp::app {

class Devices {
 public:
  // `asked`: "cpu", "cuda", or "auto": CUDA where the target and this machine have it. Throws UsageError when CUDA was
  // asked for and is not there.
  explicit Devices(std::string asked);

  const std::string& asked() const { return asked_; }
  // "cpu" or "cuda"; "" when the target has no variant for what was asked for or is here.
  std::string of(const model::TargetInfo&);
  // The same, but throws UsageError with the reason instead.
  std::string require(const model::TargetInfo&);
  // The target's implementations for the device that it runs on, without those compiled for another kind of GPU, which
  // is said on stderr.
  std::vector<judge::Contestant> contestants(const Catalogue&, const model::TargetInfo&);
  // Why this target runs nowhere.
  std::string why_not(const model::TargetInfo&);

 private:
  const std::string& why_no_cuda();  // "" = it is there; looked up once, and only when somebody asks

  std::string asked_;
  std::optional<std::string> why_no_cuda_;
  std::optional<device::GpuList> gpus_;
};

// Of the whole machine, in a process of its own, so that a driver that hangs or crashes is one line: "" when CUDA
// works.
std::string why_no_cuda();

}  // namespace aisp::app
