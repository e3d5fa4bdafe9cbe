// aisp triage: what somebody else needs to look at a performance problem, in one archive without secrets.
#include "analysis/report.hpp"
#include "app/capture.hpp"
#include "app/commands/commands.hpp"
#include "app/environment.hpp"
#include "app/interrupt.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "app/session.hpp"
#include "device/gpu/facts.hpp"
#include "record/file.hpp"
#include "record/json.hpp"
#include "record/redact.hpp"
#include "record/run_store.hpp"
#include "record/store_error.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>

namespace aisp::app {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t kTail = 64u << 10;  // bytes of a command's output

constexpr const char* kReadme = R"(# What is in this archive

- `intake.md`: a form. **Please fill it in**: what is slow, what would be fast enough, what the work looks like.
- `system.json`: the machine, its settings, libraries, and the build of aisp; `settings.json`: those that hurt benchmarks.
- `environment.txt`: names of the environment variables, and the values of those that say how programs run.
- `capture.json`, `output.txt`: the given command: its time, its counters, the end of its output. Only with `-- COMMAND`.
- `run/`: manifest and report of the latest run of aisp. Only where there is one.

Secrets were taken out by the names that they stand behind, by their form and by their value, and replaced by
`[redacted]`. No rule knows every secret: look through the files before you send them.
)";

constexpr const char* kIntake = R"(# Intake

Leave out what you do not know.

## Goal

- What is too slow, and since when?
- What would be good enough (a number with its unit), and by when?
- What has been tried, and what did it bring?
- What must not change (results, accuracy, interfaces, cost)?

## Service level

| | today | wanted |
| --- | --- | --- |
| throughput (tokens/s, samples/s, requests/s) | | |
| latency, median and 99th percentile | | |
| time to first token, time per output token | | |
| cost (per million tokens, per hour) | | |
| availability of the service while this is changed | | |

## Shape of the work

- Training, fine-tuning, inference, data preparation, other:
- Model, parameters, data types, quantisation:
- Batch size, sequence lengths (median, longest), concurrent requests:
- Parallelism (data, tensor, pipeline, expert), number of GPUs and nodes:
- Framework, kernels and compilers in use, with versions:
- Where the data comes from, how large it is, how it is stored:

## How to see it

- The smallest command that shows the problem:
- How long it takes, how much it varies from run to run:
- Is the machine shared? Are clocks, power or memory limited?
)";

struct Options {
  std::vector<std::string> command;
  std::string output;
  int seconds = 60;
};

