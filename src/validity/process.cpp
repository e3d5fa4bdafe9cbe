#include "validity/checks.hpp"

#include "stats/stats.hpp"

#include <algorithm>
#include <functional>

namespace aisp::validity {
namespace {

// The first sample of which it is true; null when there is none.
const model::Sample* first(const model::VariantEvidence& v, const std::function<bool(const model::Sample&)>& is) {
  const auto found = std::find_if(v.samples.begin(), v.samples.end(), is);
  return found == v.samples.end() ? nullptr : &*found;
}

void check_arithmetic(const model::VariantEvidence& v, Findings& found) {
  const auto* s = first(v, [](const auto& x) { return !x.float_state.empty(); });
  if (!s) return;
  const bool subnormals =
      s->float_state.find("zero") != s->float_state.npos && s->float_state.find("rounds") == s->float_state.npos;
  found.add(subnormals ? "output.denormals" : "workload.backend_policy_drift",
            fmt::format("round {} left the arithmetic of its process changed: {}", s->round, s->float_state),
            "the state in which a process starts", "restore the floating-point state before run returns");
}

void check_scheduling(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  if (const auto* s = first(v, [](const auto& x) { return x.tracer != 0; }))
    found.add("timing.profiler_overhead", fmt::format("process {} traced it in round {}", s->tracer, s->round),
              "no tracer", "end debuggers and profilers that follow aisp's processes");
  if (const auto* s = first(v, [&](const auto& x) { return x.nice != e.before.nice; }))
    found.add("environment.priority_elevation", fmt::format("nice value {} in round {}", s->nice, s->round),
              fmt::format("{}, as the judge has", e.before.nice), "leave scheduling to the judge");
  if (const auto* s = first(v, [](const auto& x) { return x.moved; }))
    found.add("environment.device_mismatch",
              fmt::format("in round {} it could run on other processors than it was given", s->round),
              fmt::format("processors {}", fmt::join(v.cpus, " ")), "find out who moves processes on this machine");
}

void check_code(const model::VariantEvidence& v, Findings& found) {
  if (v.code.changed_pages)
    found.add("evaluation.self_modifying",
              fmt::format("{} page{} of the worker's code and constants changed, first {}", v.code.changed_pages,
                          plural(v.code.changed_pages), v.code.first),
              "the worker as it was before the plugin was loaded", "leave the code of the process alone");
}

// Code that is made in calls. Made once it is a late compilation, made again and again it depends on values.
void check_compilation(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  if (e.device != "cpu") return;  // the driver makes code of its own
  int grown = 0;
  std::int64_t most = 0;
  const model::Sample* last = nullptr;
  for (const auto& s : v.samples) {
    if (last && last->restart == s.restart) grown += s.executable_bytes > last->executable_bytes;
    most = std::max(most, s.executable_bytes);
    last = &s;
  }
  if (most <= v.bound_executable_bytes) return;
  found.add(grown > 1 ? "compile.guard_failure" : "location.jit_timing",
            fmt::format("{} bytes of executable memory that no file holds, {} when its slots were bound{}", most,
                        v.bound_executable_bytes, grown > 1 ? fmt::format("; it grew in {} turns", grown) : ""),
            "code that is made in prepare or bind", "compile in prepare, for all values that may come");
}

void check_heap(const model::VariantEvidence& v, Findings& found) {
  std::int64_t growth = 0, turns = 0;
  bool always = true;
  for (std::size_t i = 1; i < v.samples.size(); ++i) {
    const auto &a = v.samples[i - 1], &b = v.samples[i];
    if (a.restart != b.restart) continue;
    always &= b.heap_bytes > a.heap_bytes;
    growth += b.heap_bytes - a.heap_bytes;
    ++turns;
  }
  if (turns > 3 && always && growth > kHeapGrowth)
    found.add(
        "memory.pool_reuse",
        fmt::format("its heap grew in every turn, by {:.1f} MiB in {}", static_cast<double>(growth) / (1 << 20), turns),
        "memory of a call that is given back, or reused", "free what a call allocates, or allocate it in prepare");
}

double faults_a_call(const model::VariantEvidence& v) {
  std::vector<double> faults;
  for (const auto& s : v.samples)
    faults.push_back(static_cast<double>(s.minor_faults) / static_cast<double>(std::max<std::int64_t>(s.calls, 1)));
  return faults.empty() ? 0 : stats::median(faults);
}

std::size_t element_bytes(const std::string& dtype) {
  return dtype.find("64") != dtype.npos   ? 8
         : dtype.find("32") != dtype.npos ? 4
         : dtype.find("16") != dtype.npos ? 2
                                          : 1;
}

// Only a baseline gains from being slow, and only where its contestants do without.
void check_faults(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  if (e.variants.size() < 2 || &v != &e.variants.front() || e.device != "cpu") return;
  double bytes = 0;
  for (const auto& t : e.tensors) {
    double size = static_cast<double>(element_bytes(t.dtype));
    for (const auto n : t.shape) size *= static_cast<double>(n);
    bytes += size;
  }
  const double mine = faults_a_call(v), limit = kFaultShare * bytes / kPageBytes;
  double others = 0;
  for (std::size_t i = 1; i < e.variants.size(); ++i)
    if (!e.variants[i].samples.empty()) others = std::max(others, faults_a_call(e.variants[i]));
  if (limit < 4 || mine < limit || others > 0.1 * mine) return;
  found.add("memory.page_faults", fmt::format("{:.3g} page faults a call, {:.3g} in the others", mine, others),
            fmt::format("fewer than {:.3g}: the tensors were touched before", limit),
            "keep memory that is needed again: allocate in prepare, and leave the tensors' pages where they are");
}

}  // namespace

void check_process(const model::TargetEvidence& e, const model::VariantEvidence& v, Findings& found) {
  check_arithmetic(v, found);
  check_scheduling(e, v, found);
  check_code(v, found);
  check_compilation(e, v, found);
  check_heap(v, found);
  check_faults(e, v, found);
}

}  // namespace aisp::validity
