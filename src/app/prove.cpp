#include "app/prove.hpp"

#include "analysis/publishable.hpp"
#include "analysis/verdict.hpp"
#include "app/names.hpp"
#include "validity/overlap.hpp"
#include "verify/cases.hpp"
#include "verify/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <tuple>

namespace aisp::app {
namespace {

using validity::Attack;
using validity::End;
using validity::Form;
using validity::Issue;

constexpr double kGain = 1.1;  // what an attack that gains nothing may seem to gain on a busy machine

const model::VariantEvidence* evidence_of(const model::TargetEvidence& e, std::string_view name) {
  for (const auto& v : e.variants)
    if (v.name == name) return &v;
  return nullptr;
}
const model::VariantVerdict* verdict_of(const model::TargetVerdict& verdict, std::string_view name) {
  for (const auto& v : verdict.variants)
    if (v.name == name) return &v;
  return nullptr;
}

// What became of a variant, in one line.
std::string story(const model::VariantEvidence& v, const model::TargetVerdict& verdict) {
  for (const auto& violation : verdict.violations)
    if (violation.variant == v.name) return violation.issue + ": " + violation.seen;
  if (v.status != model::Status::ok) return to_string(v.status) + ": " + v.message;
  if (v.verification.wrong_calls)
    return fmt::format("wrong output in {} of {} calls, first in {}", v.verification.wrong_calls, v.verification.calls,
                       v.verification.failed_case);
  const auto* judged = verdict_of(verdict, v.name);
  if (!judged) return "no verdict";
  if (judged->speedup > 0) return fmt::format("{} {:.2f}x", to_string(judged->word), judged->speedup);
  return "right, " + (judged->why.empty() ? "no speedup" : judged->why);
}

// How the attack ended, when it ended as the catalogue says.
bool caught(const Issue& issue, const Attack& attack, const model::TargetEvidence& e,
            const model::TargetVerdict& verdict, std::string_view name, std::string& by) {
  const auto* v = evidence_of(e, name);
  const auto* judged = verdict_of(verdict, name);
  if (!v || !judged) {
    by = e.error.empty() ? "no evidence" : e.error;
    return false;
  }
  by = story(*v, verdict);
  const bool withheld = !(judged->speedup > 0);
  const bool named = std::any_of(verdict.violations.begin(), verdict.violations.end(), [&](const auto& violation) {
    return violation.variant == name && violation.issue == issue.id;
  });
  switch (attack.end) {
    case End::wrong_output: return withheld && v->status == model::Status::ok && v->verification.wrong_calls > 0;
    case End::violation:
      for (const auto& violation : verdict.violations)
        if (violation.variant == name && (violation.issue == issue.id || violation.issue == attack.detail)) {
          by = "violation: " + violation.seen;
          return withheld;
        }
      return false;
    case End::status: return withheld && to_string(v->status) == attack.detail;
    case End::harmless:  // whatever else became of it, it was not called faster
      return named || !(judged->correct && judged->word == model::Word::fast && judged->speedup >= kGain);
    case End::unresolved: return judged->correct && judged->word == model::Word::unresolved;
    case End::unpublishable:
      for (const auto& condition : analysis::conditions(e))
        if (condition.issue == issue.id) {
          by = "not publishable: " + condition.text;
          return true;
        }
      return false;
    case End::finding: return false;
  }
  return false;
}

void check_twin(const model::TargetEvidence& e, const model::TargetVerdict& verdict, std::string_view name,
                IssueResult& result) {
  const auto* v = evidence_of(e, name);
  const auto* judged = verdict_of(verdict, name);
  if (!v || !judged)
    result.rejected_twin = e.error.empty() ? "no evidence" : e.error;
  else if (!judged->correct || std::any_of(verdict.violations.begin(), verdict.violations.end(),
                                           [&](const auto& x) { return x.variant == name; }))
    result.rejected_twin = story(*v, verdict);
}

}  // namespace

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::caught: return "CAUGHT";
    case Outcome::missed: return "MISSED";
    case Outcome::not_run: return "NOT RUN";
  }
  return "?";
}

Prover::Prover(const Context& context, Session& session, ProofDevices devices)
    : context_(context),
      session_(session),
      devices_(std::move(devices)),
      folder_(context.paths.root() / "lib/aisp/attacks"),
      workloads_(folder_) {}

judge::Settings Prover::settings(const Attack& attack) const {
  judge::Settings s;
  s.seed = judge::fresh_seed();
  s.pairs = attack.pairs;
  s.restarts = attack.restarts;
  s.calls = attack.calls;
  s.timeout = attack.timeout;
  s.memory_bytes = static_cast<std::uint64_t>(attack.memory_mib) << 20;
  s = session_.equip(s, std::string(attack.device));
  if (attack.form == Form::worker) s.worker = (std::filesystem::path(s.worker).parent_path() / "aisp-meddler").string();
  return s;
}

judge::Contestant Prover::contestant(const Issue& issue, std::string_view name, const Attack& attack) const {
  judge::Contestant c;
  c.plugin = (folder_ / fmt::format("{}{}.so", issue.category(), attack.device == "cuda" ? "_cuda" : "")).string();
  c.variant = fmt::format("{}:{}", issue.name(), name);
  c.info.name = c.variant;
  c.info.device = attack.device;
  c.info.flags = "-O2";
  c.info.source =
      fmt::format("attacks/{}/{}.{}", issue.category(), issue.name(), attack.device == "cuda" ? "cu" : "cpp");
  return c;
}

