#include "analysis/explain.hpp"

#include "analysis/census.hpp"
#include "analysis/compiled_kernels.hpp"
#include "analysis/counter_words.hpp"
#include "analysis/roofline.hpp"
#include "analysis/table.hpp"
#include "analysis/verdict.hpp"
#include "record/text.hpp"
#include "validity/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

namespace aisp::analysis {
namespace {

const model::VariantEvidence& evidence_of(const model::TargetEvidence& e, const std::string& name) {
  for (const auto& v : e.variants)
    if (v.name == name) return v;
  throw std::invalid_argument(e.target + " has no evidence of " + name);
}
const model::VariantVerdict& verdict_of(const model::TargetVerdict& t, const std::string& name) {
  for (const auto& v : t.variants)
    if (v.name == name) return v;
  throw std::invalid_argument(t.target + " has no verdict on " + name);
}

// ------------------------------------------------------------------------------------------------------- the limits

std::string floor_sentence(const model::TargetEvidence& e, int threads) {
  const auto floor = floor_of(e, threads);
  if (floor.seconds <= 0) return "No floor is known: the ceilings of this machine were not measured.";
  const auto roofs = roofs_of(e, threads);
  const auto why = floor.bound == "memory"
                       ? fmt::format("{} at {}", format_bytes(e.bytes), format_scaled(roofs.bytes, "B/s"))
                       : fmt::format("{} at {}", format_scaled(e.flops, "FLOP"), format_scaled(roofs.flops, "FLOP/s"));
  return fmt::format("A call takes {} at least: {} ({}; ceilings: {}).", format_seconds(floor.seconds), why,
                     floor.bound, e.ceilings.source.empty() ? "not said" : e.ceilings.source);
}

void add_limits(const model::TargetEvidence& e, const model::TargetVerdict& t, const std::string& variant,
                std::vector<std::string>& into) {
  into.push_back(floor_sentence(e, evidence_of(e, variant).threads));
  Roofline roofline;
  add_target(roofline, e, t);
  for (const auto& name : {std::string("baseline"), variant}) {
    const auto& v = verdict_of(t, name);
    if (v.sol <= 0) continue;
    auto line = fmt::format("{}: {}, {} of what the hardware allows", name, format_seconds(v.median_seconds),
                            format_share(v.sol));
    for (const auto& p : roofline.points)
      if (p.label == e.target + ":" + name) {
        line += "; " + binding_text(analysis::limits(roofline, p));
        break;
      }
    into.push_back(line + ".");
    if (name == variant) break;  // a baseline explained by itself
  }
}

// ---------------------------------------------------------------------------------------------------- what changed

// Sums over the phase "run", of one call.
struct Traffic {
  double launches = 0, blocks = 0, copies = 0, copied = 0, memsets = 0, allocations = 0, graphs = 0, nodes = 0,
         host = 0, cooperative = 0, streams = 0;
  double busy = 0, call = 0;  // seconds
};
Traffic traffic_of(const model::CensusPhase& run) {
  const auto calls = static_cast<double>(std::max<std::int64_t>(run.calls, 1));
  const auto a_call = [&](std::int64_t n) { return static_cast<double>(n) / calls; };
  Traffic t;
  t.launches = a_call(run.other_launches);
  for (const auto& k : run.kernels) {
    t.launches += a_call(k.launches);
    double blocks = 1;
    for (const auto n : k.grid) blocks *= static_cast<double>(n);
    t.blocks += a_call(k.launches) * blocks;
  }
  for (const auto& c : run.copies) t.copies += a_call(c.count), t.copied += a_call(c.bytes);
  t.memsets = a_call(run.memsets), t.allocations = a_call(run.allocations), t.graphs = a_call(run.graph_launches);
  t.nodes = a_call(run.graph_nodes), t.host = a_call(run.host_functions);
  t.cooperative = a_call(run.cooperative_launches), t.streams = static_cast<double>(run.streams.size());
  t.busy = run.busy_seconds, t.call = run.call_seconds;
  return t;
}

// Kernels of one stream run one after the other, so that no busy time is shorter than theirs. One is where the recorded
// calls hold work that CUPTI reports under another launch, as the bodies of a graph's loop.
bool busy_is_whole(const model::CensusPhase& run) {
  constexpr double kMedianOverMean = 0.5;  // busy time is a call's median, the kernels' a sum
  std::map<std::int64_t, double> of_stream;
  for (const auto& k : run.kernels) of_stream[k.stream] += k.total_seconds;
  const auto busy = run.busy_seconds * static_cast<double>(std::max<std::int64_t>(run.calls, 1));
  return std::all_of(of_stream.begin(), of_stream.end(),
                     [&](const auto& stream) { return busy >= kMedianOverMean * stream.second; });
}

void add_census(const model::VariantEvidence& baseline, const model::VariantEvidence& variant, Explanation& into) {
  const auto *before = validity::phase_of(baseline, "run"), *after = validity::phase_of(variant, "run");
  for (const auto* v : {&baseline, &variant})
    if (!validity::phase_of(*v, "run") && !v->census_absent.empty())
      into.remarks.push_back(fmt::format("No census of {}: {}.", v->name, v->census_absent));
  if (!before || !after) return;
  for (const auto* v : {&baseline, &variant})
    if (launches_from_device(*v)) {
      into.remarks.push_back(
          fmt::format("Kernels, copies and busy time are not compared: kernels of {} launch kernels, which no census "
                      "follows.",
                      v->name));
      return;
    }
  const auto a = traffic_of(*before), b = traffic_of(*after);
  const auto say = [&](const char* what, double x, double y, Amount amount = Amount::count) {
    if (std::fabs(x - y) > 0.05 * std::max(x, y)) into.changed.push_back(compared(what, x, y, amount));
  };
  say("kernel launches", a.launches, b.launches), say("thread blocks", a.blocks, b.blocks);
  say("copies", a.copies, b.copies), say("bytes copied", a.copied, b.copied, Amount::bytes),
      say("memsets", a.memsets, b.memsets);
  say("graph launches", a.graphs, b.graphs), say("graph nodes", a.nodes, b.nodes);
  say("allocations", a.allocations, b.allocations), say("host functions", a.host, b.host);
  say("cooperative launches", a.cooperative, b.cooperative), say("streams at work", a.streams, b.streams);
  if (a.busy > 0 && b.busy > 0 && busy_is_whole(*before) && busy_is_whole(*after))
    into.changed.push_back(fmt::format("the device works {} of {} in an audited call, in the baseline {} of {}",
                                       format_seconds(b.busy), format_seconds(b.call), format_seconds(a.busy),
                                       format_seconds(a.call)));
}

void add_changes(const model::VariantEvidence& baseline, const model::VariantEvidence& variant, Explanation& into) {
  const auto counted = [](const model::VariantEvidence& v) {
    model::VariantProfile p;
    p.counters = v.counters;
    return p;
  };
  for (auto& sentence : in_plain_words(counted(baseline), counted(variant)))
    into.changed.push_back(std::move(sentence));
  add_census(baseline, variant, into);
  if (baseline.threads != variant.threads)
    into.changed.push_back(fmt::format("{} threads, the baseline {}", variant.threads, baseline.threads));
  const auto setup = [&](const char* what, double before, double after) {
    constexpr double kWorthSaying = 1e-3;
    if (after > kWorthSaying && after > 2 * before)
      into.changed.push_back(fmt::format("{} takes {}, the baseline's {} (once, not timed)", what,
                                         format_seconds(after), format_seconds(before)));
  };
  setup("preparing", baseline.prepare_seconds, variant.prepare_seconds);
  setup("binding a slot", baseline.bind_seconds, variant.bind_seconds);
}

// --------------------------------------------------------------------------------------------------------- kernels

// "(anonymous namespace)::product<64, 1>" as "product<64, 1>".
std::string short_kernel(std::string name) {
  constexpr std::string_view kAnonymous = "(anonymous namespace)::";
  for (auto at = name.find(kAnonymous); at != std::string::npos; at = name.find(kAnonymous))
    name.erase(at, kAnonymous.size());
  return name;
}

// What it was launched with: dynamic shared memory and the grid are known at run time only.
std::string launch_text(const model::CensusKernel& k) {
  const auto shared = static_cast<double>(k.shared_bytes);
  return fmt::format("; launched as {} blocks of {} threads{}", fmt::join(k.grid, "×"), fmt::join(k.block, "×"),
                     shared > 0 ? fmt::format(" with {} of shared memory", format_bytes(shared)) : "");
}

std::string compiled_text(const model::CompiledKernel& k) {
  auto text = fmt::format("{} ({}), {} registers a thread", short_kernel(k.name), k.arch, k.registers);
  if (k.shared_bytes)
    text += fmt::format(", {} static shared memory", format_bytes(static_cast<double>(k.shared_bytes)));
  if (k.stack_bytes) text += fmt::format(", {} B of stack", k.stack_bytes);
  text += spills(k) ? fmt::format(", spills {} B stored and {} B loaded", k.spill_store_bytes, k.spill_load_bytes)
                    : ", no spills";
  if (k.local_store_bytes || k.local_load_bytes)
    text += fmt::format(", local arrays {} B stored and {} B loaded", k.local_store_bytes, k.local_load_bytes);
  return text;
}

// Those that the audited calls launched, a library's too; of the other instances in its own library their number alone,
// where the census saw all launches; but one that spills is always named.
void add_kernels(const model::VariantEvidence& v, Explanation& into) {
  static const std::vector<model::CensusKernel> kNone;
  const auto* run = validity::phase_of(v, "run");
  const auto& launched = run ? run->kernels : kNone;
  const auto named = [](const auto& all, const std::string& name) {
    return std::find_if(all.begin(), all.end(), [&](const auto& k) { return k.name == name; });
  };
  const bool all_seen = !launched.empty() && run->other_launches == 0 && !launches_from_device(v);
  std::size_t others = 0;
  for (const auto& k : v.compiled_kernels) {
    const auto launch = named(launched, k.name);
    if (launch == launched.end() && all_seen && k.kernel && !spills(k))
      ++others;
    else
      into.kernels.push_back(
          fmt::format("{}: {}{}", v.name, compiled_text(k), launch == launched.end() ? "" : launch_text(*launch)));
  }
  std::set<std::string> said;
  for (const auto& k : launched)
    if (named(v.compiled_kernels, k.name) == v.compiled_kernels.end() && said.insert(k.name).second)
      into.kernels.push_back(fmt::format("{}: {}, {} registers a thread{}", v.name,
                                         record::shown(short_kernel(k.name), 60), k.registers, launch_text(k)));
  if (others)
    into.kernels.push_back(fmt::format("{}: {} more in its library, not launched at this size", v.name, others));
  if (!v.compiled_kernels_absent.empty())
    into.remarks.push_back(
        fmt::format("Registers and spills of {} are not known: {}.", v.name, v.compiled_kernels_absent));
}

}  // namespace

std::string best_variant(const model::TargetEvidence& e, const model::TargetVerdict& t) {
  const model::VariantVerdict* best = nullptr;
  for (const auto& v : t.variants) {
    const bool peer =
        std::any_of(e.variants.begin(), e.variants.end(), [&](const auto& x) { return x.name == v.name && x.peer; });
    if (v.name == "baseline" || peer || !v.correct || v.speedup <= 0) continue;
    if (!best || v.speedup > best->speedup) best = &v;
  }
  return best ? best->name : "";
}

Explanation explain(const model::TargetEvidence& e, const model::TargetVerdict& t, const std::string& variant) {
  const auto &before = evidence_of(e, "baseline"), &after = evidence_of(e, variant);
  const auto &slow = verdict_of(t, "baseline"), &fast = verdict_of(t, variant);
  Explanation x;
  x.result =
      fast.speedup > 0 && variant != "baseline"
          ? fmt::format("{} ({}), {}: {} → {} a call", format_speedup(fast.speedup),
                        format_interval(fast.speedup_interval), to_string(fast.word),
                        format_seconds(slow.median_seconds), format_seconds(fast.median_seconds))
          : fmt::format("{} a call{}", format_seconds(fast.median_seconds), fast.why.empty() ? "" : "; " + fast.why);
  add_limits(e, t, variant, x.limits);
  add_kernels(before, x);
  if (variant != "baseline") {
    add_changes(before, after, x);
    add_kernels(after, x);
  }
  for (const auto& v : t.violations)
    if (v.variant.empty() || v.variant == variant || v.variant == "baseline")
      x.remarks.push_back(fmt::format("{}{}: {}", v.variant.empty() ? "" : v.variant + ": ", v.issue, v.seen));
  for (const auto& note : fast.notes) x.remarks.push_back(note);
  return x;
}

}  // namespace aisp::analysis
