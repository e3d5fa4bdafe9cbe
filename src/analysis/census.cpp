#include "analysis/census.hpp"

#include "analysis/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace aisp::analysis {
namespace {

using model::CensusPhase;

const CensusPhase* phase_of(const model::VariantEvidence& v, std::string_view name) {
  if (!v.census) return nullptr;
  for (const auto& p : v.census->phases)
    if (p.name == name) return &p;
  return nullptr;
}

std::string a_call(std::int64_t count, const CensusPhase& run) {
  return fmt::format("{:.3g} a call",
                     static_cast<double>(count) / static_cast<double>(std::max<std::int64_t>(run.calls, 1)));
}

class Findings {
 public:
  explicit Findings(std::string variant) : variant_(std::move(variant)) {}
  void add(const char* issue, std::string seen, const char* expected, const char* advice) {
    all.push_back({issue, variant_, std::move(seen), expected, advice});
  }
  std::vector<model::Violation> all;

 private:
  std::string variant_;
};

void check_contexts(const model::Census& census, Findings& found) {
  std::int64_t contexts = 0;
  std::size_t devices = 0;
  for (const auto& p : census.phases) {
    contexts += p.contexts_created;
    devices = std::max(devices, p.devices.size());
  }
  if (contexts)
    found.add("cuda.context_switch", fmt::format("{} context{} created", contexts, contexts == 1 ? "" : "s"),
              "the context that the worker has",
              "use the device's primary context, which is current in every callback");
  if (devices > 1)
    found.add("cuda.undeclared_multi_gpu", fmt::format("work on {} devices", devices), "work on the given device",
              "launch on the given stream only");
}

// Work that the given stream neither starts nor waits for is outside the time between the events around the call.
// Returns whether it found some.
bool check_streams(const CensusPhase& run, Findings& found) {
  if (run.dropped) return false;
  for (const auto& s : run.streams) {
    if (!s.unforked && !s.unjoined) continue;
    const bool copies = s.copies == s.activities;
    found.add(copies ? "cuda.async_memcpy" : "timing.unsynced_streams",
              s.unjoined ? fmt::format("{} of {} {} on stream {} are not awaited", s.unjoined, s.activities,
                                       copies ? "copies" : "activities", s.stream)
                         : fmt::format("{} of {} {} on stream {} start without waiting for the call", s.unforked,
                                       s.activities, copies ? "copies" : "activities", s.stream),
              "all work on the given stream, or between an event recorded there and one it waits for",
              "fork with an event recorded on the given stream, join with one that it waits for");
    return true;
  }
  return false;
}

void check_ends(const CensusPhase& run, bool unsynced, Findings& found) {
  if (run.unfinished)
    found.add("cuda.persistent_kernel", fmt::format("{} kernels still ran two seconds after the calls", run.unfinished),
              "a device at rest after the call", "end every kernel within the call that launched it");
  else if (run.late && !unsynced)
    found.add("cuda.persistent_kernel", fmt::format("{} activities ended after their call", run.late),
              "a device at rest after the call", "end every kernel within the call that launched it");
}

void check_work(const CensusPhase& run, Findings& found) {
  if (run.host_functions)
    found.add("cuda.host_callback", fmt::format("{} host functions", a_call(run.host_functions, run)),
              "no host functions in run", "compute on the device");
  const bool complete = run.seen_calls == run.calls && !run.dropped && !run.unfinished;
  if (!complete) return;
  if (run.kernels.empty() && run.copies.empty() && run.memsets == 0)
    found.add(run.graph_launches ? "location.graph_capture_cheat" : "location.cpu_spillover",
              run.graph_launches ? fmt::format("{} graph launches without a kernel, a copy or a memset",
                                               a_call(run.graph_launches, run))
                                 : "calls without a kernel, a copy or a memset",
              "outputs computed on the device in every call", "launch the work in run");
  if (run.busy_seconds > kBusyShare * run.call_seconds + kBusySeconds)
    found.add("timing.incomplete_async",
              fmt::format("a call's kernels and copies take {}, the call {}", format_seconds(run.busy_seconds),
                          format_seconds(run.call_seconds)),
              "work that lies within its call", "order all work after the call's beginning and before its end");
}

}  // namespace

std::vector<model::Violation> census_offences(const model::VariantEvidence& v) {
  Findings found(v.name);
  if (!v.census) return {};
  check_contexts(*v.census, found);
  if (const auto* run = phase_of(v, "run")) {
    const bool unsynced = check_streams(*run, found);
    check_ends(*run, unsynced, found);
    check_work(*run, found);
  } else {
    // The pass stops after the phase in which the device did not come to rest.
    for (const auto& p : v.census->phases)
      if (p.unfinished)
        found.add("cuda.persistent_kernel",
                  fmt::format("{} kernels still ran two seconds after '{}'", p.unfinished, p.name),
                  "a device at rest after every callback", "end every kernel within the callback that launched it");
  }
  return std::move(found.all);
}

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
    notes.push_back(fmt::format("memory.pool_reuse: {} allocations, {} in all", a_call(run->allocations, *run),
                                format_bytes(static_cast<double>(run->allocated_bytes))));
  if (run->modules_loaded)
    notes.push_back(fmt::format("location.jit_timing: {} modules loaded after the first calls", run->modules_loaded));
  for (const auto& c : run->copies)
    if (c.kind == "D2H")
      notes.push_back(fmt::format("census: {} copies to the host, {} in all", a_call(c.count, *run),
                                  format_bytes(static_cast<double>(c.bytes))));
  if (run->cooperative_launches)
    notes.push_back(
        fmt::format("cuda.cooperative_launch: {} cooperative launches", a_call(run->cooperative_launches, *run)));
  std::int64_t device_launch = run->child_launches;
  for (const auto& p : v.census->phases) device_launch += p.device_launch_modules;
  if (device_launch)
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
