// aisp bench verify: correctness alone, on edge shapes, held-out shapes and adversarial inputs. Nothing is timed or
// kept.
#include "analysis/verdict.hpp"
#include "app/catalogue.hpp"
#include "app/commands/commands.hpp"
#include "app/devices.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "app/progress.hpp"
#include "app/suite.hpp"
#include "app/timing_options.hpp"

#include <fmt/format.h>

#include <memory>
#include <set>

namespace aisp::app {
namespace {

int exit_code_of(const model::TargetEvidence& evidence) {
  int code = evidence.error.empty() ? kOk : kCrash;
  for (const auto& variant : evidence.variants) {
    const auto& seen = variant.verification;
    if (analysis::absent_peer(variant)) continue;
    if (variant.status != model::Status::ok) code = analysis::worst_exit_code(code, kCrash);
    if (seen.guard_violations || seen.input_violations) code = analysis::worst_exit_code(code, kViolation);
    if (seen.wrong_calls || seen.calls == 0) code = analysis::worst_exit_code(code, kWrongOutput);
  }
  return code;
}

std::string outcome_of(const model::VariantEvidence& variant) {
  const auto& seen = variant.verification;
  if (variant.status != model::Status::ok) return model::to_string(variant.status) + ": " + one_line(variant.message);
  if (seen.guard_violations || seen.input_violations) return "wrote outside its outputs";
  if (seen.wrong_calls)
    return fmt::format("WRONG in {} calls, first: {}", seen.wrong_calls, one_line(seen.failed_case));
  return seen.calls ? "right" : "not verified";
}

void add_rows(const model::TargetEvidence& evidence, std::vector<std::vector<std::string>>& rows) {
  if (!evidence.error.empty()) rows.push_back({evidence.target, "", "", "", one_line(evidence.error)});
  for (const auto& variant : evidence.variants)
    rows.push_back({evidence.target, variant.name, std::to_string(variant.verification.calls),
                    fmt::format("{:.3g}", variant.verification.max_error), outcome_of(variant)});
}

Json summary(const model::TargetEvidence& evidence, int code) {
  Json variants = Json::array();
  for (const auto& variant : evidence.variants) {
    const auto& seen = variant.verification;
    variants.push_back({{"name", variant.name},
                        {"status", model::to_string(variant.status)},
                        {"message", one_line(variant.message)},
                        {"calls", seen.calls},
                        {"wrong_calls", seen.wrong_calls},
                        {"max_error", seen.max_error},
                        {"norm_error", seen.norm_error},
                        {"failed_case", seen.failed_case},
                        {"guard_violations", seen.guard_violations},
                        {"input_violations", seen.input_violations}});
  }
  return {{"target", evidence.target},
          {"error", evidence.error},
          {"seed", evidence.seed},
          {"exit_code", code},
          {"variants", std::move(variants)}};
}

int verify(const Context& context, const std::vector<std::string>& words, const TimingOptions& timing) {
  const Catalogue catalogue(context.paths);
  auto targets = catalogue.select(words);
  Devices devices(timing.device);
  const auto why_not = devices.why_not(targets.front());
  std::erase_if(targets, [&](const model::TargetInfo& target) { return devices.of(target).empty(); });
  if (targets.empty()) throw UsageError(why_not);
  const auto settings = judge_settings(timing);
  Session session(context);
  std::set<std::string> used;
  for (const auto& target : targets) used.insert(devices.of(target));
  session.take(used);
  WorkloadLibraries workloads(context.paths.workloads());
  ProgressBar bar(static_cast<int>(targets.size()));
  std::vector<std::vector<std::string>> rows{{"target", "variant", "calls", "max error / tolerance", "outcome"}};
  Json document = Json::array();
  int code = kOk;
  for (const auto& target : targets) {
    bar.begin(target.target);
    model::TargetEvidence evidence;
    const auto device = devices.of(target);
    try {
      evidence = judge::verify_target(workloads.find(target.workload_library, target.target),
                                      devices.contestants(catalogue, target), session.equip(settings, device),
                                      session.facts(), [&](const judge::Event& event) { bar.update(event); });
    } catch (const std::exception& error) {
      evidence = failed_target(target.target, device, settings.scale, error.what());
    }
    bar.clear();
    if (evidence.interrupted || session.interrupted()) {
      print_err("interrupted; {} of {} targets were verified\n", document.size(), targets.size());
      code = kCrash;
      break;
    }
    const int worst = exit_code_of(evidence);
    code = analysis::worst_exit_code(code, worst);
    add_rows(evidence, rows);
    document.push_back(summary(evidence, worst));
  }
  if (context.json)
    print_json(document);
  else
    print_out("{}seed {}\n", aligned(rows), judge::to_hex(settings.seed));
  return code;
}

}  // namespace

void add_bench_verify(CLI::App& bench, Context& context) {
  struct Options {
    std::vector<std::string> targets;
    TimingOptions timing;
  };
  const auto o = std::make_shared<Options>();
  auto* command = add_command(
      bench, context, "verify", "Check correctness alone: edge and held-out shapes, hard inputs",
      "aisp bench verify -t ch09:softmax", [&context, o] { return verify(context, o->targets, o->timing); });
  command->add_option("--targets,-t", o->targets, "Chapters, targets or globs")->type_name("GLOB")->required();
  add_timing_options(*command, o->timing, false);
}

}  // namespace aisp::app
