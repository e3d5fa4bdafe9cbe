#include "app/profiling.hpp"

#include "analysis/flame_graph.hpp"
#include "analysis/profile.hpp"
#include "app/names.hpp"
#include "app/nsight.hpp"
#include "app/print.hpp"
#include "app/workloads.hpp"
#include "judge/profile.hpp"
#include "record/file.hpp"
#include "record/json.hpp"
#include "record/store_error.hpp"
#include "verify/cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace aisp::app {
namespace fs = std::filesystem;
namespace {

constexpr double kDeepSeconds = 1, kShortSeconds = 0.2;
constexpr int kMeasuredCalls = 2;  // under ncu and nsys, after a first one

std::string file_name(std::string text) {
  for (char& c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') c = '_';
  return text;
}

// What ncu wrote of a variant: kept in the scratch folder until the profile is saved.
std::string csv_name(const std::string& target, const std::string& variant) {
  return file_name(target) + "." + file_name(variant) + ".ncu.csv";
}

// The command that runs one variant as the judge would, but for sandbox and judge.
std::vector<std::string> replay_command(const Context& context, const Entry& entry, const std::string& variant,
                                        const judge::Settings& settings) {
  std::vector<std::string> command{context.paths.replay().string(),
                                   entry.target,
                                   variant,
                                   "--device",
                                   entry.device,
                                   "--scale",
                                   settings.scale == "full" ? "full" : "light",
                                   "--calls",
                                   std::to_string(1 + kMeasuredCalls)};
  if (const auto chosen = settings.choices.find(entry.target); chosen != settings.choices.end())
    for (const auto& [name, value] : chosen->second) command.push_back(name + "=" + std::to_string(value));
  return command;
}

NsightOptions nsight_options(const Context& context, const Session& session, const Entry& entry,
                             const std::string& variant, const judge::Settings& settings) {
  return {.replay = replay_command(context, entry, variant, settings),
          .scratch = session.scratch(),
          .interrupted = session.equip(settings, entry.device).interrupted};
}

// Counters of kernels beside what CUPTI saw. A variant whose calls are copies alone has none.
void measure_kernels(const Context& context, const Session& session, const Entry& entry, const WorkloadEntry& workload,
                     const judge::Settings& settings, model::TargetProfile& profile) {
  const auto ncu = find_ncu();
  for (auto& v : profile.variants) {
    if (v.status != model::Status::ok && v.status != model::Status::not_run) continue;
    const bool own = v.name == entry.own;
    std::string why =
        own ? "counters of kernels come from ncu, which cannot follow a file of one's own into the sandbox"
            : "counters of kernels come from ncu (Nsight Compute), which is not installed";
    if (!ncu.empty() && !own) try {
        print_err("{} {}: kernels are replayed under ncu\n", entry.target, v.name);
        auto options = nsight_options(context, session, entry, v.name, settings);
        options.cold = verify::light_case(workload).cache == Cache::cold;
        analysis::add_measured(run_ncu(ncu, analysis::ncu_metrics(profile.level), options), kMeasuredCalls, v);
        std::error_code lost;  // the figures are there; only the table would be missing
        fs::rename(ncu_log(options.scratch), options.scratch / csv_name(profile.target, v.name), lost);
        v.status = model::Status::ok;
        continue;
      } catch (const std::runtime_error& error) {
        if (session.interrupted()) throw;
        why = one_line(error.what());
      }
    v.counters_absent += (v.counters_absent.empty() ? "" : "; ") + why;
    if (v.status == model::Status::not_run) v.status = model::Status::failed, v.message += "; " + why;
  }
}

}  // namespace

model::TargetProfile profile_entry(const Context& context, Session& session, const Entry& entry,
                                   const judge::Settings& settings, const std::string& level) {
  WorkloadLibraries workloads(context.paths.workloads());
  const auto& workload = workloads.find(entry.workload_library, entry.target);
  const bool deep = level == "deep_dive";
  const judge::ProfileOptions options{.seconds = deep ? kDeepSeconds : kShortSeconds, .samples = deep};
  auto profile = judge::profile_target(workload, entry.contestants, session.equip(settings, entry.device),
                                       session.facts(), options, {});
  profile.level = level;
  if (const auto chosen = settings.choices.find(entry.target); chosen != settings.choices.end())  // as evidence has it
    profile.scale = judge::named_scale(profile.scale, chosen->second);
  if (entry.device == "cuda") measure_kernels(context, session, entry, workload, settings, profile);
  analysis::compare_with_baseline(profile);
  return profile;
}

std::optional<model::TargetProfile> stored_profile(const Context& context, const record::RunData& run,
                                                   const std::string& target) {
  for (const auto& folder : {run.path / "profiles", context.artifacts / "profiles"}) {
    const auto file = folder / (file_name(target) + ".profile.json");
    std::error_code error;
    if (fs::exists(file, error)) return record::parse_profile(record::read_whole(file));
  }
  return std::nullopt;
}

std::vector<fs::path> save_nsys_reports(const Context& context, Session& session, const Entry& entry,
                                        const judge::Settings& settings, const fs::path& folder) {
  std::vector<fs::path> files;
  const auto nsys = find_nsys();
  if (nsys.empty() || entry.device != "cuda") return files;
  for (const auto& c : entry.contestants) try {
      if (c.info.name == entry.own) continue;
      const auto file = folder / (file_name(entry.target) + "." + file_name(c.info.name));
      files.push_back(run_nsys(nsys, file, nsight_options(context, session, entry, c.info.name, settings)));
    } catch (const std::runtime_error& error) {
      if (session.interrupted()) throw;
      print_err("{} {}: {}\n", entry.target, c.info.name, one_line(error.what()));
    }
  return files;
}

std::vector<fs::path> save_profile(const model::TargetProfile& profile, const Session& session,
                                   const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw record::StoreError("cannot write " + folder.string() + ": " + error.message());
  const auto stem = file_name(profile.target);
  std::vector<fs::path> files;
  const auto save = [&](const std::string& name, const std::string& text) {
    files.push_back(folder / (stem + "." + name));
    record::write_atomically(files.back(), text);
  };
  save("profile.json", record::to_json(profile));
  save("trace.json", analysis::chrome_trace(profile));
  for (const auto& v : profile.variants)
    if (!v.stacks.empty())
      save(file_name(v.name) + ".flame.svg", analysis::flame_graph_svg(v.stacks, profile.target + " " + v.name));
  for (const auto& v : profile.variants) {
    const auto name = csv_name(profile.target, v.name);
    if (!fs::exists(session.scratch() / name)) continue;
    files.push_back(folder / name);
    fs::copy_file(session.scratch() / name, files.back(), fs::copy_options::overwrite_existing);
  }
  return files;
}

bool saw_something(const model::TargetProfile& profile, std::string& why) {
  for (const auto& v : profile.variants) {
    if (v.status != model::Status::ok) continue;
    if (!v.counters.empty() || v.samples > 0) return true;
    why = v.counters_absent;
  }
  return false;
}

}  // namespace aisp::app
