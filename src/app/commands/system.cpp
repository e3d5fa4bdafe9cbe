// aisp system info, env, check: what this machine is, and what about it hurts benchmarks.
#include "app/commands/commands.hpp"
#include "app/environment.hpp"
#include "app/gpu_output.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "app/session.hpp"
#include "device/cpu/facts.hpp"

#include <fmt/format.h>
#include <aisp/cpu.hpp>

namespace aisp::app {
namespace {

std::string or_none(const std::string& text) { return text.empty() ? "not visible" : text; }

Json info_json(const device::CpuFacts& f) {
  Json caches = Json::array();
  for (const auto& c : f.caches) caches.push_back({{"level", c.level}, {"bytes", c.bytes}, {"shared_by", c.shared_by}});
  return {{"model", f.model},
          {"vendor", f.vendor},
          {"microcode", f.microcode},
          {"packages", f.packages},
          {"cores", f.cores},
          {"logical", f.logical},
          {"numa_nodes", f.numa_nodes},
          {"allowed_cpus", f.allowed_cpus},
          {"caches", std::move(caches)},
          {"isa", f.isa},
          {"dispatch", cpu::name(cpu::isa())},
          {"memory_bytes", f.memory_bytes},
          {"memory_available_bytes", f.memory_available_bytes},
          {"cgroup_cpu_limit", f.cgroup_cpu_limit},
          {"cgroup_memory_limit", f.cgroup_memory_limit},
          {"os", f.os},
          {"kernel", f.kernel},
          {"hypervisor", f.hypervisor},
          {"governor", f.governor},
          {"turbo", f.turbo},
          {"smt", f.smt},
          {"thp", f.thp},
          {"swap", f.swap},
          {"aslr", f.aslr}};
}

int info(const Context& context) {
  note_ignored_variables();
  const auto f = device::cpu_facts();
  if (context.json) {
    Json document = info_json(f);
    document.update(gpus_json());
    print_json(document);
    return kOk;
  }
  std::string caches;
  for (const auto& c : f.caches)
    caches += fmt::format("{}L{} {} (shared by {})", caches.empty() ? "" : ", ", c.level,
                          human_bytes(static_cast<double>(c.bytes)), c.shared_by);
  const std::string limits =
      fmt::format("{}, {}", f.cgroup_cpu_limit > 0 ? fmt::format("{:.3g} cores", f.cgroup_cpu_limit) : "no cpu limit",
                  f.cgroup_memory_limit ? human_bytes(static_cast<double>(f.cgroup_memory_limit)) : "no memory limit");
  print_out("{}", aligned({{"processor", f.model},
                           {"topology", fmt::format("{} package(s), {} core(s), {} logical, {} NUMA node(s)",
                                                    f.packages, f.cores, f.logical, f.numa_nodes)},
                           {"usable here", fmt::format("cpus {}", fmt::join(f.allowed_cpus, ","))},
                           {"caches", or_none(caches)},
                           {"instructions", fmt::format("{}", fmt::join(f.isa, " "))},
                           {"dispatch", cpu::name(cpu::isa())},
                           {"memory", fmt::format("{}, {} available", human_bytes(static_cast<double>(f.memory_bytes)),
                                                  human_bytes(static_cast<double>(f.memory_available_bytes)))},
                           {"cgroup", limits},
                           {"system", fmt::format("{}, {}", f.os, f.kernel)},
                           {"hypervisor", f.hypervisor.empty() ? "none seen" : f.hypervisor},
                           {"microcode", or_none(f.microcode)}}));
  print_out("{}", aligned(gpu_rows()));
  return kOk;
}

const char* word(EnvironmentCheck::State state) {
  switch (state) {
    case EnvironmentCheck::State::good: return "good";
    case EnvironmentCheck::State::bad: return "bad";
    case EnvironmentCheck::State::unknown: return "unknown";
  }
  return "?";
}

int env(const Context& context) {
  note_ignored_variables();
  const auto checks = check_environment(device::cpu_facts(), read_environment_facts());
  if (context.json) {
    Json document = Json::array();
    for (const auto& c : checks)
      document.push_back({{"setting", c.setting},
                          {"state", word(c.state)},
                          {"found", c.found},
                          {"wanted", c.wanted},
                          {"why", c.why},
                          {"command", c.command}});
    print_json(document);
    return kOk;
  }
  std::vector<std::vector<std::string>> rows{{"setting", "state", "found", "wanted"}};
  for (const auto& c : checks) rows.push_back({c.setting, word(c.state), c.found, c.wanted});
  print_out("{}", aligned(rows));
  for (const auto& c : checks)
    if (c.state == EnvironmentCheck::State::bad) print_out("\n{}: {}\n  {}\n", c.setting, c.why, c.command);
  return kOk;
}

// The same as an answer: exit 5 where a setting hurts, with a line for each.
int check(const Context& context) {
  note_ignored_variables();
  const auto checks = check_environment(device::cpu_facts(), read_environment_facts());
  std::vector<std::string> bad;
  for (const auto& c : checks)
    if (c.state == EnvironmentCheck::State::bad)
      bad.push_back(fmt::format("{} is {}; wanted is {}", c.setting, c.found, c.wanted));
  if (context.json)
    print_json({{"fit", bad.empty()}, {"bad", bad}});
  else if (bad.empty())
    print_out("no setting that is known here hurts benchmarks\n");
  else
    print_out("{}\nwhy, and how to mend it: aisp system env\n", fmt::join(bad, "\n"));
  return bad.empty() ? kOk : kUnstable;
}

}  // namespace

void add_system(CLI::App& root, Context& context) {
  auto& system = *root.add_subcommand("system", "Facts about this machine");
  system.require_subcommand(1)->fallthrough();
  system.footer("Example:\n  aisp system env");
  add_command(system, context, "info", "Processor, caches, topology, memory, operating system and limits",
              "aisp system info --json", [&context] { return info(context); });
  add_command(system, context, "env", "Settings that hurt benchmarks, and the command that fixes each",
              "aisp system env", [&context] { return env(context); });
  add_command(system, context, "check", "Whether settings of this machine hurt benchmarks; exit 5 when one does",
              "aisp system check", [&context] { return check(context); });
}

}  // namespace aisp::app
