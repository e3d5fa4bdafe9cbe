#include "app/own_file.hpp"

#include "app/compile.hpp"
#include "app/devices.hpp"
#include "app/kernels.hpp"
#include "app/names.hpp"
#include "app/print.hpp"
#include "app/workloads.hpp"
#include "device/cpu/elf.hpp"
#include "judge/team.hpp"
#include "model/text.hpp"
#include "record/redact.hpp"
#include "verify/cases.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <sstream>

namespace aisp::app {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostEntry = 4096;
constexpr std::size_t kMostPrinted = 64 << 10;

// A name for the table: the file's stem, letters, digits, '-' and '_' only, unlike every built-in name.
std::string variant_name(const fs::path& file, const model::TargetInfo& target) {
  std::string name;
  for (const unsigned char c : file.stem().string())
    name += std::isalnum(c) || c == '-' || c == '_' ? static_cast<char>(c) : '_';
  if (name.empty() || !std::isalnum(static_cast<unsigned char>(name.front()))) name = "candidate" + name;
  const auto taken = [&](const model::VariantInfo& variant) { return variant.name == name; };
  while (std::any_of(target.variants.begin(), target.variants.end(), taken)) name += "_candidate";
  return name;
}

void require_file(const std::string& named) {
  const fs::path file(named);
  std::error_code error;
  if (!fs::exists(file, error)) throw UsageError(fmt::format("{}: no such file", file.string()));
  if (!fs::is_regular_file(file, error)) throw UsageError(fmt::format("{} is not a file", file.string()));
  if (!is_source(file) && file.extension() != ".so")
    throw UsageError(fmt::format("{}: give a .cu, .cpp, .cc, .cxx or .c source, or a .so plugin", file.string()));
}

// Where a source runs; "" for a plugin, which says so itself.
std::string device_of(const fs::path& file) {
  return !is_source(file) ? "" : file.extension() == ".cu" ? "cuda" : "cpu";
}

// Throws UsageError when the target has nothing for that device, or when the user asked for another one.
void require_device(const model::TargetInfo& target, const std::string& asked, const std::string& device,
                    const std::string& file) {
  if (asked != "auto" && asked != device)
    throw UsageError(fmt::format("--device {}: {} is for {}", asked, file, device == "cuda" ? "CUDA" : "the CPU"));
  if (!has_device(target, device))
    throw UsageError(fmt::format("{} has no variant for the {}", target.target, device == "cuda" ? "GPU" : "CPU"));
}

// What the target has for that device, which is what the user's file is set against. Throws UsageError when that is
// nothing, or when the device is not there.
std::vector<judge::Contestant> opponents(const Catalogue& catalogue, const model::TargetInfo& target,
                                         const std::string& asked, const std::string& device, const std::string& file) {
  require_device(target, asked, device, file);
  return catalogue.contestants(target, Devices(device).require(target));
}

struct Making {  // of a contestant
  const Context& context;
  const Catalogue& catalogue;
  const OwnFileOptions& options;
  const std::string& device;  // that the user asked for
  const model::TargetInfo& target;
  const judge::Settings& settings;
  const fs::path& scratch;

