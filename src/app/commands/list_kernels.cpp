// aisp bench list-kernels: registers, shared memory and spills of every kernel, read from the plugins; needs no GPU.
#include "analysis/compiled_kernels.hpp"
#include "app/catalogue.hpp"
#include "app/commands/commands.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "app/sources.hpp"
#include "device/gpu/cubin.hpp"
#include "record/json.hpp"

#include <fmt/format.h>

#include <map>
#include <memory>

namespace aisp::app {
namespace {

struct Options {
  std::vector<std::string> targets;
  bool spilling = false, check = false;
};

// The device code of each plugin, read once.
class Plugins {
 public:
  const std::vector<device::DeviceCode>& of(const std::string& plugin) {
    const auto known = read_.find(plugin);
    if (known != read_.end()) return known->second;
    return read_.emplace(plugin, device::device_code(device::content_of(plugin))).first->second;
  }

 private:
  std::map<std::string, std::vector<device::DeviceCode>> read_;
};

int list_kernels(const Context& context, const Options& o) {
  const Catalogue catalogue(context.paths);
  const auto targets = o.targets.empty() ? catalogue.targets() : catalogue.select(o.targets);
  Plugins plugins;
  Json document = Json::array();
  std::size_t checked = 0;
  auto header = analysis::compiled_header("kernel");
  header.insert(header.begin(), {"target", "variant"});
  std::vector<std::vector<std::string>> rows{header}, faults{{"source", "fault"}};
  for (const auto& target : targets)
    for (const auto& c : catalogue.contestants(target, "cuda")) {
      std::string absent;
      const auto kernels = device::compiled_kernels(plugins.of(c.plugin), c.info.source, absent);
      const auto source = source_text(context.paths, c.info.source);
      // A baseline may be what the lesson mends, and a library's code is not ours.
      const bool optimized = c.variant != "baseline" && !c.info.peer;
      if (optimized) checked += kernels.size();
      const auto fault = optimized && source ? analysis::spill_fault(kernels, *source) : std::string();
      Json listed = Json::array();
      for (const auto& k : kernels) {
        if (o.spilling && !analysis::spills(k)) continue;
        listed.push_back(Json::parse(record::to_json(k)));
        auto row = analysis::compiled_row(k);
        row.insert(row.begin(), {target.target, c.variant});
        rows.push_back(std::move(row));
      }
      if (o.check && optimized && !source) faults.push_back({c.info.source, "is not at hand, so it cannot be checked"});
      if (!fault.empty()) faults.push_back({c.info.source, fault});
      if (o.spilling && listed.empty()) continue;
      document.push_back({{"target", target.target},
                          {"variant", c.variant},
                          {"source", c.info.source},
                          {"kernels", std::move(listed)},
                          {"absent", absent},
                          {"spill_reason", source ? analysis::spill_reason(*source) : ""},
                          {"fault", fault}});
    }
  if (context.json)
    print_json(document);
  else if (o.check && faults.size() > 1)
    print_out("{}", aligned(faults));
  else if (o.check)
    print_out("{} kernels of optimized variants: none spills without a reason\n", checked);
  else if (rows.size() > 1)
    print_out("{}", aligned(rows));
  else
    print_err("no such kernel in this build\n");
  return o.check && faults.size() > 1 ? kClaimNotMet : kOk;
}

}  // namespace

void add_list_kernels(CLI::App& bench, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* c = add_command(bench, context, "list-kernels", "List CUDA kernels: registers, shared memory, stack, spills",
                        "aisp bench list-kernels --targets ch09", [&context, o] { return list_kernels(context, *o); });
  c->add_option("--targets,-t", o->targets, "Chapters, targets or globs (default: all)")->type_name("GLOB");
  c->add_flag("--spilling", o->spilling, "Only kernels that spill registers");
  c->add_flag("--check", o->check,
              "Exit 1 when an optimized variant spills without a line '// Spills: why' in its source");
}

}  // namespace aisp::app