// Attacks that run under the same conditions share one judgement, beside one twin.
void Prover::run_group(const Issue& issue, std::vector<AttackResult*> group, IssueResult& result) {
  const Attack& first = *group.front()->attack;
  std::vector<judge::Contestant> contestants;
  for (auto* r : group) {
    contestants.push_back(contestant(issue, r->attack->name, *r->attack));
    if (issue.id == "compile.backend_asymmetry") contestants.back().info.flags = r->attack->detail;
  }
  contestants.insert(first.as_baseline ? contestants.end() : contestants.begin(), contestant(issue, first.twin, first));
  const auto name = [&](std::string_view attack) { return fmt::format("{}:{}", issue.name(), attack); };

  // A forced batch is the attack: the twin is judged apart, in batches as planned.
  if (first.calls) contestants.erase(contestants.begin());
  const auto& entry = workloads_.find("workloads.so", fmt::format("attack:{}", first.workload));
  model::TargetEvidence evidence;
  model::TargetVerdict verdict;
  for (int attempt = 0; attempt < first.tries; ++attempt) {
    evidence = judge::judge_target(entry, contestants, settings(first), session_.facts(), {}, {});
    verdict = analysis::verdict(evidence);
    bool all = true;
    for (auto* r : group) {
      const bool is = caught(issue, *r->attack, evidence, verdict, name(r->attack->name), r->by);
      r->outcome = is ? Outcome::caught : Outcome::missed;
      all &= is;
    }
    if (all || session_.interrupted()) break;
  }
  if (first.calls) {
    auto planned = settings(first);
    planned.calls = 0;
    const auto alone =
        judge::judge_target(entry, {contestant(issue, first.twin, first)}, planned, session_.facts(), {}, {});
    check_twin(alone, analysis::verdict(alone), name(first.twin), result);
  } else {
    check_twin(evidence, verdict, name(first.twin), result);
  }
}

void Prover::run_variants(const Issue& issue, IssueResult& result) {
  const auto conditions = [](const Attack& a) {
    return std::tuple(a.form, a.device, a.workload, a.twin, a.as_baseline ? a.name : "", a.pairs, a.restarts, a.calls,
                      a.timeout, a.memory_mib, a.tries);
  };
  std::vector<AttackResult*> waiting;
  for (auto& r : result.attacks) {
    const Attack& a = *r.attack;
    if (a.form != Form::variant && a.form != Form::worker) continue;
    if (a.device == "cuda" && !devices_.cuda)
      r.by = "needs a GPU" + (devices_.why_no_cuda.empty() ? "" : ": " + devices_.why_no_cuda);
    else if (a.device == "cuda" && devices_.gpus < a.gpus)
      r.by = fmt::format("needs {} GPUs, {} here", a.gpus, devices_.gpus);
    else if (a.device == "cpu" && !devices_.cpu)
      r.by = "a CPU form; run it with --device cpu";
    else
      waiting.push_back(&r);
  }
  while (!waiting.empty()) {
    const auto key = conditions(*waiting.front()->attack);
    std::vector<AttackResult*> group;
    for (auto* r : waiting)
      if (conditions(*r->attack) == key) group.push_back(r);
    std::erase_if(waiting, [&](auto* r) { return conditions(*r->attack) == key; });
    run_group(issue, group, result);
  }
}

// What `bench audit` says of a workload that its author got wrong.
void Prover::examine_workload(AttackResult& r) {
  std::vector<std::string> findings;
  try {
    const auto& entry = workloads_.find("workloads.so", fmt::format("attack:{}", r.attack->workload));
    findings = verify::lint(verify::light_case(entry), verify::derive({}, entry.target));
  } catch (const std::exception& e) {
    findings = {e.what()};
  }
  r.outcome = findings.empty() ? Outcome::missed : Outcome::caught;
  r.by = findings.empty() ? "bench audit finds nothing" : "bench audit: " + findings.front();
}

void Prover::compare_files(const Issue& issue, AttackResult& r, IssueResult& result) {
  const auto folder = context_.paths.root() / "share/aisp/attacks" / issue.category() / issue.name();
  const auto training = folder / r.attack->detail;
  const auto against = [&](const std::filesystem::path& file) {
    return validity::overlap(validity::read_records(file), validity::read_records(folder / "test.txt"));
  };
  const auto found = against(training);
  r.outcome = found.shared() ? Outcome::caught : Outcome::missed;
  r.by = "validity overlap: " + found.text();
  if (const auto honest = against(folder / "training.txt"); honest.shared())
    result.rejected_twin = "training.txt: " + honest.text();
}

IssueResult Prover::prove(const Issue& issue) {
  const auto start = std::chrono::steady_clock::now();
  IssueResult result;
  result.issue = &issue;
  result.by = issue.not_run;
  for (const auto& attack : issue.attacks) result.attacks.push_back({&attack, Outcome::not_run, ""});
  run_variants(issue, result);
  for (auto& r : result.attacks) {
    if (!devices_.cpu && r.attack->form != Form::variant && r.attack->form != Form::worker) {
      r.by = "needs no GPU; run it with --device cpu";
      continue;
    }
    if (r.attack->form == Form::workload) examine_workload(r);
    if (r.attack->form == Form::files) compare_files(issue, r, result);
    if (r.attack->form == Form::simulated) r = simulate(issue, *r.attack);
  }
  bool real = false;
  for (const Outcome wanted : {Outcome::not_run, Outcome::caught, Outcome::missed})  // the worst comes last
    for (auto r = result.attacks.rbegin(); r != result.attacks.rend(); ++r)
      if (r->outcome == wanted) {
        result.outcome = wanted;
        result.by = r->attack->form == Form::simulated ? "simulated: " + r->by : r->by;
        real |= wanted != Outcome::not_run && r->attack->form != Form::simulated;
      }
  result.simulated = result.outcome != Outcome::not_run && !real;
  result.by = one_line(result.by);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace aisp::app
