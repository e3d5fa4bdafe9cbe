#include "analysis/report.hpp"

#include "analysis/census.hpp"
#include "analysis/markdown.hpp"
#include "analysis/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace aisp::analysis {
namespace {
std::string or_none(const std::string& text) { return text.empty() ? "–" : text; }

std::string result_table(const std::vector<Row>& rows) {
  std::vector<Cells> cells;
  for (const auto& r : rows)
    cells.push_back({markdown_escaped(r.target), markdown_escaped(r.variant), r.median, r.speedup, r.interval,
                     r.verdict, r.sol, r.verified});
  return markdown_table({"target", "variant", "median", "speedup", "interval", "verdict", "%SOL", "verified"}, cells,
                        "llrrrlrr");
}

std::string problem(const model::TargetEvidence& e) {
  Cells sizes, tensors;
  for (const auto& p : e.params) sizes.push_back(fmt::format("{} = {}", markdown_escaped(p.name), p.value));
  for (const auto& t : e.tensors)
    tensors.push_back(fmt::format("{} {} {} ({})", markdown_escaped(t.role), markdown_escaped(t.dtype),
                                  markdown_escaped(t.name), fmt::join(t.shape, ", ")));
  std::string out = markdown_escaped(e.about) + "\n\n";
  if (!e.teaching.empty()) out += "Teaching baseline: " + markdown_escaped(e.teaching) + "\n\n";
  out += fmt::format("Scale {}, {} cache, {}. Tensors: {}. One call: {:.3g} FLOP, {}.\n\n", markdown_escaped(e.scale),
                     markdown_escaped(e.cache), or_none(fmt::format("{}", fmt::join(sizes, ", "))),
                     or_none(fmt::format("{}", fmt::join(tensors, "; "))), e.flops, format_bytes(e.bytes));
  return out;
}

std::string variant_table(const model::TargetEvidence& e, const model::TargetVerdict* verdict) {
  std::vector<Cells> rows;
  for (const auto& v : e.variants) {
    const model::VariantVerdict* judged = nullptr;
    if (verdict)
      for (const auto& x : verdict->variants)
        if (x.name == v.name) judged = &x;
    rows.push_back({markdown_escaped(v.name), markdown_escaped(or_none(v.isa)), std::to_string(v.threads),
                    format_seconds(v.prepare_seconds), format_seconds(v.bind_seconds),
                    judged ? format_seconds(judged->floor_seconds) : "–",
                    judged ? markdown_escaped(or_none(judged->bound)) : "–", std::to_string(v.samples.size()),
                    fmt::format("{:.3g}", v.verification.max_error),
                    fmt::format("{}/{}", v.verified_timed_calls, v.timed_calls)});
  }
  auto out = markdown_table({"variant", "ISA", "threads", "prepare", "bind", "floor", "bound", "samples",
                             "worst error / tolerance", "verified"},
                            rows, "llrrrrlrrr");
  for (const auto& v : e.variants)
    if (v.status != model::Status::ok)
      out += fmt::format("- **{}** {}: {}\n", markdown_escaped(v.name), to_string(v.status),
                         markdown_escaped(or_none(v.message)));
  for (const auto& v : e.variants)
    if (const auto& f = v.verification.first_failure)
      out += fmt::format("- **{}** wrong in {}: {} of {} elements of {}, first at {}: got {:.9g}, expected {:.9g}\n",
                         markdown_escaped(v.name), markdown_escaped(or_none(v.verification.failed_case)), f->wrong,
                         f->elements, markdown_escaped(f->tensor), f->first_wrong, f->got, f->expected);
  if (verdict)
    for (const auto& v : verdict->variants) {
      if (!v.why.empty()) out += fmt::format("- {}: {}\n", markdown_escaped(v.name), markdown_escaped(v.why));
      for (const auto& note : v.notes)
        out += fmt::format("- {}: {}\n", markdown_escaped(v.name), markdown_escaped(note));
    }
  return out + "\n";
}

std::string violation_list(const model::TargetVerdict& verdict) {
  if (verdict.violations.empty()) return "";
  std::vector<Cells> rows;
  for (const auto& x : verdict.violations)
    rows.push_back({markdown_escaped(x.issue), markdown_escaped(or_none(x.variant)), markdown_escaped(x.seen),
                    markdown_escaped(x.expected), markdown_escaped(x.advice)});
  return "**Violations**\n\n" + markdown_table({"issue", "variant", "seen", "expected", "advice"}, rows, "lllll");
}

std::string gpu_states(const model::GpuState& before, const model::GpuState& after) {
  const auto state = [](const char* when, const model::GpuState& s) {
    return Cells{
        when,
        fmt::format("{:.0f}", s.sm_mhz),
        fmt::format("{:.0f}", s.memory_mhz),
        fmt::format("{:.0f} of {:.0f}", s.watts, s.power_limit_watts),
        fmt::format("{:.0f}", s.celsius),
        s.throttle_reasons.empty() ? "–" : markdown_escaped(fmt::format("{}", fmt::join(s.throttle_reasons, ", "))),
        std::to_string(s.processes.size()),
        s.ecc_uncorrected < 0 ? "–" : fmt::format("{:.0f}", s.ecc_uncorrected)};
  };
  return markdown_table({"GPU", "SM MHz", "memory MHz", "W", "°C", "slowed by", "processes", "uncorrected ECC"},
                        {state("before", before), state("after", after)}, "lrrrrlrr");
}

double median_of(const model::TargetVerdict& verdict, const std::string& variant) {
  for (const auto& v : verdict.variants)
    if (v.name == variant) return v.median_seconds;
  return 0;
}

// What the audit pass saw in run, of one call: the kernels that take most of the time, then everything else in a line.
std::string census(const model::VariantEvidence& v, double median_seconds) {
  if (!v.census)
    return v.census_absent.empty()
               ? ""
               : fmt::format("No census of {}: {}.\n\n", markdown_escaped(v.name), markdown_escaped(v.census_absent));
  const model::CensusPhase* run = nullptr;
  for (const auto& p : v.census->phases)
    if (p.name == "run") run = &p;
  if (!run) return fmt::format("The census of {} ended before run.\n\n", markdown_escaped(v.name));
  const double calls = static_cast<double>(std::max<std::int64_t>(run->calls, 1));
  const auto shape = [](const std::vector<std::int64_t>& n) { return fmt::format("{}", fmt::join(n, "×")); };
  std::vector<Cells> rows;
  constexpr std::size_t kShown = 6, kNameWidth = 70;
  for (const auto& k : run->kernels) {
    if (rows.size() == kShown) break;
    const auto name = k.name.size() > kNameWidth ? k.name.substr(0, kNameWidth) + "…" : k.name;
    rows.push_back({markdown_escaped(name), fmt::format("{:.3g}", static_cast<double>(k.launches) / calls),
                    shape(k.grid), shape(k.block), std::to_string(k.registers),
                    format_bytes(static_cast<double>(k.shared_bytes)), format_seconds(k.median_seconds)});
  }
  auto out = markdown_table(
      {"kernels of " + markdown_escaped(v.name), "a call", "grid", "block", "registers", "shared", "median"}, rows,
      "lrrrrrr");
  Cells more;
  const auto count = [&](std::int64_t n, const char* what) {
    if (n) more.push_back(fmt::format("{:.3g} {}", static_cast<double>(n) / calls, what));
  };
  if (run->kernels.size() > kShown)
    more.push_back(fmt::format("{} further kernels", static_cast<std::int64_t>(run->kernels.size() - kShown)));
  count(run->other_launches, "launches of yet others");
  for (const auto& c : run->copies) {
    const auto what = fmt::format(
        "copies {} of {}", markdown_escaped(c.kind),
        format_bytes(static_cast<double>(c.bytes) / static_cast<double>(std::max<std::int64_t>(c.count, 1))));
    count(c.count, what.c_str());
  }
  count(run->memsets, "memsets"), count(run->graph_launches, "graph launches"), count(run->graph_nodes, "graph nodes");
  count(run->allocations, "allocations"), count(run->host_functions, "host functions");
  out += fmt::format("A call of {}: {}{} stream{}; busy {} of {}", markdown_escaped(v.name),
                     more.empty() ? "" : fmt::format("{}; ", fmt::join(more, ", ")), run->streams.size(),
                     run->streams.size() == 1 ? "" : "s", format_seconds(run->busy_seconds),
                     format_seconds(run->call_seconds));
  if (const double ratio = busy_over_timed(v, median_seconds); ratio > 0)
    out += fmt::format("; {:.1f} % of a timed call", 100 * ratio);
  return out + fmt::format(" ({}).\n\n", markdown_escaped(v.census->tool));
}

std::string environment(const model::TargetEvidence& e) {
  const auto state = [](const char* when, const model::HostState& h) {
    return Cells{when,
                 fmt::format("{:.2f}", h.load1),
                 h.mhz > 0 ? fmt::format("{:.0f}", h.mhz) : "–",
                 format_share(h.foreign_cpu),
                 std::to_string(h.swap_in_pages + h.swap_out_pages),
                 markdown_escaped(or_none(h.governor))};
  };
  auto out = markdown_table({"environment", "load", "MHz", "foreign CPU", "swapped pages", "governor"},
                            {state("before", e.before), state("after", e.after)}, "lrrrrl");
  if (e.gpu_before && e.gpu_after) out += gpu_states(*e.gpu_before, *e.gpu_after);
  out +=
      fmt::format("A/A floor {} ({}); null call {}; clock resolution {}; the judge waits by {}.\n\n",
                  format_share(e.aa_floor), markdown_escaped(or_none(e.aa_source)), format_seconds(e.null_call_seconds),
                  format_seconds(e.clock_resolution_seconds), markdown_escaped(or_none(e.waiting)));
  Cells missing;
  for (const auto& v : e.variants)
    for (const auto& p : v.sandbox)
      if (!p.present) {
        auto line = fmt::format("{} ({})", markdown_escaped(p.name), markdown_escaped(or_none(p.detail)));
        if (std::find(missing.begin(), missing.end(), line) == missing.end()) missing.push_back(line);
      }
  if (!missing.empty()) out += fmt::format("Protections absent: {}.\n\n", fmt::join(missing, "; "));
  return out;
}

std::string provenance(const model::TargetEvidence& e) {
  auto out = fmt::format("Provenance: {} to {}; seed {}; ceilings from {}.\n", markdown_escaped(or_none(e.started)),
                         markdown_escaped(or_none(e.finished)),
                         e.seed.empty() ? "secret until the run is over" : markdown_escaped(e.seed),
                         markdown_escaped(or_none(e.ceilings.source)));
  for (const auto& v : e.variants)
    out += fmt::format("- {}: {}, compiled with {}\n", markdown_escaped(v.name), markdown_escaped(or_none(v.source)),
                       markdown_escaped(or_none(v.compile_flags)));
  return out + "\n";
}

std::string host(const record::Manifest& m) {
  Cells libraries;
  for (const auto& l : m.libraries)
    libraries.push_back(markdown_escaped(l.name) + " " + (l.version.empty() ? "absent" : markdown_escaped(l.version)));
  const auto& b = m.build;
  std::vector<Cells> rows = {
      {"processor",
       fmt::format("{}, {} cores, {} logical{}", markdown_escaped(m.host.model), m.host.cores, m.host.logical,
                   m.host.hypervisor.empty() ? "" : ", virtual (" + markdown_escaped(m.host.hypervisor) + ")")},
      {"memory", format_bytes(static_cast<double>(m.host.memory_bytes))},
      {"system", fmt::format("{}, {}", markdown_escaped(or_none(m.host.os)), markdown_escaped(or_none(m.host.kernel)))},
      {"build",
       fmt::format("aisp {}, {} {}, {}, variants {}", markdown_escaped(m.aisp_version), markdown_escaped(b.compiler),
                   markdown_escaped(b.compiler_version), markdown_escaped(b.flags), markdown_escaped(b.variant_flags)) +
           (b.cuda.empty()
                ? ""
                : fmt::format(", CUDA {} for sm_{}", markdown_escaped(b.cuda), markdown_escaped(b.cuda_arch)))},
      {"commit", markdown_escaped(or_none(b.git_commit)) + (b.git_dirty ? " with changes" : "")},
      {"libraries", fmt::format("{}", fmt::join(libraries, ", "))},
      {"command", markdown_escaped(fmt::format("{}", fmt::join(m.settings.command_line, " ")))},
      {"seed", m.seed ? markdown_escaped(*m.seed) : "secret until the run is over"},
      {"calibration", markdown_escaped(or_none(m.calibration))}};
  for (const auto& gpu : m.gpus)
    rows.insert(
        rows.begin() + 2,
        {"GPU", fmt::format("{}, compute capability {}.{}, {}, driver {}, ECC {}", markdown_escaped(gpu.name),
                            gpu.compute_major, gpu.compute_minor, format_bytes(static_cast<double>(gpu.memory_bytes)),
                            markdown_escaped(or_none(gpu.driver)), markdown_escaped(or_none(gpu.ecc)))});
  return markdown_table({"", ""}, rows, "ll");
}

}  // namespace