  // Without those, nothing says how the file's own opponents are compiled.
  std::string flags(const std::string& of_device) const {
    require_device(target, device, of_device, options.file);
    return catalogue.contestants(target, of_device).front().info.flags;
  }
};

// A .cu for NVRTC: compiled once without a GPU, so that an error costs nothing but one line, and then by every worker.
void make_kernels(const Making& m, judge::Contestant& mine) {
  if (!m.options.flags.empty())
    throw UsageError("--flags: NVRTC compiles with the workload's flags alone; set CUDACXX");
  auto made = place_kernels({.source = m.options.file,
                             .plugin = m.context.paths.variants() / "nvrtc.so",
                             .include = m.context.paths.include(),
                             .output = m.scratch / "plugin" / "candidate.so",
                             .flags = m.flags("cuda")});
  mine.plugin = std::move(made.plugin);
  mine.variant = std::move(made.variant);
  mine.libraries = std::move(made.libraries);
  mine.info.flags = std::move(made.info.flags);
  WorkloadLibraries workloads(m.context.paths.workloads());
  require_compiles(mine, verify::light_case(workloads.find(m.target.workload_library, m.target.target)), m.settings,
                   m.scratch / "check");
}

void make_plugin(const Making& m, judge::Contestant& mine) {
  const CompileJob job{.source = m.options.file,
                       .include = m.context.paths.include(),
                       .output = m.scratch / "plugin" / "candidate.so",
                       .target = m.target.target,
                       .variant = mine.info.name,
                       .flags = m.flags(mine.info.device),
                       .more_flags = m.options.flags,
                       .interrupted = m.settings.interrupted};
  fs::create_directories(job.output.parent_path());
  auto compiled = compile(job);
  for (const auto& what : compiled.unconfined)
    print_err("note: this system gives a compiler's sandbox no {}\n", one_line(what));
  mine.info.flags = std::move(compiled.command);
  mine.source_switches = std::move(compiled.source_switches);
  mine.plugin = job.output.string();
}

// The plugin that holds the user's implementation; sources are compiled into the session's scratch folder.
judge::Contestant contestant(const Making& m) {
  const auto& o = m.options;
  judge::Contestant mine;
  mine.variant = o.variant;
  mine.environment = o.environment;
  mine.info.name = variant_name(o.variant.empty() ? o.file : o.variant, m.target);
  mine.info.device = device_of(o.file);
  mine.info.source = o.file;
  if (compiled_at_run_time(o.file)) {
    make_kernels(m, mine);
  } else if (is_source(o.file)) {
    make_plugin(m, mine);
  } else {
    if (!o.flags.empty()) throw UsageError(fmt::format("--flags: {} is a plugin, which is used as it is", o.file));
    mine.plugin = fs::absolute(o.file).string();
    mine.info.flags = "not known: built elsewhere";
  }
  return mine;
}

std::vector<judge::PluginVariant> describe(const std::string& plugin, const judge::Settings& settings,
                                           const fs::path& scratch) {
  fs::create_directories(scratch);
  return judge::describe_plugin(
      plugin, {.executable = settings.worker, .timeout = settings.timeout, .interrupted = settings.interrupted},
      scratch.string());
}

// Asks a sandboxed worker what the plugin holds, so that a file that cannot be used costs nothing but one line.
judge::PluginVariant require_usable(const judge::Contestant& mine, const model::TargetInfo& target,
                                    const judge::Settings& settings, const fs::path& scratch) {
  std::vector<judge::PluginVariant> variants;
  try {
    variants = describe(mine.plugin, settings, scratch);
  } catch (const judge::WorkerFailure& failure) {
    if (failure.status == model::Status::refused) throw UsageError(failure.what());
    throw std::runtime_error(fmt::format("{} cannot be loaded: {}", mine.info.source, failure.what()));
  }
  std::vector<std::string> names;
  judge::PluginVariant chosen;
  for (const auto& variant : variants) {
    if (!variant.target.empty() && variant.target != target.target) continue;
    names.push_back(variant.name);
    if (mine.variant.empty() || mine.variant == variant.name) chosen = variant;
  }
  if (names.empty())
    throw UsageError(fmt::format("{} holds no variant for {}; its first is for {}", mine.info.source, target.target,
                                 variants.empty() ? "nothing" : one_line(variants.front().target)));
  if (!mine.variant.empty() && std::find(names.begin(), names.end(), mine.variant) == names.end())
    throw UsageError(unknown("variant", mine.variant, names));
  if (mine.variant.empty() && names.size() > 1)
    throw UsageError(fmt::format("{} holds several variants; choose one with --variant {}", mine.info.source,
                                 one_line(fmt::format("{}", fmt::join(names, "|")))));
  return chosen;
}

bool has_thread_runtime(const std::string& plugin) {
  const auto content = device::content_of(plugin);
  for (const auto& library : device::linkage_of(content).needed)
    for (const char* runtime : {"libgomp.", "libomp.", "libiomp5.", "libtbb."})
      if (library.starts_with(runtime)) return true;
  return false;
}

// How many threads its worker gets. One is what a file declares that says nothing of threads: where it was linked with
// a runtime that makes them, it gets all that the machine has, else as many as the baseline.
int threads_of(const judge::PluginVariant& declared, const judge::Contestant& mine, const judge::Contestant& baseline,
               const model::TargetInfo& target, const judge::Settings& settings, const fs::path& scratch) {
  if (declared.threads != 1 || mine.info.device != "cpu") return declared.threads;
  if (has_thread_runtime(mine.plugin)) return 0;
  try {
    for (const auto& variant : describe(baseline.plugin, settings, scratch))
      if (variant.target == target.target && variant.name == baseline.variant) return variant.threads;
  } catch (const judge::WorkerFailure&) {  // which will be said of the baseline itself
  }
  return declared.threads;
}

// What a worker's variables decide is the judge's, and what is recorded is for all to read.
void require_environment(const std::vector<std::string>& environment) {
  constexpr std::array kJudges = {"PATH", "TMPDIR", "GLIBC_TUNABLES", "GCONV_PATH", "LOCPATH", "CUDA_VISIBLE_DEVICES"};
  constexpr std::array kPrefixes = {"LD_", "AISP_", "CUDA_INJECTION", "NVTX_INJECTION", "CUPTI_"};
  for (const auto& entry : environment) {
    const auto equals = entry.find('=');
    const auto name = entry.substr(0, equals);
    const bool word = !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0])) &&
                      std::all_of(name.begin(), name.end(),
                                  [](unsigned char c) { return c < 0x80 && (std::isalnum(c) || c == '_'); });
    if (equals == std::string::npos || !word)
      throw UsageError(fmt::format("--env {}: give NAME=VALUE", one_line(entry.substr(0, 80))));
    if (std::find(kJudges.begin(), kJudges.end(), name) != kJudges.end() ||
        std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](const char* prefix) { return name.starts_with(prefix); }))
      throw UsageError(
          fmt::format("--env {}: what is loaded into a worker, and where it runs, is the judge's to say", name));
    if (record::is_secret_name(name))
      throw UsageError(fmt::format("--env {}: the evidence records it, so a secret may not be in it", name));
    if (entry.size() > kMostEntry) throw UsageError(fmt::format("--env {}: at most {} bytes", name, kMostEntry));
  }
}

}  // namespace

