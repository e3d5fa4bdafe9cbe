// aisp bench theoretical-peak, peak: what a GPU could do by its vendor's figures, and what this one does.
#include "analysis/gpu_ceilings.hpp"
#include "analysis/gpu_table.hpp"
#include "app/child.hpp"
#include "app/commands/commands.hpp"
#include "app/gpu_output.hpp"
#include "app/names.hpp"
#include "app/print.hpp"
#include "record/gpu_calibration.hpp"
#include "record/json.hpp"
#include "record/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#ifdef AISP_HAVE_CUDA
#include "device/cuda/peaks.hpp"
#include "device/cuda/runtime.hpp"
#endif

namespace aisp::app {
namespace {

// ------------------------------------------------------------------------------------------------ theoretical-peak

Json spec_json(const analysis::GpuSpec& spec) {
  Json j{{"name", spec.name}, {"compute_capability", spec.compute_capability}};
  for (const auto& n : analysis::numbers(spec))
    j[std::string(n.key)] = {{"value", n.number ? Json(n.number.value) : Json(nullptr)},
                             {"unit", n.unit},
                             {"source", n.number.source},
                             {"half_of_sparse_rate", n.number.halved}};
  return j;
}

void print_spec(const analysis::GpuSpec& spec) {
  std::vector<std::vector<std::string>> rows{{std::string(spec.name), "dense", "source"}};
  rows.push_back({"compute capability", std::string(spec.compute_capability), ""});
  for (const auto& n : analysis::numbers(spec))
    rows.push_back(
        {std::string(n.label), gpu_quantity(n.number.value, n.unit),
         std::string(n.number.source) + (n.number.halved ? "; half of the rate printed for 2:4 sparsity" : "")});
  print_out("{}", aligned(rows));
}

int list_specs(const Context& context, const std::string& why) {
  if (context.json) {
    Json all = Json::array();
    for (const auto& spec : analysis::gpu_specs()) all.push_back(spec_json(spec));
    print_json({{"installed", nullptr}, {"why", why}, {"gpus", std::move(all)}});
    return kOk;
  }
  std::vector<std::vector<std::string>> rows{{"gpu", "bf16", "fp8", "fp32", "fp64", "memory", "bandwidth", "power"}};
  for (const auto& s : analysis::gpu_specs())
    rows.push_back({std::string(s.name), gpu_quantity(s.bf16.value, "op/s"), gpu_quantity(s.f8.value, "op/s"),
                    gpu_quantity(s.f32.value, "op/s"), gpu_quantity(s.f64.value, "op/s"),
                    gpu_quantity(s.memory_bytes.value, "B"), gpu_quantity(s.bandwidth.value, "B/s"),
                    gpu_quantity(s.tdp_watts.value, "W")});
  print_out("{}\n{}; --gpu NAME shows one with its sources\n", aligned(rows), why);
  return kOk;
}

int theoretical_peak(const Context& context, const std::string& name) {
  const analysis::GpuSpec* spec = nullptr;
  if (!name.empty()) {
    spec = analysis::find_gpu(name);
    if (!spec) throw UsageError(unknown("GPU", name, analysis::gpu_names()));
  } else {
    const auto list = device::gpu_facts();
    if (list.gpus.empty()) return list_specs(context, "no GPU here: " + list.why_absent);
    const auto& gpu = list.gpus.front();
    spec = analysis::find_gpu(gpu.name, static_cast<double>(gpu.memory_bytes));
    if (!spec) return list_specs(context, "the table has no " + one_line(gpu.name));
  }
  if (context.json)
    print_json(spec_json(*spec));
  else
    print_spec(*spec);
  return kOk;
}

// ------------------------------------------------------------------------------------------------------------ peak

struct PeakArguments {
  double seconds = 1;
  std::vector<std::string> groups;
};

#ifdef AISP_HAVE_CUDA

// Each group of figures in a process of its own: a fault ends that group, and its memory is free again.
device::GpuPeaks measure(const PeakArguments& arguments) {
  device::GpuPeaks all;
  for (const auto& group : device::cuda::peak_groups()) {
    if (!arguments.groups.empty() &&
        std::find(arguments.groups.begin(), arguments.groups.end(), group) == arguments.groups.end())
      continue;
    const auto deadline = std::chrono::seconds(90 + static_cast<long>(10 * arguments.seconds));
    const auto result = in_child(
        [&] {
          device::cuda::PeakOptions options;
          options.seconds = arguments.seconds;
          options.progress = [](const std::string& figure) { print_err("measuring {}\n", figure); };
          return record::to_json(device::cuda::measure_peaks(group, options));
        },
        deadline);
    if (!result.ok) {
      device::GpuFigure failed;
      failed.name = group, failed.absent = one_line(result.text);
      all.figures.push_back(std::move(failed));
      continue;
    }
    auto part = record::parse_gpu_peaks(result.text);
    auto figures = std::move(all.figures);
    figures.insert(figures.end(), part.figures.begin(), part.figures.end());
    all = std::move(part);
    all.figures = std::move(figures);
  }
  return all;
}

void print_figures(const record::GpuCalibration& c) {
  std::vector<std::vector<std::string>> rows{
      {"figure", "measured", "range", "theoretical", "%", "SM MHz", "W", "best way"}};
  for (const auto& f : c.peaks.figures) {
    if (!f.absent.empty()) {
      rows.push_back({f.name, "–", "", "", "", "", "", "not measured: " + one_line(f.absent)});
      continue;
    }
    rows.push_back(
        {f.name, gpu_quantity(f.value, f.unit),
         fmt::format("{} … {}", gpu_quantity(f.lo, f.unit), gpu_quantity(f.hi, f.unit)),
         gpu_quantity(f.theoretical, f.unit),
         f.theoretical > 0 ? fmt::format("{:.1f}", 100 * f.value / f.theoretical) : "–",
         fmt::format("{:.0f}", f.sm_mhz), fmt::format("{:.0f}", f.watts),
         f.method + (f.throttle_reasons.empty() ? "" : fmt::format(" [{}]", fmt::join(f.throttle_reasons, ", ")))});
  }
  print_out("{}, {} multiprocessors, driver {}, CUDA {}, cuBLASLt {}\n\n{}", c.peaks.device, c.peaks.multiprocessors,
            c.facts.driver, c.peaks.cuda, c.peaks.cublas, aligned(rows));
}

// NVML that was started before a fork answers nothing after it, and the figures are measured in children: so the state
// before them is read in a child as well.
device::GpuState state_before() {
  const auto result = in_child(
      [] {
        record::GpuCalibration c;
        if (const auto list = device::gpu_facts(); !list.gpus.empty())
          c.before = device::gpu_state(list.gpus.front().index);
        return record::to_json(c);
      },
      std::chrono::seconds(60));
  return result.ok ? record::parse_gpu_calibration(result.text).before : device::GpuState{};
}

int peak(const Context& context, const PeakArguments& arguments) {
  const auto able = in_child([] { return device::cuda::why_absent().value_or(""); }, std::chrono::seconds(60));
  if (!able.ok || !able.text.empty()) throw UsageError("bench peak needs a GPU: " + one_line(able.text));
  record::GpuCalibration c;
  c.aisp_version = record::aisp_version();
  c.before = state_before();
  c.peaks = measure(arguments);
  const auto list = device::gpu_facts();
  c.when = c.peaks.when;
  if (const auto* facts = device::gpu_at(list, c.peaks.pci_bus_id)) {
    c.facts = *facts;
    c.after = device::gpu_state(facts->index);
  } else {
    c.facts.name = c.peaks.device;
  }
  c.gpu = device::gpu_key(c.facts);
  analysis::add_theory(c.peaks, analysis::find_gpu(c.facts.name, static_cast<double>(c.facts.memory_bytes)), c.facts);
  const bool whole = arguments.groups.empty();
  const bool some =
      std::any_of(c.peaks.figures.begin(), c.peaks.figures.end(), [](const auto& f) { return f.value > 0; });
  if (context.json)
    print_json(Json::parse(record::to_json(c)));
  else
    print_figures(c);
  if (whole && some) print_err("saved to {}\n", record::save_gpu_calibration(context.artifacts, c).string());
  return some ? kOk : kCrash;
}

#else

int peak(const Context&, const PeakArguments&) {
  throw UsageError(
      "bench peak needs CUDA, and this build has none: configure again where the CUDA toolkit is installed");
}

#endif

}  // namespace

void add_bench_peak(CLI::App& bench, Context& context) {
  const auto name = std::make_shared<std::string>();
  auto* theory = add_command(
      bench, context, "theoretical-peak", "Dense peak rates and memory facts of a GPU, with sources",
      "aisp bench theoretical-peak --gpu H200", [&context, name] { return theoretical_peak(context, *name); });
  theory->add_option("--gpu", *name, "GPU; without it the installed one, or a list")->type_name("NAME");

  const auto arguments = std::make_shared<PeakArguments>();
  auto* measured =
      add_command(bench, context, "peak", "Measure the ceilings of this machine's GPU and save them",
                  "aisp bench peak --seconds 1", [&context, arguments] { return peak(context, *arguments); });
  measured->add_option("--seconds", arguments->seconds, "Sustained time of each figure, after choosing the best way")
      ->type_name("S")
      ->check(number_between(0.05, 60.0));
  measured
      ->add_option("--group", arguments->groups,
                   "Measure only these and save nothing: memory, on-chip, launch, transfer, vector, matrix")
      ->type_name("NAME")
      ->check(one_of("group", {"memory", "on-chip", "launch", "transfer", "vector", "matrix"}));
}

}  // namespace aisp::app