std::string markdown_report(const record::RunData& run) {
  const auto& m = run.manifest;
  auto out = fmt::format("# aisp run {}\n\nStarted {}, {}.\n\n", markdown_escaped(m.run), markdown_escaped(m.started),
                         m.finished.empty() ? "not over yet" : "finished " + markdown_escaped(m.finished));
  std::vector<Row> rows;
  for (const auto& e : run.evidence)
    for (auto& row : rows_of(e, run.verdict_of(e.target))) rows.push_back(std::move(row));
  out += result_table(rows) + summary_line(summarise(run)) + "\n\n";
  if (m.publishable) {
    out += "Publishable: yes.\n\n";
  } else {
    out += "Publishable: no.\n\n";
    for (const auto& reason : m.unpublishable_reasons) out += "- " + markdown_escaped(reason) + "\n";
    if (!m.unpublishable_reasons.empty()) out += "\n";
  }
  out += "## Host and build\n\n" + host(m);
  for (const auto& e : run.evidence) {
    const auto* verdict = run.verdict_of(e.target);
    out += "## " + markdown_escaped(e.target) + "\n\n";
    if (!e.error.empty()) {
      out += "Could not be run: " + markdown_escaped(e.error) + "\n\n";
      continue;
    }
    if (e.interrupted) out += "Interrupted; what follows is what was observed until then.\n\n";
    out += problem(e) + variant_table(e, verdict);
    if (verdict) out += violation_list(*verdict);
    for (const auto& v : e.variants) out += census(v, verdict ? median_of(*verdict, v.name) : 0);
    out += environment(e) + provenance(e);
  }
  return out;
}

