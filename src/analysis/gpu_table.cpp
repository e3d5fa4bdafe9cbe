#include "analysis/gpu_table.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace aisp::analysis {
namespace {

constexpr std::string_view kA100Sheet = "NVIDIA A100 80GB datasheet, 2021";
constexpr std::string_view kAmpere = "NVIDIA A100 architecture whitepaper, 2020";
constexpr std::string_view kH100Sheet = "NVIDIA H100 datasheet, 2023";
constexpr std::string_view kH100NvlSheet = "NVIDIA H100 NVL datasheet, 2024";
constexpr std::string_view kHopper = "NVIDIA H100 architecture whitepaper, 2023";
constexpr std::string_view kH200Sheet = "NVIDIA H200 datasheet, 2024";
constexpr std::string_view kGh200Sheet = "NVIDIA GH200 Grace Hopper datasheet, 2023";
constexpr std::string_view kBlackwell = "NVIDIA Blackwell architecture technical brief, 2025";
constexpr std::string_view kDgxB200 = "NVIDIA DGX B200 datasheet (eighth of the system), 2024";
constexpr std::string_view kHgx = "NVIDIA HGX platform data (eighth of the system), 2025";
constexpr std::string_view kNvl72 = "NVIDIA GB200 NVL72 product data (per GPU), 2024";
constexpr std::string_view kL40sSheet = "NVIDIA L40S datasheet, 2023";
constexpr std::string_view kAda = "NVIDIA Ada GPU architecture whitepaper, 2022";
constexpr std::string_view kRtxBlackwell = "NVIDIA RTX Blackwell GPU architecture whitepaper, 2025";
constexpr std::string_view kGuide =
    "CUDA C++ Programming Guide 13.0, technical specifications by compute capability, 2025";
constexpr std::string_view kDriver = "as the driver reports it for this GPU; no vendor document names it, 2025";

constexpr double kTera = 1e12, kGiga = 1e9, kMega = 1e6, kMiB = 1 << 20, kKiB = 1 << 10;

// A number as the source prints it, times its unit.
constexpr GpuNumber n(double value, double unit, std::string_view source) { return {value * unit, source, false}; }
constexpr GpuNumber sparse(double value, std::string_view source) { return {value * kTera / 2, source, true}; }
constexpr GpuNumber tera(double value, std::string_view source) { return n(value, kTera, source); }
constexpr GpuNumber none(std::string_view source) { return {0, source, false}; }

// What every Hopper SXM module computes: the same silicon at the same clocks.
GpuSpec hopper_sxm(std::string_view sheet) {
  return {.name = "",
          .driver_names = {},
          .compute_capability = "9.0",
          .multiprocessors = n(132, 1, kHopper),
          .boost_hz = n(1980, kMega, kHopper),
          .matrix_boost_hz = n(1830, kMega, kHopper),
          .f64 = tera(33.5, kHopper),
          .f64_matrix = tera(66.9, kHopper),
          .f32 = tera(66.9, kHopper),
          .tf32 = sparse(989.4, kHopper),
          .bf16 = sparse(1978.9, kHopper),
          .f16 = sparse(1978.9, kHopper),
          .i8 = sparse(3957.8, kHopper),
          .f8 = sparse(3957.8, kHopper),
          .f4 = none(kHopper),
          .memory_bytes = n(80, kGiga, sheet),
          .bandwidth = n(3.35, kTera, sheet),
          .l2_bytes = n(50, kMiB, kHopper),
          .shared_per_block_bytes = n(227, kKiB, kGuide),
          .nvlink = n(450, kGiga, sheet),
          .pcie_generation = n(5, 1, sheet),
          .tdp_watts = n(700, 1, sheet)};
}

GpuSpec a100(std::string_view name, std::vector<std::string_view> driver_names, double bandwidth, double watts) {
  return {.name = name,
          .driver_names = std::move(driver_names),
          .compute_capability = "8.0",
          .multiprocessors = n(108, 1, kAmpere),
          .boost_hz = n(1410, kMega, kAmpere),
          .matrix_boost_hz = n(1410, kMega, kAmpere),
          .f64 = tera(9.7, kA100Sheet),
          .f64_matrix = tera(19.5, kA100Sheet),
          .f32 = tera(19.5, kA100Sheet),
          .tf32 = tera(156, kA100Sheet),
          .bf16 = tera(312, kA100Sheet),
          .f16 = tera(312, kA100Sheet),
          .i8 = tera(624, kA100Sheet),
          .f8 = none(kAmpere),
          .f4 = none(kAmpere),
          .memory_bytes = n(80, kGiga, kA100Sheet),
          .bandwidth = n(bandwidth, kGiga, kA100Sheet),
          .l2_bytes = n(40, kMiB, kAmpere),
          .shared_per_block_bytes = n(163, kKiB, kGuide),
          .nvlink = n(300, kGiga, kA100Sheet),
          .pcie_generation = n(4, 1, kA100Sheet),
          .tdp_watts = n(watts, 1, kA100Sheet)};
}

GpuSpec h100_pcie() {
  auto s = hopper_sxm(kH100Sheet);
  s.name = "H100 PCIe", s.driver_names = {"H100 PCIe"};
  s.multiprocessors = n(114, 1, kHopper);
  s.boost_hz = n(1755, kMega, kHopper), s.matrix_boost_hz = n(1620, kMega, kHopper);
  s.f64 = tera(25.6, kHopper), s.f64_matrix = tera(51.2, kHopper), s.f32 = tera(51.2, kHopper);
  s.tf32 = sparse(756, kHopper), s.bf16 = s.f16 = sparse(1513, kHopper), s.i8 = s.f8 = sparse(3026, kHopper);
  s.bandwidth = n(2.04, kTera, kHopper), s.nvlink = n(300, kGiga, kH100Sheet), s.tdp_watts = n(350, 1, kH100Sheet);
  return s;
}

GpuSpec h100_nvl() {
  auto s = hopper_sxm(kH100NvlSheet);
  s.name = "H100 NVL", s.driver_names = {"H100 NVL"};
  s.boost_hz = n(1785, kMega, kH100NvlSheet), s.matrix_boost_hz = none(kH100NvlSheet);
  s.f64 = tera(30, kH100NvlSheet), s.f64_matrix = tera(60, kH100NvlSheet), s.f32 = tera(60, kH100NvlSheet);
  s.tf32 = sparse(835, kH100NvlSheet), s.bf16 = s.f16 = sparse(1671, kH100NvlSheet);
  s.i8 = s.f8 = sparse(3341, kH100NvlSheet);
  s.memory_bytes = n(94, kGiga, kH100NvlSheet), s.bandwidth = n(3.94, kTera, kH100NvlSheet);
  s.nvlink = n(300, kGiga, kH100NvlSheet), s.tdp_watts = n(400, 1, kH100NvlSheet);
  return s;
}

GpuSpec hopper(std::string_view name, std::vector<std::string_view> driver_names, std::string_view sheet,
               double memory_gb, double bandwidth_tb, double watts) {
  auto s = hopper_sxm(sheet);
  s.name = name, s.driver_names = std::move(driver_names);
  s.memory_bytes = n(memory_gb, kGiga, sheet), s.bandwidth = n(bandwidth_tb, kTera, sheet);
  s.tdp_watts = n(watts, 1, sheet);
  return s;
}

GpuSpec h200() {
  auto s = hopper("H200", {"H200"}, kH200Sheet, 141, 4.8, 700);
  s.l2_bytes = n(60, kMiB, kDriver);
  return s;
}

GpuSpec blackwell(std::string_view name, std::vector<std::string_view> driver_names, std::string_view sheet) {
  return {.name = name,
          .driver_names = std::move(driver_names),
          .compute_capability = "10.0",
          .multiprocessors = n(148, 1, kDriver),
          .boost_hz = n(1965, kMega, kDriver),
          .matrix_boost_hz = none(sheet),
          .f64 = tera(37, kBlackwell),
          .f64_matrix = tera(37, kBlackwell),
          .f32 = tera(75, kBlackwell),
          .tf32 = sparse(2200, kBlackwell),
          .bf16 = sparse(4500, kBlackwell),
          .f16 = sparse(4500, kBlackwell),
          .i8 = sparse(9000, kBlackwell),
          .f8 = sparse(9000, kBlackwell),
          .f4 = sparse(18000, kBlackwell),
          .memory_bytes = n(180, kGiga, sheet),
          .bandwidth = n(8, kTera, sheet),
          .l2_bytes = n(126, kMiB, kDriver),
          .shared_per_block_bytes = n(227, kKiB, kGuide),
          .nvlink = n(900, kGiga, kBlackwell),
          .pcie_generation = n(5, 1, sheet),
          .tdp_watts = n(1000, 1, kBlackwell)};
}

GpuSpec b300() {
  auto s = blackwell("B300", {"B300", "B300 SXM6 AC"}, kHgx);
  s.compute_capability = "10.3";
  s.boost_hz = none(kHgx);
  s.f64 = s.f64_matrix = tera(1.25, kHgx), s.f32 = tera(75, kHgx);
  s.i8 = n(0.15e3, kTera, kBlackwell), s.f4 = n(14e3, kTera, kBlackwell);
  s.memory_bytes = n(288, kGiga, kBlackwell), s.l2_bytes = none(kHgx);
  s.pcie_generation = n(6, 1, kBlackwell), s.tdp_watts = n(1100, 1, kBlackwell);
  return s;
}

GpuSpec gb200() {
  auto s = blackwell("GB200", {"GB200"}, kNvl72);
  s.multiprocessors = n(152, 1, kDriver), s.boost_hz = n(2062, kMega, kDriver);
  s.f64 = s.f64_matrix = tera(40, kNvl72), s.f32 = tera(80, kNvl72);
  s.tf32 = sparse(2500, kNvl72), s.bf16 = s.f16 = sparse(5000, kNvl72), s.i8 = s.f8 = sparse(10000, kNvl72);
  s.f4 = sparse(20000, kNvl72);
  s.memory_bytes = n(186, kGiga, kNvl72), s.nvlink = n(900, kGiga, kNvl72), s.tdp_watts = n(1200, 1, kBlackwell);
  return s;
}

GpuSpec l40s() {
  return {.name = "L40S",
          .driver_names = {"L40S"},
          .compute_capability = "8.9",
          .multiprocessors = n(142, 1, kL40sSheet),
          .boost_hz = n(2520, kMega, kL40sSheet),
          .matrix_boost_hz = n(2520, kMega, kL40sSheet),
          .f64 = tera(1.43, kAda),
          .f64_matrix = none(kAda),
          .f32 = tera(91.6, kL40sSheet),
          .tf32 = tera(183, kL40sSheet),
          .bf16 = tera(362.05, kL40sSheet),
          .f16 = tera(362.05, kL40sSheet),
          .i8 = tera(733, kL40sSheet),
          .f8 = tera(733, kL40sSheet),
          .f4 = none(kAda),
          .memory_bytes = n(48, kGiga, kL40sSheet),
          .bandwidth = n(864, kGiga, kL40sSheet),
          .l2_bytes = n(96, kMiB, kAda),
          .shared_per_block_bytes = n(99, kKiB, kGuide),
          .nvlink = none(kL40sSheet),
          .pcie_generation = n(4, 1, kL40sSheet),
          .tdp_watts = n(350, 1, kL40sSheet)};
}

GpuSpec rtx4090() {
  return {.name = "RTX 4090",
          .driver_names = {"GeForce RTX 4090"},
          .compute_capability = "8.9",
          .multiprocessors = n(128, 1, kAda),
          .boost_hz = n(2520, kMega, kAda),
          .matrix_boost_hz = n(2520, kMega, kAda),
          .f64 = tera(1.29, kAda),
          .f64_matrix = none(kAda),
          .f32 = tera(82.6, kAda),
          .tf32 = tera(82.6, kAda),
          .bf16 = tera(165.2, kAda),
          .f16 = tera(165.2, kAda),
          .i8 = tera(660.6, kAda),
          .f8 = tera(330.3, kAda),
          .f4 = none(kAda),
          .memory_bytes = n(24, kGiga, kAda),
          .bandwidth = n(1008, kGiga, kAda),
          .l2_bytes = n(72, kMiB, kAda),
          .shared_per_block_bytes = n(99, kKiB, kGuide),
          .nvlink = none(kAda),
          .pcie_generation = n(4, 1, kAda),
          .tdp_watts = n(450, 1, kAda)};
}

GpuSpec rtx5090() {
  return {.name = "RTX 5090",
          .driver_names = {"GeForce RTX 5090"},
          .compute_capability = "12.0",
          .multiprocessors = n(170, 1, kRtxBlackwell),
          .boost_hz = n(2407, kMega, kRtxBlackwell),
          .matrix_boost_hz = n(2407, kMega, kRtxBlackwell),
          .f64 = tera(1.64, kRtxBlackwell),
          .f64_matrix = none(kRtxBlackwell),
          .f32 = tera(104.8, kRtxBlackwell),
          .tf32 = tera(104.8, kRtxBlackwell),
          .bf16 = tera(209.5, kRtxBlackwell),
          .f16 = tera(209.5, kRtxBlackwell),
          .i8 = tera(838, kRtxBlackwell),
          .f8 = tera(419, kRtxBlackwell),
          .f4 = sparse(3352, kRtxBlackwell),
          .memory_bytes = n(32, kGiga, kRtxBlackwell),
          .bandwidth = n(1792, kGiga, kRtxBlackwell),
          .l2_bytes = n(96, kMiB, kRtxBlackwell),
          .shared_per_block_bytes = n(99, kKiB, kGuide),
          .nvlink = none(kRtxBlackwell),
          .pcie_generation = n(5, 1, kRtxBlackwell),
          .tdp_watts = n(575, 1, kRtxBlackwell)};
}

// "NVIDIA H100 80GB HBM3" and "h100-80gb hbm3" become "h10080gbhbm3".
std::string folded(std::string_view name) {
  std::string key;
  for (unsigned char c : name)
    if (std::isalnum(c)) key += static_cast<char>(std::tolower(c));
  return key.starts_with("nvidia") ? key.substr(6) : key;
}

}  // namespace

