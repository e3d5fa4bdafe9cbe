#include "validity/checks.hpp"

#include <algorithm>
#include <string_view>

namespace aisp::validity {
namespace {

using model::CensusPhase;

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

void check_work(const model::TargetEvidence& e, const CensusPhase& run, Findings& found) {
  if (run.host_functions)
    found.add("cuda.host_callback", fmt::format("{} host functions", a_call(run.host_functions, run)),
              "no host functions in run", "compute on the device");
  const bool complete = run.seen_calls == run.calls && !run.dropped && !run.unfinished;
  if (!complete) return;
  const auto copied = [&](const char* kind) {
    return std::any_of(run.copies.begin(), run.copies.end(), [&](const auto& c) { return c.kind == kind; });
  };
  // Where nothing is to be computed, a way through the host's memory takes no work from the device.
  if (e.flops > 0 && run.kernels.empty() && copied("D2H") && copied("H2D"))
    found.add("location.cpu_spillover", "no kernel, but copies to the host and back", "outputs computed on the device",
              "compute on the device");
  if (run.modules_loaded >= run.calls && run.calls >= kLeastCalls)  // one may be loaded late, not one a call
    found.add("cuda.driver_overhead", fmt::format("{} modules loaded", a_call(run.modules_loaded, run)),
              "modules loaded before the timed calls", "load modules in prepare");
  if (run.kernels.empty() && run.copies.empty() && run.memsets == 0)
    found.add(run.graph_launches ? "location.graph_capture_cheat" : "location.cpu_spillover",
              run.graph_launches ? fmt::format("{} graph launches without a kernel, a copy or a memset",
                                               a_call(run.graph_launches, run))
                                 : "calls without a kernel, a copy or a memset",
              "outputs computed on the device in every call", "launch the work in run");
  if (run.busy_seconds > kBusyShare * run.call_seconds + kBusySeconds)
    found.add(
        "timing.incomplete_async",
        fmt::format("a call's kernels and copies take {}, the call {}", ms(run.busy_seconds), ms(run.call_seconds)),
        "work that lies within its call", "order all work after the call's beginning and before its end");
}

}  // namespace

const model::CensusPhase* phase_of(const model::VariantEvidence& v, std::string_view name) {
  if (!v.census) return nullptr;
  for (const auto& p : v.census->phases)
    if (p.name == name) return &p;
  return nullptr;
}

std::string a_call(std::int64_t count, const model::CensusPhase& run) {
  return fmt::format("{:.3g} a call",
                     static_cast<double>(count) / static_cast<double>(std::max<std::int64_t>(run.calls, 1)));
}

void check_census(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  if (!v.census) return;
  check_contexts(*v.census, found);
  if (const auto* run = phase_of(v, "run")) {
    const bool unsynced = check_streams(*run, found);
    check_ends(*run, unsynced, found);
    if (run->cooperative_launches && !run->dropped && (unsynced || run->late || run->unfinished))
      found.add("cuda.cooperative_launch",
                fmt::format("{} cooperative launches, and work that the call does not wait for",
                            a_call(run->cooperative_launches, *run)),
                "cooperative kernels on the given stream", "launch them on the given stream");
    check_work(e, *run, found);
  } else {
    // The pass stops after the phase in which the device did not come to rest.
    for (const auto& p : v.census->phases)
      if (p.unfinished)
        found.add("cuda.persistent_kernel",
                  fmt::format("{} kernels still ran two seconds after '{}'", p.unfinished, p.name),
                  "a device at rest after every callback", "end every kernel within the callback that launched it");
  }
}

}  // namespace aisp::validity
