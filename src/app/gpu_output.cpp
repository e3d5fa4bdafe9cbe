#include "app/gpu_output.hpp"

#include "record/json.hpp"

#include <fmt/format.h>

#include <cmath>

namespace aisp::app {
namespace {

std::string scaled(double value, std::string_view unit, double step) {
  constexpr const char* kPrefixes[] = {"", "k", "M", "G", "T", "P"};
  constexpr const char* kBinary[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};
  std::size_t i = 0;
  while (value >= step && i + 1 < std::size(kPrefixes)) value /= step, ++i;
  const int digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}{}", value, digits, step == 1024 ? kBinary[i] : kPrefixes[i], unit);
}

std::string or_unknown(const std::string& text) { return text.empty() ? "not told" : text; }

std::string joined(const std::vector<std::string>& words) {
  return words.empty() ? "none" : fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

std::string gpu_quantity(double value, std::string_view unit) {
  if (!(value > 0)) return "–";
  if (unit == "s") return human_seconds(value);
  if (unit == "W" || unit.empty()) return fmt::format("{:g}{}{}", value, unit.empty() ? "" : " ", unit);
  if (unit == "op/s") {  // always in tera: rates of types stand below each other
    const double tera = value * 1e-12;
    return fmt::format("{:.{}f} Top/s", tera, tera >= 99.95 ? 0 : tera >= 9.995 ? 1 : 2);
  }
  if (unit == "B") {
    const bool binary = std::fmod(value, 1024) == 0 && value < 1e9;
    return scaled(value, unit, binary ? 1024 : 1000);
  }
  return scaled(value, unit, 1000);
}

Json gpu_json(const device::GpuFacts& facts, const device::GpuState& state) {
  Json j = Json::parse(record::to_json(facts));
  j["state"] = Json::parse(record::to_json(state));
  return j;
}

Json gpus_json() {
  const auto list = device::gpu_facts();
  Json gpus = Json::array();
  for (const auto& gpu : list.gpus) gpus.push_back(gpu_json(gpu, device::gpu_state(gpu.index)));
  return {{"gpus", std::move(gpus)}, {"gpu_why_absent", list.why_absent}};
}

std::vector<std::vector<std::string>> gpu_rows() {
  const auto list = device::gpu_facts();
  if (list.gpus.empty()) return {{"gpu", "none: " + list.why_absent}};
  std::vector<std::vector<std::string>> rows;
  for (const auto& f : list.gpus) {
    const auto s = device::gpu_state(f.index);
    rows.push_back({fmt::format("gpu {}", f.index),
                    fmt::format("{}, compute capability {}.{}, {}, driver {} (CUDA {})", f.name, f.compute_major,
                                f.compute_minor, human_bytes(static_cast<double>(f.memory_bytes)), or_unknown(f.driver),
                                or_unknown(f.driver_cuda))});
    rows.push_back({"  clocks", fmt::format("SM {:.0f} of {:.0f} MHz, memory {:.0f} of {:.0f} MHz", s.sm_mhz,
                                            f.max_sm_mhz, s.memory_mhz, f.max_memory_mhz)});
    rows.push_back({"  power", fmt::format("{:.0f} of {:.0f} W, {:.0f} °C, throttled by: {}", s.watts,
                                           s.power_limit_watts, s.celsius, joined(s.throttle_reasons))});
    rows.push_back(
        {"  links", fmt::format("PCIe generation {} × {} (at most {} × {}), {} NVLinks up", s.pcie_generation,
                                s.pcie_width, f.max_pcie_generation, f.max_pcie_width, f.nvlinks_active)});
    rows.push_back({"  modes", fmt::format("ECC {}, MIG {}, persistence {}, compute {}", or_unknown(f.ecc),
                                           or_unknown(f.mig), or_unknown(f.persistence), or_unknown(f.compute_mode))});
    rows.push_back({"  in use", fmt::format("{}, {} process(es), ECC errors: {}",
                                            human_bytes(static_cast<double>(s.memory_used_bytes)), s.processes.size(),
                                            s.ecc_uncorrected < 0 ? "not told"
                                                                  : fmt::format("{:.0f} corrected, {:.0f} uncorrected",
                                                                                s.ecc_corrected, s.ecc_uncorrected))});
  }
  return rows;
}

}  // namespace aisp::app
