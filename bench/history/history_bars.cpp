// How long summary, history and compare-runs take over ten thousand stored runs: the bar is 300 ms for summary and
// compare-runs. Makes runs of six targets, each with three variants of 21 samples, in a folder of its own; their
// results are the same files under many names, so that they take little room.
//
//   build/bin/history_bars [RUNS]
#include "analysis/verdict.hpp"
#include "record/file.hpp"
#include "record/json.hpp"
#include "record/paths.hpp"
#include "record/run_store.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <random>

namespace {
namespace fs = std::filesystem;
using namespace aisp;

constexpr int kRepetitions = 7;
constexpr double kBar = 0.3;  // seconds

model::TargetEvidence evidence(const std::string& target) {
  std::mt19937_64 random(std::hash<std::string>()(target));
  model::TargetEvidence e;
  e.target = target;
  e.about = "A problem";
  e.scale = "light";
  e.flops = e.bytes = 1e6;
  e.ceilings = {1e11, 1e10, "made up"};
  for (const char* name : {"baseline", "tiled", "vectorized"}) {
    model::VariantEvidence v;
    v.name = name;
    v.status = model::Status::ok;
    v.timed_calls = v.verified_timed_calls = 84;
    v.verification.calls = 90;
    for (int round = 0; round < 21; ++round) {
      model::Sample s;
      s.round = round;
      s.calls = 4;
      s.seconds = 4e-3 / static_cast<double>(1 + e.variants.size()) * (1 + 1e-3 * static_cast<double>(random() % 20));
      s.worker_seconds = s.cpu_seconds = s.seconds;
      v.samples.push_back(s);
    }
    e.variants.push_back(v);
  }
  return e;
}

void make_runs(const fs::path& home, int runs) {
  record::RunStore store(home);
  auto first = store.create(record::describe(device::cpu_facts(), {}, {}), std::string(64, 'a'));
  for (const char* target :
       {"ch01:gemm", "ch06:ilp", "ch07:transpose", "ch08:threshold", "ch09:softmax", "ch12:work_queue"}) {
    const auto e = evidence(target);
    first.save(e);
    first.save(analysis::verdict(e));
  }
  first.finish(true, {});
  auto manifest = first.manifest();
  const auto source = first.path() / "targets";
  const std::vector<fs::path> results{fs::directory_iterator(source), fs::directory_iterator()};
  for (int i = 1; i < runs; ++i) {
    const std::time_t when = 1'700'000'000 + 3600 * std::time_t{i};
    std::tm t{};
    ::gmtime_r(&when, &t);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &t);
    manifest.run = fmt::format("{}-{:04x}", stamp, i % 65536);
    const auto folder = home / manifest.run;
    fs::create_directories(folder / "targets");
    std::ofstream(folder / "manifest.json") << record::to_json(manifest);
    for (const auto& file : results) fs::create_hard_link(file, folder / "targets" / file.filename());
    if (i % 1000 == 0) fmt::print(stderr, "made {} of {} runs\n", i, runs);
  }
}

// Of the real binary, its output thrown away. On a machine that others use, the CPU time is what it would take alone.
struct Cost {
  double wall = 0, cpu = 0;  // seconds
};
Cost cost_of(const std::vector<std::string>& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  const auto child = ::fork();
  if (child == 0) {
    std::freopen("/dev/null", "w", stdout);
    const auto binary = fs::path(AISP_BUILD_DIR) / "bin/aisp";
    std::vector<char*> argv{const_cast<char*>(binary.c_str())};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::execv(binary.c_str(), argv.data());
    ::_exit(127);
  }
  int status = 0;
  rusage used{};
  ::wait4(child, &status, 0, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) std::exit(6);
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
          seconds(used.ru_utime) + seconds(used.ru_stime)};
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const int runs = argc > 1 ? std::atoi(argv[1]) : 10'000;
  if (runs < 2 || runs > 1'000'000) {
    fmt::print(stderr, "history_bars: '{}' is no number of runs from 2 to 1000000\n", argv[1]);
    return 2;
  }
  std::string home = (fs::temp_directory_path() / "aisp-history-XXXXXX").string();
  if (!::mkdtemp(home.data())) return 6;
  make_runs(home, runs);
  ::setenv("AISP_HOME", home.c_str(), 1);
  fmt::print("{} runs\n{:<34}{:>9.0f} ms\n", runs, "history --rebuild (all folders)",
             1e3 * cost_of({"bench", "history", "--rebuild"}).wall);
  bool met = true;
  const auto report = [&](const char* what, const std::vector<std::string>& arguments, bool barred) {
    std::vector<double> all, cpu;
    for (int i = 0; i < kRepetitions; ++i) {
      const auto cost = cost_of(arguments);
      all.push_back(cost.wall), cpu.push_back(cost.cpu);
    }
    std::sort(all.begin(), all.end());
    std::sort(cpu.begin(), cpu.end());
    fmt::print("{:<34}{:>9.0f} ms median, {:.0f} … {:.0f} ms; CPU {:.0f} ms{}\n", what, 1e3 * all[kRepetitions / 2],
               1e3 * all.front(), 1e3 * all.back(), 1e3 * cpu[kRepetitions / 2],
               !barred || all[kRepetitions / 2] <= kBar ? "" : "  above the bar of 300 ms");
    met &= !barred || all[kRepetitions / 2] <= kBar;
  };
  const auto ids = record::RunStore(home).runs();
  report("summary", {"bench", "summary"}, true);
  report("summary --json", {"bench", "summary", "--json"}, true);
  report("compare-runs", {"bench", "compare-runs", ids.front(), "latest"}, true);
  report("compare-runs --json", {"bench", "compare-runs", ids.front(), "latest", "--json"}, true);
  report("summary --format csv", {"bench", "summary", "--format", "csv"}, false);
  report("history TARGET", {"bench", "history", "ch09:softmax"}, false);
  report("history", {"bench", "history"}, false);
  fs::remove_all(home);
  return met ? 0 : 1;
}
