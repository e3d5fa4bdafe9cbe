#include "app/nsight.hpp"

#include "app/capture.hpp"
#include "app/names.hpp"
#include "app/programs.hpp"
#include "record/file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace aisp::app {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::seconds kDeadline{300};  // ncu runs each kernel once for every few metrics

// Folders such as /opt/nvidia/nsight-compute/2025.3.0, the newest first, then the toolkit's.
std::vector<fs::path> tool_folders(const std::string& product) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/opt/nvidia/" + product, ignored))
    folders.insert(folders.end(), {entry.path(), entry.path() / "bin"});
  std::sort(folders.rbegin(), folders.rend());
  if (const char* home = std::getenv("CUDA_HOME")) folders.push_back(fs::path(home) / "bin");
  folders.emplace_back("/usr/local/cuda/bin");
  return folders;
}

// "==ERROR== no such metric" and "ERROR : no such folder" as what follows.
std::string without_label(const std::string& line) {
  const auto label = line.find("ERROR");
  if (label == std::string::npos || line.find_first_not_of("= ") != label) return line;
  const auto text = line.find_first_not_of("=: ", label + std::string_view("ERROR").size());
  return text == std::string::npos ? line : line.substr(text);
}

// The line of a tool's output that says what went wrong: its own complaint, else the last one.
std::string complaint(const std::string& output) {
  std::istringstream lines(output);
  std::string last = "it says nothing";
  for (std::string line; std::getline(lines, line);) {
    if (line.find("ERROR") != std::string::npos || line.starts_with("aisp-replay:"))
      return one_line(without_label(line).substr(0, 200));
    if (!line.empty()) last = line;
  }
  return one_line(last.substr(0, 200));
}

// Whatever ncu itself says begins a line so; a wrapper that finds no Nsight Compute does not.
bool ncu_began(const std::string& output) { return output.starts_with("==") || output.find("\n==") != output.npos; }

Capture run_tool(const std::string& name, std::vector<std::string> command, const NsightOptions& o) {
  command.insert(command.end(), o.replay.begin(), o.replay.end());
  auto result = capture(command, kDeadline, o.interrupted);
  if (!result.started || result.exit_code < 0) throw std::runtime_error(fmt::format("{} {}", name, result.ending));
  return result;
}

}  // namespace

fs::path ncu_log(const fs::path& scratch) { return scratch / "ncu.csv"; }
fs::path find_ncu() { return find_program("ncu", tool_folders("nsight-compute")); }
fs::path find_nsys() { return find_program("nsys", tool_folders("nsight-systems")); }

std::vector<analysis::NcuKernel> run_ncu(const fs::path& ncu, const std::vector<std::string>& metrics,
                                         const NsightOptions& o) {
  // In a file, so that nothing the variant prints is taken for ncu's.
  const auto log = ncu_log(o.scratch);
  fs::remove(log);
  const auto result = run_tool("ncu",
                               {ncu.string(), "--csv", "--page", "raw", "--print-units", "base", "--profile-from-start",
                                "off", "--clock-control", "base", "--cache-control", o.cold ? "all" : "none",
                                "--metrics", fmt::format("{}", fmt::join(metrics, ",")), "--log-file", log.string()},
                               o);
  const bool failed = result.exit_code != 0, wrote = fs::exists(log);
  if (failed && !wrote && !ncu_began(result.output)) {
    const auto said = complaint(result.output);
    throw std::runtime_error(fmt::format(
        "ncu {} ({}): {}", said.starts_with("aisp-replay:") ? "measured nothing" : "did not run", result.ending, said));
  }
  try {
    return analysis::parse_ncu_csv(wrote ? record::read_whole(log) : result.output, true);
  } catch (const std::runtime_error& error) {
    const auto said = failed ? complaint(result.output) : "";
    throw std::runtime_error(
        one_line(fmt::format("what ncu wrote {}{}", error.what(), said.empty() ? "" : ": " + said)));
  }
}

fs::path run_nsys(const fs::path& nsys, const fs::path& file, const NsightOptions& o) {
  const auto result = run_tool("nsys",
                               {nsys.string(), "profile", "--trace=cuda,nvtx,osrt", "--sample=none", "--cpuctxsw=none",
                                "--capture-range=cudaProfilerApi", "--capture-range-end=stop", "--force-overwrite=true",
                                "--output=" + file.string()},
                               o);
  auto report = file;
  report += ".nsys-rep";
  if (result.exit_code != 0 || !fs::exists(report))
    throw std::runtime_error(fmt::format("nsys wrote no report ({}): {}", result.ending, complaint(result.output)));
  return report;
}

}  // namespace aisp::app
