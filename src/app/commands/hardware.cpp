// aisp utils dump-hw, probe-hw: everything known about the hardware in one document, and what of CUDA works here.
#include "analysis/gpu_table.hpp"
#include "app/child.hpp"
#include "app/commands/utils.hpp"
#include "app/gpu_output.hpp"
#include "app/names.hpp"
#include "app/print.hpp"
#include "app/session.hpp"
#include "device/cpu/facts.hpp"
#include "record/gpu_calibration.hpp"
#include "record/json.hpp"

#include <fmt/format.h>

#ifdef AISP_HAVE_CUDA
#include "device/cuda/probes.hpp"
#endif

namespace aisp::app {
namespace {

// What was measured and what the vendor says of each GPU, beside its facts.
Json known_gpus(const Context& context) {
  const auto list = device::gpu_facts();
  Json gpus = Json::array();
  for (const auto& gpu : list.gpus) {
    Json j = gpu_json(gpu, device::gpu_state(gpu.index));
    const auto* spec = analysis::find_gpu(gpu.name, static_cast<double>(gpu.memory_bytes));
    Json theory = nullptr;
    if (spec) {
      theory = Json::object();
      for (const auto& n : analysis::numbers(*spec))
        if (n.number) theory[std::string(n.key)] = n.number.value;
    }
    j["theoretical"] = std::move(theory);
    const auto measured = record::load_gpu_calibration(context.artifacts, device::gpu_key(gpu));
    j["measured"] = measured ? Json::parse(record::to_json(measured->peaks)) : Json(nullptr);
    gpus.push_back(std::move(j));
  }
  return {{"gpus", std::move(gpus)}, {"gpu_why_absent", list.why_absent}};
}

int dump_hw(const Context& context) {
  note_ignored_variables();
  Json document = Json::object();
  document["host"] = Json::parse(record::to_json(device::cpu_facts()));
  document.update(known_gpus(context));
  if (context.json) {
    print_json(document);
    return kOk;
  }
  const auto f = device::cpu_facts();
  std::vector<std::vector<std::string>> rows{
      {"processor", f.model},
      {"cores", fmt::format("{} of {} logical usable here", f.allowed_cpus.size(), f.logical)},
      {"memory", human_bytes(static_cast<double>(f.memory_bytes))},
      {"system", fmt::format("{}, {}", f.os, f.kernel)}};
  for (auto& row : gpu_rows()) rows.push_back(std::move(row));
  for (const auto& gpu : document.at("gpus"))
    rows.push_back({"  measured", gpu.at("measured").is_null() ? "not yet: aisp bench peak"
                                                               : gpu.at("measured").at("when").get<std::string>()});
  print_out("{}", aligned(rows));
  return kOk;
}

#ifdef AISP_HAVE_CUDA

int probe_hw(const Context& context) {
  Json document = Json::array();
  std::vector<std::vector<std::string>> rows{{"probe", "works", "seen", "tried"}};
  for (const auto& probe : device::cuda::probes()) {
    const auto result = in_child([&] { return probe.run(0); }, std::chrono::seconds(60));
    const auto seen = one_line(result.text);
    document.push_back({{"probe", probe.name}, {"works", result.ok}, {"seen", seen}, {"tried", probe.tried}});
    rows.push_back({probe.name, result.ok ? "yes" : "no", seen, probe.tried});
    const bool first = document.size() == 1;
    if (first && !result.ok)  // without a plain kernel nothing else can work
      throw UsageError("probe-hw needs a GPU that runs kernels of this build: " + seen);
  }
  if (context.json)
    print_json(document);
  else
    print_out("{}", aligned(rows));
  return kOk;
}

#else

int probe_hw(const Context&) {
  throw UsageError("probe-hw needs CUDA, and this build has none: configure again where the CUDA toolkit is installed");
}

#endif

}  // namespace

void add_hardware(CLI::App& utils, Context& context) {
  add_command(utils, context, "dump-hw", "Everything known about processor and GPUs: facts, state, peaks",
              "aisp utils dump-hw --json", [&context] { return dump_hw(context); });
  add_command(utils, context, "probe-hw", "What of CUDA works on this GPU, each ability tried with a small kernel",
              "aisp utils probe-hw", [&context] { return probe_hw(context); });
}

}  // namespace aisp::app
