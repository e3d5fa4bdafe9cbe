// aisp validity: the catalogue of issues, and the proof that each is caught.
#include "app/commands/commands.hpp"
#include "app/devices.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "app/progress.hpp"
#include "app/prove.hpp"
#include "app/terminal.hpp"
#include "device/gpu/facts.hpp"
#include "validity/catalogue.hpp"
#include "validity/overlap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

namespace aisp::app {
namespace {

using validity::Issue;

std::vector<std::string> ids() {
  std::vector<std::string> all;
  for (const auto& issue : validity::catalogue()) all.emplace_back(issue.id);
  return all;
}

// Issues that a word names: an id, or a category. Throws UsageError.
std::vector<const Issue*> select(const std::vector<std::string>& words) {
  std::vector<const Issue*> chosen;
  for (const auto& issue : validity::catalogue())
    if (words.empty() ||
        std::any_of(words.begin(), words.end(), [&](const auto& w) { return w == issue.id || w == issue.category(); }))
      chosen.push_back(&issue);
  for (const auto& word : words)
    if (std::none_of(chosen.begin(), chosen.end(),
                     [&](const auto* i) { return word == i->id || word == i->category(); }))
      throw UsageError(unknown("issue", word, ids()));
  return chosen;
}

Json to_json(const validity::Attack& a) {
  Json json{{"name", a.name},
            {"form", validity::to_string(a.form)},
            {"device", a.device},
            {"ends", validity::to_string(a.end)}};
  if (!a.detail.empty()) json["detail"] = a.detail;
  if (a.form == validity::Form::variant || a.form == validity::Form::worker || a.form == validity::Form::workload)
    json["workload"] = a.workload;
  if (a.gpus) json["gpus"] = a.gpus;
  return json;
}

Json to_json(const Issue& issue) {
  Json attacks = Json::array();
  for (const auto& a : issue.attacks) attacks.push_back(to_json(a));
  return {{"id", issue.id},
          {"what", issue.what},
          {"by", validity::to_string(issue.by)},
          {"protection", issue.protection},
          {"incident", issue.incident},
          {"source", issue.source},
          {"not_run", issue.not_run},
          {"attacks", std::move(attacks)}};
}

int list(const Context& context, const std::vector<std::string>& words) {
  Json document = Json::array();
  std::vector<std::vector<std::string>> rows{{"issue", "by", "what goes wrong"}};
  for (const auto* issue : select(words)) {
    document.push_back(to_json(*issue));
    rows.push_back({std::string(issue->id), std::string(validity::to_string(issue->by)), std::string(issue->what)});
  }
  if (context.json)
    print_json(document);
  else
    print_out("{}", aligned(rows));
  return kOk;
}

std::string source_of(const Issue& issue, const validity::Attack& a) {
  using validity::Form;
  if (a.form == Form::simulated) return fmt::format("altered evidence: {}", a.detail);
  if (a.form == Form::workload) return "attacks/workloads.cpp";
  if (a.form == Form::files) return fmt::format("attacks/{}/{}/{}", issue.category(), issue.name(), a.detail);
  return fmt::format("attacks/{}/{}.{}{}", issue.category(), issue.name(), a.device == "cuda" ? "cu" : "cpp",
                     a.form == Form::worker ? ", attacks/environment/meddler.cpp" : "");
}

int show(const Context& context, const std::string& id) {
  const auto* issue = validity::find_issue(id);
  if (!issue) throw UsageError(unknown("issue", id, ids()));
  if (context.json) {
    print_json(to_json(*issue));
    return kOk;
  }
  print_out("{}: {}\n", issue->id, issue->what);
  print_out("  protected by  {}: {}\n", validity::to_string(issue->by), issue->protection);
  print_out("  incident      {}\n", issue->incident.empty() ? "none published that we know of" : issue->incident);
  if (!issue->source.empty()) print_out("  source        {}\n", issue->source);
  if (!issue->not_run.empty()) print_out("  not proven    {}\n", issue->not_run);
  for (const auto& a : issue->attacks)
    print_out("  attack        {} ({}{}): {}; {}\n", a.name, a.device, a.gpus ? fmt::format(", {} GPUs", a.gpus) : "",
              validity::to_string(a.end), source_of(*issue, a));
  return kOk;
}

ProofDevices devices_for(const std::string& asked) {
  ProofDevices devices;
  devices.cpu = asked != "cuda";
  if (asked == "cpu") {
    devices.why_no_cuda = "--device cpu";
    return devices;
  }
  devices.why_no_cuda = why_no_cuda();
  devices.cuda = devices.why_no_cuda.empty();
  if (asked == "cuda" && !devices.cuda) throw UsageError("--device cuda: " + devices.why_no_cuda);
  if (devices.cuda) devices.gpus = static_cast<int>(device::gpu_facts().gpus.size());
  return devices;
}

Json to_json(const IssueResult& r) {
  Json attacks = Json::array();
  for (const auto& a : r.attacks)
    attacks.push_back({{"name", a.attack->name},
                       {"device", a.attack->device},
                       {"form", validity::to_string(a.attack->form)},
                       {"outcome", to_string(a.outcome)},
                       {"by", one_line(a.by)}});
  return {{"issue", r.issue->id},
          {"outcome", to_string(r.outcome)},
          {"by", r.by},
          {"simulated", r.simulated},
          {"twin_rejected", one_line(r.rejected_twin)},
          {"seconds", r.seconds},
          {"attacks", std::move(attacks)}};
}

void print_line(const IssueResult& r, bool all) {
  const auto line = [](const char* outcome, std::string_view name, const std::string& by) {
    const auto text = fmt::format("{:<8} {:<36} {}", outcome, name, by);
    const auto columns = static_cast<std::size_t>(stdout_columns());
    print_out("{}\n", text.size() > columns ? text.substr(0, columns - 1) + "…" : text);
  };
  line(to_string(r.outcome), r.issue->id, r.by);
  if (all && r.attacks.size() > 1)
    for (const auto& a : r.attacks)
      line(to_string(a.outcome), fmt::format("  {} ({})", a.attack->name, a.attack->device), one_line(a.by));
  if (!r.rejected_twin.empty()) line("REJECTED", "  the honest twin", one_line(r.rejected_twin));
}

int prove(const Context& context, const std::vector<std::string>& words, const std::string& device, bool all) {
  const auto issues = select(words);
  const auto devices = devices_for(device);
  Session session(context);
  session.take(devices.cuda ? std::set<std::string>{"cpu", "cuda"} : std::set<std::string>{"cpu"});
  Prover prover(context, session, devices);
  ProgressBar bar(static_cast<int>(issues.size()), false);
  Json document = Json::array();
  int caught = 0, missed = 0, not_run = 0, simulated = 0, rejected = 0;
  double seconds = 0;
  for (const auto* issue : issues) {
    bar.begin(std::string(issue->id));
    const auto r = prover.prove(*issue);
    bar.clear();
    if (session.interrupted()) {
      print_err("interrupted; {} of {} issues were tried\n", document.size(), issues.size());
      return kCrash;
    }
    caught += r.outcome == Outcome::caught;
    missed += r.outcome == Outcome::missed;
    not_run += r.outcome == Outcome::not_run;
    simulated += r.simulated;
    rejected += !r.rejected_twin.empty();
    seconds += r.seconds;
    document.push_back(to_json(r));
    if (!context.json) print_line(r, all || r.outcome == Outcome::missed);
    std::fflush(stdout);
  }
  if (context.json)
    print_json({{"issues", std::move(document)},
                {"caught", caught},
                {"simulated", simulated},
                {"missed", missed},
                {"not_run", not_run},
                {"twins_rejected", rejected},
                {"seconds", seconds}});
  else
    print_out(
        "{} issues: {} caught ({} of them simulated), {} missed, {} not run; {} honest twins rejected; {:.0f} s\n",
        issues.size(), caught, simulated, missed, not_run, rejected, seconds);
  return missed || rejected ? kViolation : kOk;
}

int compare_splits(const Context& context, const std::string& training, const std::string& test) {
  validity::Overlap found;
  try {
    found = validity::overlap(validity::read_records(training), validity::read_records(test));
  } catch (const std::runtime_error& error) {
    throw UsageError(error.what());
  }
  if (context.json)
    print_json({{"training", found.training},
                {"test", found.test},
                {"exact", found.exact},
                {"near", found.near},
                {"first", found.first}});
  else
    print_out("{}\n", one_line(found.text()));
  return found.shared() ? kViolation : kOk;
}

}  // namespace

void add_validity(CLI::App& root, Context& context) {
  auto& validity =
      *root.add_subcommand("validity", "Ninety-five ways in which a benchmark lies, and the proof that each is caught");
  validity.require_subcommand(1)->fallthrough();
  validity.footer("Example:\n  aisp validity prove");
  struct Options {
    std::vector<std::string> issues;
    std::string id, device = "auto", training, test;
    bool all = false;
  };
  const auto o = std::make_shared<Options>();
  auto* listing = add_command(validity, context, "list", "List the issues", "aisp validity list timing",
                              [&context, o] { return list(context, o->issues); });
  listing->add_option("issues", o->issues, "Only these issues or categories")->type_name("ISSUE");

  auto* showing =
      add_command(validity, context, "show", "One issue: what protects, where it happened, how it is proven",
                  "aisp validity show output.stale_cache", [&context, o] { return show(context, o->id); });
  showing->add_option("issue", o->id, "Its id")->required()->type_name("ISSUE");

  auto* proving = add_command(
      validity, context, "prove", "Run every attack, and the honest twin beside it, against the judge",
      "aisp validity prove --issue output", [&context, o] { return prove(context, o->issues, o->device, o->all); });
  proving->add_option("--issue,-i", o->issues, "Only these issues or categories")->type_name("ISSUE");
  proving->add_option("--device", o->device, "Which forms of the attacks: cpu, cuda, or auto for all that can run here")
      ->check(one_of("device", {"auto", "cpu", "cuda"}));
  proving->add_flag("--all,-a", o->all, "A line for each attack too");

  auto* splits = add_command(validity, context, "overlap",
                             "Compare two splits of a data set, a record a line: exact and near duplicates",
                             "aisp validity overlap train.txt test.txt",
                             [&context, o] { return compare_splits(context, o->training, o->test); });
  splits->add_option("training", o->training, "The training split")->required()->type_name("FILE");
  splits->add_option("test", o->test, "The split that is tested on")->required()->type_name("FILE");
}

}  // namespace aisp::app