std::span<const GpuSpec> gpu_specs() {
  static const std::vector<GpuSpec> specs = {
      a100("A100 SXM 80GB", {"A100-SXM4-80GB"}, 2039, 400),
      a100("A100 PCIe 80GB", {"A100 80GB PCIe"}, 1935, 300),
      hopper("H100 SXM", {"H100 80GB HBM3", "H100", "H100 SXM5"}, kH100Sheet, 80, 3.35, 700),
      h100_pcie(),
      h100_nvl(),
      h200(),
      hopper("GH200", {"GH200 480GB"}, kGh200Sheet, 96, 4.0, 1000),
      blackwell("B200", {"B200"}, kDgxB200),
      b300(),
      gb200(),
      l40s(),
      rtx4090(),
      rtx5090(),
  };
  return specs;
}

const GpuSpec* find_gpu(std::string_view name, double memory_bytes) {
  const auto wanted = folded(name);
  const GpuSpec* found = nullptr;
  for (const auto& spec : gpu_specs()) {
    bool same = folded(spec.name) == wanted;
    for (const auto alias : spec.driver_names) same |= folded(alias) == wanted;
    if (same && (!found ||
                 std::abs(spec.memory_bytes.value - memory_bytes) < std::abs(found->memory_bytes.value - memory_bytes)))
      found = &spec;
  }
  return found;
}

