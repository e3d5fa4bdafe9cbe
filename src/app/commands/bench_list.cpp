// aisp bench list-chapters, list-targets: what can be run.
#include "app/catalogue.hpp"
#include "app/commands/commands.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace aisp::app {
namespace {

int list_chapters(const Context& context) {
  const Catalogue catalogue(context.paths);
  Json document = Json::array();
  std::vector<std::vector<std::string>> rows{{"chapter", "targets"}};
  for (const auto& chapter : catalogue.chapters()) {
    std::vector<std::string> names;
    for (const auto& target : catalogue.targets())
      if (target.chapter == chapter) names.push_back(target.name);
    document.push_back({{"chapter", chapter}, {"targets", names}});
    rows.push_back({chapter, fmt::format("{}", fmt::join(names, " "))});
  }
  if (context.json)
    print_json(document);
  else
    print_out("{}", aligned(rows));
  return kOk;
}

int list_targets(const Context& context, const std::string& chapter, const std::string& device) {
  const Catalogue catalogue(context.paths);
  const auto chapters = catalogue.chapters();
  if (!chapter.empty() && std::find(chapters.begin(), chapters.end(), chapter) == chapters.end())
    throw UsageError(unknown("chapter", chapter, chapters));
  Json document = Json::array();
  std::vector<std::vector<std::string>> rows{{"target", "variants"}};
  for (const auto& target : catalogue.targets()) {
    if (!chapter.empty() && target.chapter != chapter) continue;
    if (!device.empty() && !has_device(target, device)) continue;
    std::string names;
    Json variants = Json::array();
    for (const auto& variant : target.variants) {
      names += (names.empty() ? "" : " ") + variant.name + (variant.peer ? " (peer)" : "") +
               (variant.device == "cpu" ? "" : " (" + variant.device + ")");
      variants.push_back({{"name", variant.name},
                          {"peer", variant.peer},
                          {"device", variant.device},
                          {"source", variant.source},
                          {"flags", variant.flags}});
    }
    rows.push_back({target.target, names});
    document.push_back({{"target", target.target},
                        {"chapter", target.chapter},
                        {"workload_source", target.workload_source},
                        {"variants", std::move(variants)}});
  }
  if (context.json)
    print_json(document);
  else if (rows.size() > 1)
    print_out("{}", aligned(rows));
  else
    print_err("no such target in this build\n");
  return kOk;
}

}  // namespace

void add_bench_list(CLI::App& bench, Context& context) {
  add_command(bench, context, "list-chapters", "List chapters and labs", "aisp bench list-chapters",
              [&context] { return list_chapters(context); });

  struct Filter {
    std::string chapter, device;
  };
  const auto filter = std::make_shared<Filter>();
  auto* targets = add_command(bench, context, "list-targets", "List targets and their variants",
                              "aisp bench list-targets --chapter ch07",
                              [&context, filter] { return list_targets(context, filter->chapter, filter->device); });
  targets->add_option("--chapter", filter->chapter, "Only this chapter or lab")->type_name("CHAPTER");
  targets->add_option("--device", filter->device, "Only targets with a variant for this device")
      ->check(one_of("device", {"cpu", "cuda"}));
}

}  // namespace aisp::app
