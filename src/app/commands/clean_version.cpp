// aisp clean, version.
#include "app/commands/commands.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "record/manifest.hpp"
#include "record/run_store.hpp"

#include <fmt/format.h>

#include <memory>

namespace aisp::app {
namespace {

int clean(const Context& context, bool dry_run) {
  const auto cleaned = record::RunStore(context.artifacts).clean(dry_run);
  if (context.json) {
    print_json({{"dry_run", dry_run}, {"runs", cleaned.runs}, {"bytes", cleaned.bytes}, {"in_use", cleaned.in_use}});
    return kOk;
  }
  for (const auto& run : cleaned.runs) print_out("{} {}\n", dry_run ? "would remove" : "removed", run);
  for (const auto& run : cleaned.in_use) print_out("left alone, being written now: {}\n", run);
  print_out("{} runs, {}, below {}\n", cleaned.runs.size(), human_bytes(static_cast<double>(cleaned.bytes)),
            context.artifacts.string());
  return kOk;
}

std::string version_line() {
  const auto build = record::build_facts();
  std::string commit;
  if (!build.git_commit.empty())
    commit = fmt::format(", commit {}{}", build.git_commit.substr(0, 12), build.git_dirty ? " with changes" : "");
  return fmt::format("aisp {}{}, {} {}, {}", record::aisp_version(), commit, build.compiler, build.compiler_version,
                     build.build_type);
}

int version(const Context& context) {
  const auto build = record::build_facts();
  if (context.json) {
    print_json({{"version", record::aisp_version()},
                {"git_commit", build.git_commit},
                {"git_dirty", build.git_dirty},
                {"compiler", build.compiler + " " + build.compiler_version},
                {"build_type", build.build_type},
                {"sanitizer", build.sanitizer}});
    return kOk;
  }
  print_out("{}\n", version_line());
  return kOk;
}

}  // namespace

void add_clean_version(CLI::App& root, Context& context) {
  const auto dry_run = std::make_shared<bool>(false);
  auto* command = add_command(root, context, "clean", "Remove the runs below the artifacts folder; calibrations stay",
                              "aisp clean --dry-run", [&context, dry_run] { return clean(context, *dry_run); });
  command->add_flag("--dry-run", *dry_run, "Only list what would be removed");
  add_artifacts_option(*command, context);
  add_command(root, context, "version", "Version, commit and build of this binary", "aisp version --json",
              [&context] { return version(context); });
  root.set_version_flag("--version", version_line, "Version, commit and build of this binary");
}

}  // namespace aisp::app