std::vector<std::string> gpu_names() {
  std::vector<std::string> names;
  for (const auto& spec : gpu_specs()) names.emplace_back(spec.name);
  return names;
}

std::vector<NamedGpuNumber> numbers(const GpuSpec& s) {
  return {{"multiprocessors", "multiprocessors", "", s.multiprocessors},
          {"boost_hz", "boost clock", "Hz", s.boost_hz},
          {"matrix_boost_hz", "clock of the matrix rates", "Hz", s.matrix_boost_hz},
          {"f64", "FP64 vector", "op/s", s.f64},
          {"f64_matrix", "FP64 matrix", "op/s", s.f64_matrix},
          {"f32", "FP32 vector", "op/s", s.f32},
          {"tf32", "TF32 matrix", "op/s", s.tf32},
          {"bf16", "BF16 matrix", "op/s", s.bf16},
          {"f16", "FP16 matrix", "op/s", s.f16},
          {"i8", "INT8 matrix", "op/s", s.i8},
          {"f8", "FP8 matrix", "op/s", s.f8},
          {"f4", "FP4 matrix", "op/s", s.f4},
          {"memory_bytes", "memory", "B", s.memory_bytes},
          {"bandwidth", "memory bandwidth", "B/s", s.bandwidth},
          {"l2_bytes", "L2 cache", "B", s.l2_bytes},
          {"shared_per_block_bytes", "shared memory per block", "B", s.shared_per_block_bytes},
          {"nvlink", "NVLink, each direction", "B/s", s.nvlink},
          {"pcie_generation", "PCIe generation", "", s.pcie_generation},
          {"tdp_watts", "thermal design power", "W", s.tdp_watts}};
}

double rate_at(const GpuSpec& s, std::string_view arithmetic, double sm_hz) {
  GpuNumber rate;
  bool matrix = true;
  if (arithmetic == "f64")
    rate = s.f64_matrix ? s.f64_matrix : s.f64, matrix = false;  // both hold for the vector units' clock
  else if (arithmetic == "f32")
    rate = s.f32, matrix = false;
  else if (arithmetic == "tf32")
    rate = s.tf32;
  else if (arithmetic == "bf16")
    rate = s.bf16;
  else if (arithmetic == "f16")
    rate = s.f16;
  else if (arithmetic == "i8" || arithmetic == "u8")
    rate = s.i8;
  else if (arithmetic == "f8" || arithmetic == "f8e4m3" || arithmetic == "f8e5m2")
    rate = s.f8;
  else if (arithmetic == "f4")
    rate = s.f4;
  const auto clock = matrix ? s.matrix_boost_hz : s.boost_hz;
  return clock && sm_hz > clock.value ? rate.value * sm_hz / clock.value : rate.value;
}

}  // namespace aisp::analysis