// Files of the bundle, each redacted as it is written.
class Bundle {
 public:
  explicit Bundle(fs::path folder) : folder_(std::move(folder)) { fs::create_directories(folder_); }
  const record::Redactor& redact() const { return redact_; }
  void add(const std::string& name, const std::string& text) { write(name, redact_(text)); }
  void write(const std::string& name, const std::string& text) {  // as it is
    const auto file = folder_ / name;
    fs::create_directories(file.parent_path());
    record::write_atomically(file, text, 0600);
    names_.push_back(name);
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  fs::path folder_;
  record::Redactor redact_ = record::Redactor::of_environment();
  std::vector<std::string> names_;
};

Json to_json(const Capture& c, const std::vector<std::string>& command) {
  Json counters = Json::object();
  for (const auto& counter : c.counters) counters[counter.name] = counter.value;
  return {{"command", command},
          {"ending", c.ending},
          {"exit_code", c.exit_code},
          {"wall_seconds", c.wall_seconds},
          {"user_seconds", c.user_seconds},
          {"system_seconds", c.system_seconds},
          {"peak_rss_bytes", c.peak_rss_bytes},
          {"minor_faults", c.minor_faults},
          {"major_faults", c.major_faults},
          {"voluntary_switches", c.voluntary_switches},
          {"involuntary_switches", c.involuntary_switches},
          {"counters", std::move(counters)},
          {"counters_absent", c.counters_absent},
          {"output_bytes", c.output_bytes}};
}

std::string dump(const Json& document) { return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

void add_system(Bundle& bundle) {
  const auto host = device::cpu_facts();
  bundle.add("system.json", record::to_json(record::describe(host, device::gpu_facts().gpus, {})));
  Json checks = Json::array();
  for (const auto& c : check_environment(host, read_environment_facts()))
    checks.push_back({{"setting", c.setting}, {"found", c.found}, {"wanted", c.wanted}, {"why", c.why}});
  bundle.add("settings.json", dump(checks));
  bundle.write("environment.txt", record::redacted_environment(bundle.redact()));
}

// The folder of secrets is never opened: manifests of unfinished runs hold no seed, and nothing else is read.
void add_latest_run(Bundle& bundle, const Context& context) {
  const record::RunStore store(context.artifacts);
  if (store.runs().empty()) return;
  try {
    auto run = store.load("latest");
    run.manifest.settings.command_line = bundle.redact()(run.manifest.settings.command_line);
    bundle.add("run/manifest.json", record::to_json(run.manifest));
    bundle.add("run/report.md", analysis::markdown_report(run));
  } catch (const record::StoreError& error) {
    bundle.add("run/unreadable.txt", one_line(error.what()) + "\n");
  }
}

// The redacted text from the first whole line within the last kTail bytes.
std::string tail(const std::string& text) {
  if (text.size() <= kTail) return text;
  const auto line = text.find('\n', text.size() - kTail);
  return "[…]\n" + text.substr(line == std::string::npos ? text.size() - kTail : line + 1);
}

fs::path archive_of(const Options& o, const std::string& name) {
  const auto file = o.output.empty() ? fs::path(name + ".tar.gz") : fs::path(o.output);
  if (!file.string().ends_with(".tar.gz"))
    throw UsageError(fmt::format("'{}' must end in .tar.gz", one_line(file.string())));
  if (fs::exists(file)) throw UsageError(fmt::format("{} is there already; name another file", file.string()));
  if (!fs::is_directory(fs::absolute(file).parent_path()))
    throw UsageError(fmt::format("the folder of {} does not exist", file.string()));
  record::require_writable(fs::absolute(file).parent_path());
  return fs::absolute(file);
}

void pack(const fs::path& folder, const std::string& name, const fs::path& archive) {
  // Packed beside its place and renamed, so that half an archive never has its name. Nobody's name is in it.
  const auto part = archive.string() + ".part";
  const auto packed = capture({"tar", "--create", "--gzip", "--file", part, "--owner=0", "--group=0", "--numeric-owner",
                               "--directory", folder.string(), name},
                              std::chrono::seconds(60));
  std::error_code error;
  if (packed.exit_code != 0) {
    fs::remove(part, error);
    throw std::runtime_error(fmt::format("tar: {} {}", packed.ending, one_line(packed.output)));
  }
  fs::permissions(part, fs::perms::owner_read | fs::perms::owner_write);
  fs::rename(part, archive);
}

int triage(const Context& context, const Options& o) {
  auto name = "aisp-triage-" + record::utc_now();
  std::erase_if(name, [](char c) { return c == ':'; });
  const auto archive = archive_of(o, name);
  const InterruptGuard interrupt;  // so that no folder of facts stays behind
  const ScratchFolder scratch;
  Bundle bundle(scratch.path() / name);
  bundle.write("README.md", kReadme);
  bundle.write("intake.md", kIntake);
  add_system(bundle);
  add_latest_run(bundle, context);
  std::optional<Capture> captured;
  if (!o.command.empty()) {
    print_err("running: {}\n", one_line(fmt::format("{}", fmt::join(bundle.redact()(o.command), " "))));
    captured = capture(o.command, std::chrono::seconds(o.seconds), &interrupt.flag());
    if (interrupt.flag()) throw std::runtime_error("interrupted; nothing was written");
    bundle.write("capture.json", dump(to_json(*captured, bundle.redact()(o.command))));
    bundle.write("output.txt", tail(bundle.redact()(captured->output)));
    print_err("{}\n", captured->ending);
  }
  pack(scratch.path(), name, archive);
  const auto shown = o.output.empty() ? archive.filename() : fs::path(o.output);
  if (context.json)
    print_json({{"archive", shown.string()}, {"files", bundle.names()}, {"ending", captured ? captured->ending : ""}});
  else
    print_out("{}: {} files; fill in intake.md, look through the rest, then send it\n", shown.string(),
              bundle.names().size());
  return captured && !captured->started ? kUsage : kOk;
}

}  // namespace

void add_triage(CLI::App& root, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* command =
      add_command(root, context, "triage",
                  "An archive to send with a performance problem: the machine, a capture, a form; no secrets",
                  "aisp triage -- python3 train.py --steps 20", [&context, o] { return triage(context, *o); });
  command->add_option("command", o->command, "After --: a command to run and watch")->type_name("COMMAND");
  command->add_option("--output,-o", o->output, "The archive (default aisp-triage-TIME.tar.gz here)")
      ->type_name("FILE");
  command->add_option("--seconds", o->seconds, "Stop the command after so long")->check(CLI::Range(1, 3600));
  add_artifacts_option(*command, context);
}

}  // namespace aisp::app
