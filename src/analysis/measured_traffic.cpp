#include "analysis/measured_traffic.hpp"

#include "record/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace aisp::analysis {
namespace {

constexpr double kMost = 1e18;  // of any counter in a call; what is beyond was not counted

// The counters of one call as a kernel of that much work, so that one place knows ncu's names.
NcuKernel counted(const model::VariantProfile& v) {
  NcuKernel all{v.name, 1, {}};
  for (const auto& c : v.counters)
    if (c.value >= 0 && c.value < kMost) all.metrics[c.name] = c.value;
  return all;
}

// Why the profile says nothing about these results; "" when it does.
std::string unfit(const model::TargetEvidence& e, const model::TargetProfile& p) {
  const auto differs = [](const char* what, const std::string& of_profile, const std::string& of_run) {
    return fmt::format("its profile is of {} {}, the run of {}", what, record::shown(of_profile, 20),
                       record::shown(of_run, 20));
  };
  if (p.target != e.target) return differs("target", p.target, e.target);
  if (p.device != e.device) return differs("device", p.device, e.device);
  if (p.scale != e.scale) return differs("scale", p.scale, e.scale);
  return "";
}

}  // namespace

void add_measured_traffic(Roofline& r, const model::TargetEvidence& e, const model::TargetProfile& p,
                          const DevicePeaks& peaks) {
  if (e.device != "cuda") return;
  if (const auto why = unfit(e, p); !why.empty()) {
    r.left_out.push_back(fmt::format("measured traffic of {}: {}", e.target, why));
    return;
  }
  for (const auto& v : p.variants) {
    const auto label = e.target + ":" + v.name;
    const auto point =
        std::find_if(r.points.begin(), r.points.end(), [&](const RooflinePoint& c) { return c.label == label; });
    if (point == r.points.end()) continue;
    const auto all = counted(v);
    MeasuredTraffic m;
    m.profiled = record::shown(p.when, 40);
    m.device_seconds = all.metric("device-ns") * 1e-9;
    m.hbm_bytes = ncu_dram_bytes(all), m.l2_bytes = ncu_l2_bytes(all);
    if (v.status != model::Status::ok || !(m.hbm_bytes + m.l2_bytes > 0)) {
      const auto& why = v.status == model::Status::ok ? v.counters_absent : v.message;
      const auto gap = ncu_dram_gap(all);
      r.left_out.push_back(fmt::format("measured traffic of {}: {}", label,
                                       !why.empty()   ? record::shown(why, 200)
                                       : !gap.empty() ? "its profile has no " + gap
                                                      : "its profile counted none"));
      continue;
    }
    for (const auto& load : point->loads)
      if (r.roofs[load.roof].compute) m.loads.push_back(load);
    const auto put = [&](const std::optional<Roof>& roof, double bytes) {
      if (roof && bytes > 0) m.loads.push_back({r.roof(*roof), bytes});
    };
    put(peaks.hbm, m.hbm_bytes);
    put(peaks.l2, m.l2_bytes);
    if (m.l2_bytes > 0 && !peaks.l2)
      point->note += std::string(point->note.empty() ? "" : "; ") +
                     "no rate of L2 is known, so its traffic binds nothing: aisp bench peak measures it";
    if (const auto gap = ncu_dram_gap(all); !gap.empty())
      point->note +=
          fmt::format("{}its HBM traffic is not known, since {} is missing", point->note.empty() ? "" : "; ", gap);
    point->measured = std::move(m);
  }
}

}  // namespace aisp::analysis
