#include "analysis/census.hpp"

#include "analysis/table.hpp"
#include "validity/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace aisp::analysis {
using validity::a_call;
using validity::phase_of;

std::string library_of_kernel(const std::string& name) {
  struct Known {
    std::string_view text;
    const char* library;
  };
  static constexpr Known kKnown[] = {{"nvjet", "cuBLAS"}, {"cublas", "cuBLAS"},           {"gemvNSP", "cuBLAS"},
                                     {"gemv2", "cuBLAS"}, {"splitKreduce", "cuBLAS"},     {"_xmma_", "cuBLAS or cuDNN"},
                                     {"cudnn", "cuDNN"},  {"cutlass", "CUTLASS"},         {"nccl", "NCCL"},
                                     {"cub::", "CUB"},    {"thrust::", "Thrust"},         {"cusparse", "cuSPARSE"},
                                     {"cufft", "cuFFT"},  {"flash_fwd", "FlashAttention"}};
  for (const auto& k : kKnown)
    if (name.find(k.text) != name.npos) return k.library;
  return "";
}

double busy_over_timed(const model::VariantEvidence& v, double median_seconds) {
  return v.census && median_seconds > 0 ? v.census->busy_seconds / median_seconds : 0;
}

bool launches_from_device(const model::VariantEvidence& v) {
  return v.census && std::any_of(v.census->phases.begin(), v.census->phases.end(), [](const auto& p) {
           return p.device_launch_modules > 0 || (p.name == "run" && p.child_launches > 0);
         });
}

std::vector<std::string> census_notes(const model::VariantEvidence& v, double median_seconds) {
  std::vector<std::string> notes;
  const auto* run = phase_of(v, "run");
  if (!run) return notes;
  if (!v.peer)
    for (const auto& k : run->kernels)
      if (const auto library = library_of_kernel(k.name); !library.empty()) {
        notes.push_back(fmt::format("census: kernels of {} ({})", library, k.name.substr(0, 60)));
        break;
      }
  if (run->allocations)
    notes.push_back(fmt::format("memory.pool_reuse: allocations, {}, {} in {} calls", a_call(run->allocations, *run),
                                format_bytes(static_cast<double>(run->allocated_bytes)), run->calls));
  if (run->modules_loaded)
    notes.push_back(fmt::format("location.jit_timing: {} modules loaded after the first calls", run->modules_loaded));
  for (const auto& c : run->copies)
    if (c.kind == "D2H")
      notes.push_back(fmt::format("census: copies to the host, {}, {} in {} calls", a_call(c.count, *run),
                                  format_bytes(static_cast<double>(c.bytes)), run->calls));
  if (run->cooperative_launches)
    notes.push_back(
        fmt::format("cuda.cooperative_launch: cooperative launches, {}", a_call(run->cooperative_launches, *run)));
  if (launches_from_device(v))
    notes.emplace_back("cuda.dynamic_parallelism: kernels can launch kernels, which no census follows");
  if (run->dropped)
    notes.push_back(fmt::format("census: {} records were dropped; nothing is concluded from order", run->dropped));
  if (run->seen_calls < run->calls)
    notes.push_back(fmt::format("census: only {} of {} calls were recorded", run->seen_calls, run->calls));
  if (busy_over_timed(v, median_seconds) > kBusyOverTimed)
    notes.push_back(fmt::format("census: the kernels of an audited call take {}, a timed call {}",
                                format_seconds(run->busy_seconds), format_seconds(median_seconds)));
  return notes;
}

}  // namespace aisp::analysis