OwnFile own_file(const Context& context, const Catalogue& catalogue, const Session& session, const OwnFileOptions& o,
                 const TimingOptions& timing, const judge::Settings& settings) {
  require_file(o.file);
  require_environment(o.environment);
  const auto& target = catalogue.find(o.workload);
  const auto equipped = session.equip(settings);
  auto mine = contestant({context, catalogue, o, timing.device, target, equipped, session.scratch()});
  const auto declared = require_usable(mine, target, equipped, session.scratch() / "describe");
  mine.info.device = declared.device == kDLCUDA ? "cuda" : "cpu";
  auto built_ins = opponents(catalogue, target, timing.device, mine.info.device, o.file);
  mine.threads = threads_of(declared, mine, built_ins.front(), target, equipped, session.scratch() / "describe");

  const auto printed = o.verbose ? session.scratch() / "printed" : fs::path();
  mine.output = printed.string();
  OwnFile own{{target.target, target.workload_library, mine.info.device, {}, mine.info.name}, printed};
  auto& contestants = own.entry.contestants;
  for (auto& built_in : built_ins)
    if (built_in.info.name == "baseline" || built_in.info.peer) contestants.push_back(std::move(built_in));
  contestants.insert(contestants.begin() + (contestants.empty() ? 0 : 1), std::move(mine));
  return own;
}

std::string printed_text(const OwnFile& own) {
  std::ifstream in(own.printed, std::ios::binary);
  std::string text(kMostPrinted + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.empty()) return fmt::format("{} printed nothing\n", own.entry.own);
  const bool more = text.size() > kMostPrinted;
  text.resize(std::min(text.size(), kMostPrinted));
  auto shown = fmt::format("{} printed{}:\n", own.entry.own, more ? " (its first 64 KiB)" : "");
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) shown += model::printable(line) + "\n";
  return shown;
}

void add_own_file_options(CLI::App& command, OwnFileOptions& o) {
  command.add_option("--variant", o.variant, "Which of a plugin's variants, when it holds several")->type_name("NAME");
  command.add_option("--flags", o.flags, "More flags for the compiler of a source")->type_name("FLAGS");
  command.add_option("--env", o.environment, "A variable for the variant's process; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_flag("--verbose,-v", o.verbose, "Show what the variant printed");
}

}  // namespace aisp::app
