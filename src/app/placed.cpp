#include "app/placed.hpp"

#include "analysis/measured_traffic.hpp"
#include "app/names.hpp"
#include "app/profiling.hpp"
#include "record/gpu_calibration.hpp"

#include <fmt/format.h>

namespace aisp::app {
namespace {

analysis::DevicePeaks peaks_of(const Context& context, const record::RunData& run) {
  if (run.manifest.gpus.empty()) return {};
  const auto& gpu = run.manifest.gpus.front();
  const auto measured = record::load_gpu_calibration(context.artifacts, device::gpu_key(gpu));
  return analysis::device_peaks(analysis::find_gpu(gpu.name, static_cast<double>(gpu.memory_bytes)),
                                measured ? &measured->peaks : nullptr);
}

}  // namespace

void place_results(analysis::Roofline& r, const Context& context, const record::RunData& run,
                   const std::string& target) {
  const auto& evidence = *run.evidence_of(target);
  analysis::add_target(r, evidence, *run.verdict_of(target));
  if (evidence.device != "cuda") return;
  try {
    if (const auto profile = stored_profile(context, run, target))
      analysis::add_measured_traffic(r, evidence, *profile, peaks_of(context, run));
  } catch (const std::runtime_error& error) {
    r.left_out.push_back(fmt::format("measured traffic of {}: {}", one_line(target), one_line(error.what())));
  }
}

}  // namespace aisp::app
