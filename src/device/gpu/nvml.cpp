#include "device/gpu/nvml.hpp"

#include <dlfcn.h>

#include <limits>

namespace aisp::device::nvml {
namespace {

// Calls f where the driver has it; false when it is missing or refuses.
template <class F, class... Arguments> bool ask(F f, Arguments... arguments) {
  return f && f(arguments...) == kSuccess;
}

template <class F, class... Leading> double number(F f, double scale, Leading... leading) {
  unsigned value = 0;
  return ask(f, leading..., &value) ? scale * value : 0;
}

template <class F> std::string text(F f, Device device) {
  char buffer[96] = {};
  if (!ask(f, device, buffer, static_cast<unsigned>(sizeof buffer - 1))) return "";
  return buffer;
}

// By reference: the call that makes it known fills it in.
template <class T> std::string on_off(bool known, const T& value) { return !known ? "" : value ? "on" : "off"; }

constexpr unsigned kMaxLinks = 36;

GpuFacts facts_of(const Api& api, int index, Device device) {
  GpuFacts f;
  f.index = index;
  f.name = text(api.name, device);
  f.uuid = text(api.uuid, device);
  PciInfo pci{};
  if (ask(api.pci_info, device, &pci)) {
    pci.busId[sizeof pci.busId - 1] = 0;
    f.pci_bus_id = pci.busId;
  }
  if (!ask(api.compute_capability, device, &f.compute_major, &f.compute_minor)) f.compute_major = f.compute_minor = 0;
  Memory memory{};
  if (ask(api.memory, device, &memory)) f.memory_bytes = memory.total;
  f.max_sm_mhz = number(api.max_clock, 1, device, int{kClockSm});
  f.max_memory_mhz = number(api.max_clock, 1, device, int{kClockMemory});
  f.default_power_limit_watts = number(api.default_power_limit, 1e-3, device);
  f.max_pcie_generation = static_cast<int>(number(api.max_pcie_generation, 1, device));
  f.max_pcie_width = static_cast<int>(number(api.max_pcie_width, 1, device));
  int current = 0, pending = 0;
  f.ecc = on_off(ask(api.ecc_mode, device, &current, &pending), current);
  unsigned mig = 0, mig_pending = 0;
  f.mig = on_off(ask(api.mig_mode, device, &mig, &mig_pending), mig);
  int persistence = 0;
  f.persistence = on_off(ask(api.persistence, device, &persistence), persistence);
  constexpr std::array kModes = {"default", "exclusive_thread", "prohibited", "exclusive_process"};
  int mode = -1;
  if (ask(api.compute_mode, device, &mode) && mode >= 0 && mode < static_cast<int>(kModes.size()))
    f.compute_mode = kModes[static_cast<std::size_t>(mode)];
  for (unsigned link = 0; link < kMaxLinks; ++link) {
    int active = 0;
    if (ask(api.nvlink_state, device, link, &active) && active) ++f.nvlinks_active;
  }
  return f;
}

std::vector<GpuProcess> processes_of(const Api& api, Device device) {
  std::vector<GpuProcess> all;
  std::vector<ProcessInfo> buffer(32);
  for (int attempt = 0; attempt < 4 && api.processes; ++attempt) {
    auto count = static_cast<unsigned>(buffer.size());
    const auto result = api.processes(device, &count, buffer.data());
    if (result == kInsufficientSize && count < 65536) {
      buffer.resize(count + 32u);
      continue;
    }
    if (result != kSuccess) break;
    for (unsigned i = 0; i < count && i < buffer.size(); ++i) {
      const auto bytes = buffer[i].usedGpuMemory;
      const bool told = bytes != std::numeric_limits<unsigned long long>::max();
      all.push_back({static_cast<int>(buffer[i].pid), told ? bytes : 0});
    }
    break;
  }
  return all;
}

}  // namespace

std::vector<std::string> throttle_names(unsigned long long mask) {
  // nvmlClocksEventReasons. An idle GPU and a clock set by an application are told as well: both change what a
  // measurement means.
  constexpr std::array kNames = {"gpu_idle",
                                 "applications_clocks_setting",
                                 "sw_power_cap",
                                 "hw_slowdown",
                                 "sync_boost",
                                 "sw_thermal_slowdown",
                                 "hw_thermal_slowdown",
                                 "hw_power_brake_slowdown",
                                 "display_clock_setting"};
  std::vector<std::string> names;
  for (std::size_t bit = 0; bit < 64; ++bit)
    if (mask >> bit & 1) names.push_back(bit < kNames.size() ? kNames[bit] : "reason_" + std::to_string(bit));
  return names;
}

GpuList facts(const Api& api) {
  GpuList list;
  unsigned count = 0;
  if (!ask(api.count, &count)) {
    list.why_absent = "NVML does not tell how many GPUs there are";
    return list;
  }
  char driver[96] = {};
  if (!ask(api.driver_version, driver, static_cast<unsigned>(sizeof driver - 1))) driver[0] = 0;
  int cuda = 0;
  if (!ask(api.cuda_version, &cuda)) cuda = 0;
  for (unsigned i = 0; i < count; ++i) {
    Device device = nullptr;
    if (!ask(api.handle, i, &device)) continue;  // a GPU that fell off the bus, or one that this user may not see
    auto f = facts_of(api, static_cast<int>(i), device);
    f.driver = driver;
    if (cuda) f.driver_cuda = std::to_string(cuda / 1000) + "." + std::to_string(cuda % 1000 / 10);
    list.gpus.push_back(std::move(f));
  }
  if (list.gpus.empty()) list.why_absent = "the NVIDIA driver sees no GPU";
  return list;
}

std::optional<GpuState> state(const Api& api, int index) {
  Device device = nullptr;
  if (index < 0 || !ask(api.handle, static_cast<unsigned>(index), &device)) return std::nullopt;
  GpuState s;
  s.sm_mhz = number(api.clock, 1, device, int{kClockSm});
  s.memory_mhz = number(api.clock, 1, device, int{kClockMemory});
  s.watts = number(api.power, 1e-3, device);
  s.power_limit_watts = number(api.power_limit, 1e-3, device);
  s.celsius = number(api.temperature, 1, device, 0);
  unsigned long long mask = 0;
  if (ask(api.throttle_reasons, device, &mask)) s.throttle_reasons = throttle_names(mask);
  s.pcie_generation = static_cast<int>(number(api.pcie_generation, 1, device));
  s.pcie_width = static_cast<int>(number(api.pcie_width, 1, device));
  constexpr int kCorrected = 0, kUncorrected = 1, kSinceDriverLoad = 0;
  unsigned long long errors = 0;
  if (ask(api.ecc_errors, device, int{kUncorrected}, int{kSinceDriverLoad}, &errors))
    s.ecc_uncorrected = static_cast<double>(errors);
  if (ask(api.ecc_errors, device, int{kCorrected}, int{kSinceDriverLoad}, &errors))
    s.ecc_corrected = static_cast<double>(errors);
  Utilization use{};
  if (ask(api.utilization, device, &use)) s.utilization = use.gpu / 100.0;
  Memory memory{};
  if (ask(api.memory, device, &memory)) s.memory_used_bytes = memory.used;
  s.processes = processes_of(api, device);
  return s;
}

namespace {

struct Library {
  Api api{};
  bool usable = false;
  std::string why_absent;

