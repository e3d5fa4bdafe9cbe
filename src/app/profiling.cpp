#include "app/profiling.hpp"

#include "analysis/flame_graph.hpp"
#include "analysis/profile.hpp"
#include "app/workloads.hpp"
#include "judge/profile.hpp"
#include "record/file.hpp"
#include "record/store_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace aisp::app {
namespace fs = std::filesystem;
namespace {

constexpr double kDeepSeconds = 1, kShortSeconds = 0.2;

std::string file_name(std::string text) {
  for (char& c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') c = '_';
  return text;
}

}  // namespace

model::TargetProfile profile_entry(const Context& context, Session& session, const Entry& entry,
                                   const judge::Settings& settings, const std::string& level) {
  if (entry.device != "cpu")
    throw UsageError(fmt::format(
        "{} runs on the GPU: what its kernels do stands in the census of every run (aisp bench report); counters of "
        "kernels come from ncu: see aisp roofline --ncu. --device cpu profiles its CPU variants",
        entry.target));
  WorkloadLibraries workloads(context.paths.workloads());
  const bool deep = level == "deep_dive";
  const judge::ProfileOptions options{.seconds = deep ? kDeepSeconds : kShortSeconds, .samples = deep};
  auto profile = judge::profile_target(workloads.find(entry.workload_library, entry.target), entry.contestants,
                                       session.equip(settings, entry.device), session.facts(), options, {});
  profile.level = level;
  return profile;
}

std::string profile_name(const std::string& target) { return file_name(target) + ".profile.json"; }

std::vector<fs::path> save_profile(const model::TargetProfile& profile, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw record::StoreError("cannot write " + folder.string() + ": " + error.message());
  const auto stem = file_name(profile.target);
  std::vector<fs::path> files;
  const auto save = [&](const std::string& name, const std::string& text) {
    files.push_back(folder / (stem + "." + name));
    record::write_atomically(files.back(), text);
  };
  save("profile.json", analysis::profile_json(profile));
  save("trace.json", analysis::chrome_trace(profile));
  for (const auto& v : profile.variants)
    if (!v.stacks.empty())
      save(file_name(v.name) + ".flame.svg", analysis::flame_graph_svg(v.stacks, profile.target + " " + v.name));
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
