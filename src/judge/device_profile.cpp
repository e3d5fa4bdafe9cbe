#include "judge/device_profile.hpp"

#include <algorithm>

namespace aisp::judge {
namespace {

constexpr double kNs = 1e-9;

const char* kind_of(const Activity& a) {
  switch (a.kind) {
    case ActivityKind::kernel: return "kernel";
    case ActivityKind::copy: return "copy";
    case ActivityKind::memset: return "memset";
    default: return nullptr;
  }
}

// Work in the order in which it began, each call as a span of its own: what lies between two markers.
std::vector<model::DeviceSpan> timeline(const PhaseRecording& recording) {
  std::vector<const Activity*> work;
  for (const auto& a : recording.activities)
    if (kind_of(a) && a.end > a.start) work.push_back(&a);
  std::stable_sort(work.begin(), work.end(), [](const auto* a, const auto* b) { return a->start < b->start; });
  std::vector<model::DeviceSpan> spans;
  if (work.empty()) return spans;
  const auto zero = work.front()->start;
  const auto since = [&](std::uint64_t ns) { return static_cast<double>(ns - zero) * kNs; };
  const Activity* begin = nullptr;
  for (const auto* a : work) {
    if (a->kind != ActivityKind::kernel || a->name != kCensusMarker) {
      spans.push_back({a->kind == ActivityKind::memset ? "memset" : a->name, kind_of(*a), a->stream,
                       static_cast<std::int64_t>(std::min<std::uint64_t>(a->bytes, INT64_MAX)), since(a->start),
                       static_cast<double>(a->end - a->start) * kNs});
    } else if (!begin) {
      begin = a;
    } else {
      if (a->start > begin->end)
        spans.push_back(
            {"call", "call", begin->stream, 0, since(begin->end), static_cast<double>(a->start - begin->end) * kNs});
      begin = nullptr;
    }
  }
  return spans;
}

}  // namespace

void fill_device_profile(const Recording& recording, model::VariantProfile& profile) {
  const auto census = census_of(recording);
  profile.tool = census.tool;
  const auto fail = [&](const std::string& why) {
    profile.status = model::Status::failed;
    profile.message = why;
  };
  const auto run =
      std::find_if(census.phases.begin(), census.phases.end(), [](const auto& p) { return p.name == "run"; });
  if (run == census.phases.end() || run->seen_calls == 0) return fail("the recording ended before its calls were over");
  profile.kernels = run->kernels;
  profile.counted_calls = run->calls;
  profile.call_seconds = run->call_seconds;
  for (const auto& phase : recording.phases)
    if (phase.name == "run") profile.device_spans = timeline(phase);

  const double calls = static_cast<double>(std::max<std::int64_t>(run->calls, 1));
  std::int64_t launches = run->other_launches, copies = 0, copied = 0;
  for (const auto& k : run->kernels) launches += k.launches;
  for (const auto& c : run->copies) copies += c.count, copied += c.bytes;
  if (launches + copies + run->memsets == 0)
    return fail("nothing was captured: its calls put no kernel, copy or memset on the device");
  const auto count = [&](const char* name, double total) { profile.counters.push_back({name, total / calls}); };
  count("kernels", static_cast<double>(launches));
  count("copies", static_cast<double>(copies));
  count("copied-bytes", static_cast<double>(copied));
  count("memsets", static_cast<double>(run->memsets));
  count("graph-launches", static_cast<double>(run->graph_launches));
  profile.counters.push_back({"device-ns", run->busy_seconds / kNs});
  if (run->dropped > 0)
    profile.counters_absent = std::to_string(run->dropped) + " records found no room: counts are too low";
  profile.status = model::Status::ok;
}

}  // namespace aisp::judge