  Library() {
    void* so = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);  // never closed: its threads may outlive a close
    if (!so) {
      why_absent = "no NVIDIA driver: libnvidia-ml.so.1 is not installed";
      return;
    }
    const auto find = [so](auto& f, std::initializer_list<const char*> names) {
      for (const char* name : names)
        if (void* symbol = dlsym(so, name)) {
          f = reinterpret_cast<std::remove_reference_t<decltype(f)>>(symbol);
          return;
        }
    };
    find(api.init, {"nvmlInit_v2"});
    find(api.shutdown, {"nvmlShutdown"});
    find(api.error_string, {"nvmlErrorString"});
    find(api.driver_version, {"nvmlSystemGetDriverVersion"});
    find(api.cuda_version, {"nvmlSystemGetCudaDriverVersion_v2"});
    find(api.count, {"nvmlDeviceGetCount_v2"});
    find(api.handle, {"nvmlDeviceGetHandleByIndex_v2"});
    find(api.name, {"nvmlDeviceGetName"});
    find(api.uuid, {"nvmlDeviceGetUUID"});
    find(api.pci_info, {"nvmlDeviceGetPciInfo_v3"});
    find(api.memory, {"nvmlDeviceGetMemoryInfo"});
    find(api.compute_capability, {"nvmlDeviceGetCudaComputeCapability"});
    find(api.clock, {"nvmlDeviceGetClockInfo"});
    find(api.max_clock, {"nvmlDeviceGetMaxClockInfo"});
    find(api.power, {"nvmlDeviceGetPowerUsage"});
    find(api.power_limit, {"nvmlDeviceGetEnforcedPowerLimit"});
    find(api.default_power_limit, {"nvmlDeviceGetPowerManagementDefaultLimit"});
    find(api.temperature, {"nvmlDeviceGetTemperature"});
    find(api.throttle_reasons, {"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"});
    find(api.ecc_mode, {"nvmlDeviceGetEccMode"});
    find(api.ecc_errors, {"nvmlDeviceGetTotalEccErrors"});
    find(api.pcie_generation, {"nvmlDeviceGetCurrPcieLinkGeneration"});
    find(api.pcie_width, {"nvmlDeviceGetCurrPcieLinkWidth"});
    find(api.max_pcie_generation, {"nvmlDeviceGetMaxPcieLinkGeneration"});
    find(api.max_pcie_width, {"nvmlDeviceGetMaxPcieLinkWidth"});
    find(api.nvlink_state, {"nvmlDeviceGetNvLinkState"});
    find(api.mig_mode, {"nvmlDeviceGetMigMode"});
    find(api.compute_mode, {"nvmlDeviceGetComputeMode"});
    find(api.persistence, {"nvmlDeviceGetPersistenceMode"});
    find(api.utilization, {"nvmlDeviceGetUtilizationRates"});
    find(api.processes, {"nvmlDeviceGetComputeRunningProcesses_v3"});
    if (!api.init || !api.count || !api.handle) {
      why_absent = "libnvidia-ml.so.1 lacks basic functions: the NVIDIA driver is too old";
      return;
    }
    const auto result = api.init();
    if (result == kDriverNotLoaded)
      why_absent = "the NVIDIA driver is not loaded";
    else if (result != kSuccess)
      why_absent = "NVML does not start: " + std::string(api.error_string ? api.error_string(result) : "?");
    usable = result == kSuccess;
  }
};

}  // namespace

const Api* library(std::string& why_absent) {
  static const Library library;
  why_absent = library.why_absent;
  return library.usable ? &library.api : nullptr;
}

}  // namespace aisp::device::nvml
