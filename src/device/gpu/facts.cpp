#include "device/gpu/facts.hpp"

#include "device/gpu/nvml.hpp"

#include <cctype>
#include <cmath>

namespace aisp::device {

GpuList gpu_facts() {
  GpuList list;
  const auto* api = nvml::library(list.why_absent);
  return api ? nvml::facts(*api) : list;
}

GpuState gpu_state(int index) {
  std::string why_absent;
  const auto* api = nvml::library(why_absent);
  if (!api) return {};
  return nvml::state(*api, index).value_or(GpuState{});
}

const GpuFacts* gpu_at(const GpuList& list, const std::string& pci_bus_id) {
  const auto tail = [](std::string s) {
    for (char& c : s) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return s.size() > 12 ? s.substr(s.size() - 12) : s;
  };
  for (const auto& gpu : list.gpus)
    if (!gpu.pci_bus_id.empty() && tail(gpu.pci_bus_id) == tail(pci_bus_id)) return &gpu;
  return nullptr;
}

std::string gpu_key(const GpuFacts& facts) {
  std::string key;
  for (unsigned char c : facts.name.empty() ? "unknown" : facts.name.substr(0, 80)) {
    if (std::isalnum(c))
      key += static_cast<char>(std::tolower(c));
    else if (!key.empty() && key.back() != '-')
      key += '-';
  }
  if (key.empty()) key = "unknown";
  if (key.back() != '-') key += '-';
  // Decimal gigabytes, as cards are sold: cards of one name differ in memory.
  key += std::to_string(std::llround(static_cast<double>(facts.memory_bytes) * 1e-9)) + "gb";
  return key + (facts.mig == "on" ? "-mig" : "");
}

}  // namespace aisp::device
