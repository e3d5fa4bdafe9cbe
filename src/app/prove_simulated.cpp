// Conditions that cannot be made at will: evidence of an honest run on a quiet machine is altered in one place, and the
// check must name that place, and must have named nothing before.
#include "analysis/expectations.hpp"
#include "analysis/publishable.hpp"
#include "analysis/verdict.hpp"
#include "app/prove.hpp"

#include <fmt/format.h>

#include <functional>
#include <map>

namespace aisp::app {
namespace {

using model::TargetEvidence;

model::VariantEvidence quiet_variant(std::string name, double seconds) {
  model::VariantEvidence v;
  v.name = std::move(name);
  v.status = model::Status::ok;
  v.sandbox = {{"seccomp", true, ""}, {"landlock", true, ""}};
  v.peak_threads = 1;
  v.cpus = {1};
  v.numa_nodes = {0};
  for (int restart = 0; restart < 2; ++restart)
    for (int round = 0; round < 10; ++round) {
      model::Sample s;
      s.restart = restart;
      s.round = round;
      s.calls = 10;
      s.seconds = 10 * seconds * (1 + 0.001 * round);
      s.worker_seconds = s.cpu_seconds = s.seconds;
      v.samples.push_back(s);
    }
  v.timed_calls = v.verified_timed_calls = v.verification.calls = 200;
  return v;
}

TargetEvidence quiet(const std::string& device) {
  TargetEvidence e;
  e.target = "attack:scale";
  e.device = device;
  e.arithmetic = "f32";
  e.restarts = 2;
  e.rounds = 10;
  e.waiting = "spin";
  e.before = e.after = {.mhz = 3000, .mhz_source = "cpufreq", .governor = "performance", .hypervisor = ""};
  if (device == "cuda") {
    model::GpuState gpu;
    gpu.sm_mhz = 1980;
    gpu.power_limit_watts = 700;
    e.gpu_before = e.gpu_after = gpu;
  }
  e.variants = {quiet_variant("baseline", 1e-3), quiet_variant("variant", 5e-4)};
  return e;
}

struct Change {
  std::string device;
  std::function<void(TargetEvidence&)> apply;
};

const std::map<std::string_view, Change>& changes() {
  static const std::map<std::string_view, Change> all{
      {"swapping", {"cpu", [](auto& e) { e.after.swap_in_pages = 800; }}},
      {"boosted", {"cpu", [](auto& e) { e.after.mhz = 4200; }}},
      {"other_node", {"cpu", [](auto& e) { e.variants[1].numa_nodes = {1}; }}},
      {"powersave", {"cpu", [](auto& e) { e.before.governor = "powersave"; }}},
      {"hot", {"cuda", [](auto& e) { e.gpu_after->throttle_reasons = {"hw_thermal_slowdown"}; }}},
      {"lowered_limit", {"cuda", [](auto& e) { e.gpu_after->power_limit_watts = 400; }}},
      {"quota", {"cpu", [](auto& e) { e.after.throttled_seconds = 0.4; }}},
      {"hypervisor", {"cpu", [](auto& e) { e.before.hypervisor = "KVM"; }}},
      {"drops_slow_samples", {"cpu", [](auto& e) { e.variants[1].samples.resize(16); }}},
  };
  return all;
}

// What the issue is called in this evidence, as a violation or a reason; "" = it is not.
std::string named(const TargetEvidence& e, std::string_view issue) {
  for (const auto& v : analysis::verdict(e).violations)
    if (v.issue == issue) return v.seen;
  for (const auto& c : analysis::conditions(e))
    if (c.issue == issue) return c.text;
  return "";
}

// Results measured with another driver or CUDA are not compared with: they stand in a file of their own.
std::string provenance_change(std::string_view name) {
  record::Provenance then, now;
  then.driver = now.driver = "580.95";
  then.cuda = now.cuda = "13.0";
  if (!analysis::provenance_difference(then, now).empty()) return "";
  (name == "other_driver" ? now.driver : now.cuda) = name == "other_driver" ? "570.10" : "12.8";
  return analysis::provenance_difference(then, now);
}

}  // namespace

AttackResult simulate(const validity::Issue& issue, const validity::Attack& attack) {
  AttackResult r{&attack, Outcome::missed, ""};
  if (attack.name == "other_driver" || attack.name == "other_library") {
    r.by = provenance_change(attack.name);
  } else {
    const auto change = changes().find(attack.name);
    if (change == changes().end()) {
      r.by = "nothing alters this";
      return r;
    }
    auto evidence = quiet(change->second.device);
    if (const auto early = named(evidence, issue.id); !early.empty()) {
      r.by = "named without cause: " + early;
      return r;
    }
    change->second.apply(evidence);
    r.by = named(evidence, issue.id);
  }
  r.outcome = r.by.empty() ? Outcome::missed : Outcome::caught;
  if (r.by.empty()) r.by = fmt::format("nothing names altered evidence ({})", attack.detail);
  return r;
}

}  // namespace aisp::app
