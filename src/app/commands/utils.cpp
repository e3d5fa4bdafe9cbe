// aisp utils: calculators and probes, as `utils NAME ARGS` and as `utils --tool NAME -- ARGS`.
#include "app/commands/utils.hpp"

#include "app/commands/commands.hpp"

#include <utility>

namespace aisp::app {

CLI::App* add_tool(CLI::App& utils, Context& context, const std::string& name, const std::string& about,
                   const std::string& method, const std::string& example, std::function<int()> action) {
  auto* tool = add_command(utils, context, name, about, example, std::move(action));
  tool->footer(method + "\n\n" + tool->get_footer());
  return tool;
}

void add_utils(CLI::App& root, Context& context) {
  auto* utils = root.add_subcommand("utils", "Calculators and probes");
  utils->require_subcommand(1)->fallthrough();
  utils->footer(
      "The same, as in older scripts:  aisp utils --tool NAME -- ARGS\n\nExample:\n  aisp utils kv-cache --layers 80 "
      "--hidden 8192 --tokens 4096 --batch 8 --dtype fp8");
  add_kv_cache(*utils, context);
  add_cost_per_token(*utils, context);
  add_spec_config_sweep(*utils, context);
  add_cluster_size(*utils, context);
  add_compare_precision(*utils, context);
  add_async_input_sweep(*utils, context);
  add_detect_cutlass(*utils, context);
  add_hardware(*utils, context);
}

std::vector<std::string> with_tool_named(std::vector<std::string> words) {
  const std::string flag = "--tool";
  for (std::size_t i = 2; i < words.size() && words[1] == "utils"; ++i) {
    if (words[i] == "--") break;
    const bool apart = words[i] == flag, joined = words[i].starts_with(flag + "=");
    if (!apart && !joined) continue;
    if (apart && i + 1 == words.size())
      throw UsageError("--tool needs the name of a tool; aisp utils --help lists them");
    const auto name = joined ? words[i].substr(flag.size() + 1) : words[i + 1];
    const auto at = words.begin() + static_cast<std::ptrdiff_t>(i);
    const auto rest = words.erase(at, at + (apart ? 2 : 1));
    const auto separator = std::find(rest, words.end(), "--");
    if (separator != words.end()) words.erase(separator);
    words.insert(words.begin() + 2, name);
    break;
  }
  return words;
}

}  // namespace aisp::app