Summary summarise(const record::RunData& run) {
  Summary s;
  double log_sum = 0;
  int with_speedup = 0;
  for (const auto& e : run.evidence) {
    ++s.targets;
    s.errors += !e.error.empty();
    for (const auto& v : e.variants) {
      s.timed_calls += v.timed_calls;
      s.verified_calls += v.verified_timed_calls;
      s.failed += v.status != model::Status::ok;
    }
    const auto* verdict = run.verdict_of(e.target);
    if (!verdict) continue;
    double best = 0;
    for (std::size_t i = 0; i < verdict->variants.size(); ++i) {
      const auto& v = verdict->variants[i];
      const bool violates = std::any_of(verdict->violations.begin(), verdict->violations.end(),
                                        [&](const auto& x) { return x.variant == v.name; });
      const bool peer =
          std::any_of(e.variants.begin(), e.variants.end(), [&](const auto& x) { return x.name == v.name && x.peer; });
      if (v.status != model::Status::ok) continue;
      s.violating += violates;
      s.wrong += !violates && !v.correct;
      if (violates || !v.correct || i == 0) continue;
      s.fast += v.word == model::Word::fast;
      s.slow += v.word == model::Word::slow;
      s.same += v.word == model::Word::same;
      s.unresolved += v.word == model::Word::unresolved;
      if (!peer && std::isfinite(v.speedup)) best = std::max(best, v.speedup);
    }
    if (best > 0) {
      log_sum += std::log(best);
      ++with_speedup;
    }
  }
  if (with_speedup) s.mean_speedup = std::exp(log_sum / with_speedup);
  return s;
}

std::string summary_line(const Summary& s) {
  Cells words;
  const auto add = [&](int n, const char* word) {
    if (n) words.push_back(fmt::format("{} {}", n, word));
  };
  add(s.fast, "FAST"), add(s.same, "SAME"), add(s.slow, "SLOW"), add(s.unresolved, "UNRESOLVED"), add(s.wrong, "WRONG");
  add(s.violating, "VIOLATION"), add(s.failed, "failed"), add(s.errors, s.errors == 1 ? "error" : "errors");
  auto line = fmt::format("{} target{}: {}", s.targets, s.targets == 1 ? "" : "s",
                          words.empty() ? "nothing judged" : fmt::format("{}", fmt::join(words, ", ")));
  if (s.mean_speedup > 0) line += " · mean of the best speedups " + format_speedup(s.mean_speedup);
  return line + fmt::format(" · {} of {} timed calls verified", s.verified_calls, s.timed_calls);
}

}  // namespace aisp::analysis
