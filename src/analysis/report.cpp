#include "analysis/report.hpp"

#include "analysis/census.hpp"
#include "analysis/compiled_kernels.hpp"
#include "analysis/document.hpp"
#include "analysis/faults.hpp"
#include "analysis/figures.hpp"
#include "analysis/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace aisp::analysis {
namespace {
std::string or_none(const std::string& text) { return text.empty() ? "–" : text; }
std::string joined(const Cells& parts, std::string_view separator = ", ") {
  return fmt::format("{}", fmt::join(parts, separator));
}

Table result_table(const std::vector<Row>& rows) {
  Table table{
      {"target", "variant", "median", "speedup", "interval", "verdict", "%SOL", "verified"}, {}, "llrrrlrr", 5, true};
  for (const auto& r : rows)
    table.rows.push_back({r.target, r.variant, r.median, r.speedup, r.interval, r.verdict, r.sol, r.verified});
  return table;
}

void add_problem(Document& out, const model::TargetEvidence& e) {
  Cells sizes, tensors;
  for (const auto& p : e.params) sizes.push_back(fmt::format("{} = {}", p.name, p.value));
  for (const auto& t : e.tensors)
    tensors.push_back(fmt::format("{} {} {} ({})", t.role, t.dtype, t.name, fmt::join(t.shape, ", ")));
  out.push_back(Paragraph{"", e.about});
  if (!e.teaching.empty()) out.push_back(Paragraph{"", "Teaching baseline: " + e.teaching});
  out.push_back(Paragraph{"", fmt::format("Scale {}, {} cache, {}. Tensors: {}. One call: {}, {}.", e.scale, e.cache,
                                          or_none(joined(sizes)), or_none(joined(tensors, "; ")),
                                          format_scaled(e.flops, "FLOP"), format_bytes(e.bytes))});
}

void add_variants(Document& out, const model::TargetEvidence& e, const model::TargetVerdict* verdict) {
  Table table{{"variant", "ISA", "threads", "prepare", "bind", "floor", "bound", "samples", "worst error / tolerance",
               "verified"},
              {},
              "llrrrrlrrr"};
  for (const auto& v : e.variants) {
    const model::VariantVerdict* judged = nullptr;
    if (verdict)
      for (const auto& x : verdict->variants)
        if (x.name == v.name) judged = &x;
    table.rows.push_back({v.name, or_none(v.isa), std::to_string(v.threads), format_seconds(v.prepare_seconds),
                          format_seconds(v.bind_seconds), judged ? format_seconds(judged->floor_seconds) : "–",
                          judged ? or_none(judged->bound) : "–", std::to_string(v.samples.size()),
                          fmt::format("{:.3g}", v.verification.max_error),
                          fmt::format("{}/{}", v.verified_timed_calls, v.timed_calls)});
  }
  out.push_back(std::move(table));
  List notes;
  for (const auto& v : e.variants)
    if (v.status != model::Status::ok)
      notes.items.push_back({v.name, fmt::format("{}: {}", to_string(v.status), or_none(v.message))});
  for (const auto& v : e.variants)
    if (auto wrong = first_wrong(v); !wrong.empty()) notes.items.push_back({v.name, std::move(wrong)});
  if (verdict)
    for (const auto& v : verdict->variants) {
      if (!v.why.empty()) notes.items.push_back({"", fmt::format("{}: {}", v.name, v.why)});
      for (const auto& note : v.notes) notes.items.push_back({"", fmt::format("{}: {}", v.name, note)});
    }
  if (!notes.items.empty()) out.push_back(std::move(notes));
}

void add_violations(Document& out, const model::TargetVerdict& verdict) {
  if (verdict.violations.empty()) return;
  Table table{{"issue", "variant", "seen", "expected", "advice"}, {}, "lllll"};
  for (const auto& x : verdict.violations)
    table.rows.push_back({x.issue, or_none(x.variant), x.seen, x.expected, x.advice});
  out.push_back(Heading{3, "Violations"});
  out.push_back(std::move(table));
}

Table gpu_states(const model::GpuState& before, const model::GpuState& after) {
  const auto state = [](const char* when, const model::GpuState& s) {
    return Cells{when,
                 fmt::format("{:.0f}", s.sm_mhz),
                 fmt::format("{:.0f}", s.memory_mhz),
                 fmt::format("{:.0f} of {:.0f}", s.watts, s.power_limit_watts),
                 fmt::format("{:.0f}", s.celsius),
                 or_none(joined(s.throttle_reasons)),
                 std::to_string(s.processes.size()),
                 s.ecc_uncorrected < 0 ? "–" : fmt::format("{:.0f}", s.ecc_uncorrected)};
  };
  return {{"GPU", "SM MHz", "memory MHz", "W", "°C", "slowed by", "processes", "uncorrected ECC"},
          {state("before", before), state("after", after)},
          "lrrrrlrr"};
}

double median_of(const model::TargetVerdict& verdict, const std::string& variant) {
  for (const auto& v : verdict.variants)
    if (v.name == variant) return v.median_seconds;
  return 0;
}

// What the audit pass saw in run, of one call: the kernels that take most of the time, then everything else in a line.
void add_census(Document& out, const model::VariantEvidence& v, double median_seconds) {
  if (!v.census) {
    if (!v.census_absent.empty())
      out.push_back(Paragraph{"", fmt::format("No census of {}: {}.", v.name, v.census_absent)});
    return;
  }
  const model::CensusPhase* run = nullptr;
  for (const auto& p : v.census->phases)
    if (p.name == "run") run = &p;
  if (!run) {
    out.push_back(Paragraph{"", fmt::format("The census of {} ended before run.", v.name)});
    return;
  }
  const double calls = static_cast<double>(std::max<std::int64_t>(run->calls, 1));
  const auto shape = [](const std::vector<std::int64_t>& n) { return fmt::format("{}", fmt::join(n, "×")); };
  Table table{{"kernels of " + v.name, "a call", "grid", "block", "registers", "shared", "median"}, {}, "lrrrrrr"};
  constexpr std::size_t kShown = 6, kNameWidth = 70;
  for (const auto& k : run->kernels) {
    if (table.rows.size() == kShown) break;
    const auto name = k.name.size() > kNameWidth ? k.name.substr(0, kNameWidth) + "…" : k.name;
    table.rows.push_back({name, fmt::format("{:.3g}", static_cast<double>(k.launches) / calls), shape(k.grid),
                          shape(k.block), std::to_string(k.registers),
                          format_bytes(static_cast<double>(k.shared_bytes)), format_seconds(k.median_seconds)});
  }
  if (!table.rows.empty()) out.push_back(std::move(table));  // calls may be copies alone
  Cells more;
  const auto count = [&](std::int64_t n, const char* one, const char* many, const std::string& behind = "") {
    const double a_call = static_cast<double>(n) / calls;
    if (n) more.push_back(fmt::format("{:.3g} {}{}", a_call, a_call == 1 ? one : many, behind));
  };
  if (run->kernels.size() > kShown)
    more.push_back(fmt::format("{} further kernels", static_cast<std::int64_t>(run->kernels.size() - kShown)));
  count(run->other_launches, "launch of yet another", "launches of yet others");
  for (const auto& c : run->copies)
    count(c.count, "copy", "copies",
          fmt::format(
              " {} of {}", c.kind,
              format_bytes(static_cast<double>(c.bytes) / static_cast<double>(std::max<std::int64_t>(c.count, 1)))));
  count(run->memsets, "memset", "memsets"), count(run->graph_launches, "graph launch", "graph launches");
  count(run->graph_nodes, "graph node", "graph nodes"), count(run->allocations, "allocation", "allocations");
  count(run->host_functions, "host function", "host functions");
  auto line = fmt::format("A call of {}: {}{} stream{}; busy {} of {}", v.name, more.empty() ? "" : joined(more) + "; ",
                          run->streams.size(), run->streams.size() == 1 ? "" : "s", format_seconds(run->busy_seconds),
                          format_seconds(run->call_seconds));
  if (const double ratio = busy_over_timed(v, median_seconds); ratio > 0)
    line += fmt::format("; {:.1f} % of a timed call", 100 * ratio);
  out.push_back(Paragraph{"", line + fmt::format(" ({}).", v.census->tool)});
}

void add_compiled(Document& out, const model::VariantEvidence& v) {
  if (!v.compiled_kernels.empty())
    out.push_back(compiled_table("compiled in " + v.name, v.compiled_kernels));
  else if (!v.compiled_kernels_absent.empty())
    out.push_back(
        Paragraph{"", fmt::format("Registers and spills of {} are not known: {}.", v.name, v.compiled_kernels_absent)});
}

void add_environment(Document& out, const model::TargetEvidence& e) {
  const auto state = [](const char* when, const model::HostState& h) {
    return Cells{when,
                 fmt::format("{:.2f}", h.load1),
                 h.mhz > 0 ? fmt::format("{:.0f}", h.mhz) : "–",
                 format_share(h.foreign_cpu),
                 std::to_string(h.swap_in_pages + h.swap_out_pages),
                 or_none(h.governor)};
  };
  out.push_back(Table{{"environment", "load", "MHz", "foreign CPU", "swapped pages", "governor"},
                      {state("before", e.before), state("after", e.after)},
                      "lrrrrl"});
  if (e.gpu_before && e.gpu_after) out.push_back(gpu_states(*e.gpu_before, *e.gpu_after));
  out.push_back(
      Paragraph{"", fmt::format("A/A floor {} ({}); null call {}; clock resolution {}; the judge waits by {}.",
                                format_share(e.aa_floor), or_none(e.aa_source), format_seconds(e.null_call_seconds),
                                format_seconds(e.clock_resolution_seconds), or_none(e.waiting))});
  Cells missing;
  for (const auto& v : e.variants)
    for (const auto& p : v.sandbox)
      if (!p.present) {
        auto line = fmt::format("{} ({})", p.name, or_none(p.detail));
        if (std::find(missing.begin(), missing.end(), line) == missing.end()) missing.push_back(line);
      }
  if (!missing.empty()) out.push_back(Paragraph{"", fmt::format("Protections absent: {}.", joined(missing, "; "))});
}

void add_provenance(Document& out, const model::TargetEvidence& e) {
  out.push_back(Paragraph{
      "", fmt::format("Provenance: {} to {}; seed {}; ceilings from {}.", or_none(e.started), or_none(e.finished),
                      e.seed.empty() ? "secret until the run is over" : e.seed, or_none(e.ceilings.source))});
  List sources;
  for (const auto& v : e.variants)
    sources.items.push_back(
        {"", fmt::format("{}: {}, compiled with {}", v.name, or_none(v.source), or_none(v.compile_flags))});
  if (!sources.items.empty()) out.push_back(std::move(sources));
}

Table host(const record::Manifest& m) {
  Cells libraries, settings;
  for (const auto& l : m.libraries) libraries.push_back(l.name + " " + (l.version.empty() ? "absent" : l.version));
  for (const auto& s : m.system_settings)
    if (!s.value.empty()) settings.push_back(s.name + " " + s.value);
  const auto& b = m.build;
  const auto& h = m.host;
  Table table{{"", ""}, {}, "ll"};
  const auto add = [&](const char* what, const std::string& value) { table.rows.push_back({what, value}); };
  add("processor", fmt::format("{}, {} cores, {} logical{}{}", h.model, h.cores, h.logical,
                               h.microcode.empty() ? "" : ", microcode " + h.microcode,
                               h.hypervisor.empty() ? "" : ", virtual (" + h.hypervisor + ")"));
  add("memory", format_bytes(static_cast<double>(h.memory_bytes)));
  for (const auto& gpu : m.gpus)
    add("GPU", fmt::format("{}, compute capability {}.{}, {}, driver {}, ECC {}", gpu.name, gpu.compute_major,
                           gpu.compute_minor, format_bytes(static_cast<double>(gpu.memory_bytes)), or_none(gpu.driver),
                           or_none(gpu.ecc)));
  if (h.cgroup_cpu_limit > 0 || h.cgroup_memory_limit)
    add("limits",
        fmt::format("{}, {}", h.cgroup_cpu_limit > 0 ? fmt::format("{:.3g} cores", h.cgroup_cpu_limit) : "all cores",
                    h.cgroup_memory_limit ? format_bytes(static_cast<double>(h.cgroup_memory_limit)) : "all memory"));
  add("system", fmt::format("{}, {}", or_none(h.os), or_none(h.kernel)));
  if (!settings.empty()) add("settings", joined(settings, "; "));
  add("build", fmt::format("aisp {}, {} {}, {}, variants {}", m.aisp_version, b.compiler, b.compiler_version, b.flags,
                           b.variant_flags) +
                   (b.cuda.empty() ? "" : fmt::format(", CUDA {} for sm_{}", b.cuda, b.cuda_arch)));
  add("commit", or_none(b.git_commit) + (b.git_dirty ? " with changes" : ""));
  add("libraries", joined(libraries));
  add("command", joined(m.settings.command_line, " "));
  add("seed", m.seed ? *m.seed : "secret until the run is over");
  add("calibration", or_none(m.calibration));
  return table;
}

void add_figure(Document& out, std::string html) {
  if (!html.empty()) out.push_back(Figure{std::move(html)});
}

// Reasons against publishing, each once: those of the run, then those of targets with the targets that share them.
std::vector<std::string> grouped(const std::vector<std::string>& reasons,
                                 const std::vector<model::TargetEvidence>& evidence) {
  constexpr std::size_t kNamed = 3;
  struct Reason {
    std::string text;
    Cells targets;  // none: it holds for the run
  };
  std::vector<Reason> all;
  for (const auto& given : reasons) {
    std::string text = given, target;
    for (const auto& e : evidence)
      if (given.starts_with(e.target + ": ")) target = e.target, text = given.substr(target.size() + 2);
    const auto known = std::find_if(all.begin(), all.end(), [&](const Reason& r) { return r.text == text; });
    if (known == all.end())
      all.push_back({text, target.empty() ? Cells{} : Cells{target}});
    else if (!known->targets.empty() && !target.empty())
      known->targets.push_back(target);
    else
      known->targets.clear();
  }
  std::vector<std::string> said;
  for (const auto& r : all) {
    if (r.targets.empty())
      said.push_back(r.text);
    else if (r.targets.size() <= kNamed)
      said.push_back(joined(r.targets) + ": " + r.text);
    else if (r.targets.size() == evidence.size())
      said.push_back("every target: " + r.text);
    else
      said.push_back(fmt::format("{} of {} targets: {}", r.targets.size(), evidence.size(), r.text));
  }
  return said;
}

constexpr std::size_t kMostHtml = 2'000'000;  // bytes: what a mail takes and a phone opens

// How finely samples are drawn, from all that a screen can show to not at all.
constexpr std::array kBins{72, 24, 0};

// `bins` of each distribution of samples; 0 = none is drawn.
Document report(const record::RunData& run, int bins) {
  const auto& m = run.manifest;
  Document out{Heading{1, "aisp run " + m.run},
               Paragraph{"", fmt::format("Started {}, {}.", m.started,
                                         m.finished.empty() ? "not over yet" : "finished " + m.finished)}};
  if (bins != kBins[0])
    out.push_back(Paragraph{"", fmt::format("So many samples would make this file larger than {} MB: their "
                                            "distributions are {}. The evidence of the run holds every sample.",
                                            kMostHtml / 1'000'000, bins > 0 ? "drawn coarsely" : "left out")});
  std::vector<Row> rows;
  for (const auto& e : run.evidence)
    for (auto& row : rows_of(e, run.verdict_of(e.target))) rows.push_back(std::move(row));
  out.push_back(result_table(rows));
  out.push_back(Paragraph{"", summary_line(summarise(run))});
  add_figure(out, speedup_figure(run));
  out.push_back(Paragraph{"", fmt::format("Publishable: {}.", m.publishable ? "yes" : "no")});
  if (!m.publishable && !m.unpublishable_reasons.empty()) {
    List reasons;
    for (auto& reason : grouped(m.unpublishable_reasons, run.evidence))
      reasons.items.push_back({"", std::move(reason)});
    out.push_back(std::move(reasons));
  }
  out.push_back(Heading{2, "Host and build"});
  out.push_back(host(m));
  for (const auto& e : run.evidence) {
    const auto* verdict = run.verdict_of(e.target);
    out.push_back(Heading{2, e.target});
    if (!e.error.empty()) {
      out.push_back(Paragraph{"", "Could not be run: " + e.error});
      continue;
    }
    if (e.interrupted) out.push_back(Paragraph{"", "Interrupted; what follows is what was observed until then."});
    add_problem(out, e);
    if (verdict) add_violations(out, *verdict);
    if (bins > 0) add_figure(out, samples_figure(e, bins));
    add_variants(out, e, verdict);
    add_figure(out, roofline_figure(e, verdict));
    for (const auto& v : e.variants) {
      add_census(out, v, verdict ? median_of(*verdict, v.name) : 0);
      add_compiled(out, v);
    }
    add_environment(out, e);
    add_provenance(out, e);
  }
  return out;
}

}  // namespace

std::string markdown_report(const record::RunData& run) { return to_markdown(report(run, kBins[0])); }

std::string html_report(const record::RunData& run) {
  const auto title = "aisp run " + run.manifest.run;
  for (const int bins : kBins)
    if (auto html = to_html(report(run, bins), title); html.size() <= kMostHtml) return html;
  return to_html(report(run, kBins.back()), title, kMostHtml);
}

Summary summarise(const record::RunData& run) { return record::stored(run).summary; }

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
