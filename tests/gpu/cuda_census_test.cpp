// The audit pass on a GPU: each habit is told by its name, honest ones pass, and chapters' variants agree with the
// clock. AISP_CENSUS_OUT=FOLDER saves the evidence, and recordings that tests/unit/census_test.cpp can replay.
#include "analysis/census.hpp"
#include "analysis/verdict.hpp"
#include "device/gpu/facts.hpp"
#include "judge/engine.hpp"
#include "judge/runner.hpp"
#include "record/json.hpp"
#include "validity/checks.hpp"
#include "verify/cases.hpp"

#include "../unit/census_recording.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace aisp {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void declare_scale(Workload& w) {
  w.about("y = 2x");
  const auto n = w.param("n", {.light = 1 << 20, .full = 1 << 24, .held_out = {1, 5000}, .edges = {1, 17}});
  w.input("x", f32, {n}, normal(3, 1));
  w.output("y", f32, {n});
  w.flops(static_cast<double>(n));
  w.bytes(8.0 * static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < n; ++i) y[i] = 2 * x[i];
  });
}
constexpr WorkloadEntry kScale{"test:scale", &declare_scale};

class Census : public testing::Test {
 protected:
  void SetUp() override {
    const auto list = device::gpu_facts();
    if (list.gpus.empty()) GTEST_SKIP() << list.why_absent;
    scratch_ = std::filesystem::temp_directory_path() / ("aisp-census-test-" + std::to_string(getpid()));
    std::filesystem::create_directories(scratch_);
    options_.worker = {.executable = AISP_BUILD_DIR "/bin/aisp-worker", .timeout = 30};
    options_.libraries = judge::cuda_library_folders();
    options_.device = kDLCUDA;
    options_.memory_bytes = 8ull << 30;
  }
  void TearDown() override { std::filesystem::remove_all(scratch_); }

  judge::Recording record(const WorkloadEntry& entry, const judge::Contestant& contestant) {
    const auto problem = verify::light_case(entry);
    const auto layout = judge::lay_out(problem, judge::kAuditCalls + 1, 128u << 20);
    judge::RoundInputs inputs(problem, layout.slots, kDLCUDA);
    inputs.draw_constants({});
    inputs.draw({}, layout.slots);
    options_.scratch = scratch_ / ("w" + std::to_string(workers_++));
    std::string why_absent;
    auto recording = judge::record_activities(problem, contestant, 1, layout, inputs, options_, {}, why_absent);
    EXPECT_EQ(why_absent, "");
    return recording;
  }

  model::VariantEvidence habit(const std::string& name) {
    model::VariantEvidence v;
    v.name = name;
    const auto recording = record(kScale, {AISP_BUILD_DIR "/lib/aisp/tests/census_variants.so", name, {}});
    v.census = judge::census_of(recording);
    save("habit-" + name + ".txt", judge::to_text(recording));
    return v;
  }
  static std::vector<std::string> issues(const model::VariantEvidence& v) {
    std::vector<std::string> all;
    std::vector<model::Violation> violations;
    validity::Findings found(v.name, violations);
    validity::check_census({}, v, found);
    for (const auto& x : violations) all.push_back(x.issue);
    return all;
  }
  static void save(const std::string& name, const std::string& text) {
    if (const char* folder = std::getenv("AISP_CENSUS_OUT")) std::ofstream(std::string(folder) + "/" + name) << text;
  }

  std::filesystem::path scratch_;
  judge::RunnerOptions options_;
  int workers_ = 0;
};

TEST_F(Census, HonestVariantsPass) {
  for (const char* name : {"honest", "fork_join", "waits", "allocates", "graph"})
    EXPECT_THAT(issues(habit(name)), IsEmpty()) << name;
}

TEST_F(Census, CountsOneKernelACall) {
  const auto v = habit("honest");
  ASSERT_EQ(v.census->phases.size(), 4u);
  const auto& run = v.census->phases[3];
  EXPECT_EQ(run.seen_calls, judge::kAuditCalls);
  ASSERT_EQ(run.kernels.size(), 1u);
  EXPECT_THAT(run.kernels[0].name, HasSubstr("twice"));
  EXPECT_EQ(run.kernels[0].launches, judge::kAuditCalls);
  EXPECT_THAT(run.kernels[0].grid, ElementsAre(4096, 1, 1));
  EXPECT_THAT(run.kernels[0].block, ElementsAre(256, 1, 1));
  EXPECT_GT(run.kernels[0].registers, 0);
  ASSERT_EQ(run.streams.size(), 1u);
  EXPECT_TRUE(run.streams[0].given);
  EXPECT_EQ(run.allocations, 0);
  EXPECT_EQ(run.modules_loaded, 0) << "the first calls load what is loaded lazily";
  EXPECT_EQ(run.contexts_created, 0);
  EXPECT_GT(run.busy_seconds, 1e-6);
  EXPECT_LT(run.busy_seconds, run.call_seconds);
}

TEST_F(Census, CountsAGraphsNodesAndAllocations) {
  const auto graph = habit("graph");
  const auto& run = graph.census->phases.at(3);
  EXPECT_EQ(run.graph_launches, judge::kAuditCalls);
  EXPECT_EQ(run.graph_nodes, 3 * judge::kAuditCalls);
  EXPECT_EQ(run.memsets, judge::kAuditCalls);
  const auto allocates = habit("allocates");
  EXPECT_EQ(allocates.census->phases.at(3).allocations, judge::kAuditCalls);
  EXPECT_EQ(allocates.census->phases.at(3).releases, judge::kAuditCalls);
}

TEST_F(Census, HabitsAreToldByName) {
  EXPECT_THAT(issues(habit("no_join")), ElementsAre("timing.unsynced_streams"));
  EXPECT_THAT(issues(habit("no_fork")), ElementsAre("timing.unsynced_streams"));
  EXPECT_THAT(issues(habit("host_function")), ElementsAre("cuda.host_callback"));
  EXPECT_THAT(issues(habit("nothing")), ElementsAre("location.cpu_spillover"));
  EXPECT_THAT(issues(habit("spins")), Contains("timing.unsynced_streams"));
}

// Whole contests. The census' kernels against the timed calls: the figure that the report shows.
TEST_F(Census, ChaptersAgreeWithTheClock) {
  struct Target {
    const char *library, *name;
  };
  for (const auto& target :
       {Target{"ch07", "ch07:copy_vectorized"}, Target{"ch07", "ch07:reduction"}, Target{"ch01", "ch01:gemm"}}) {
    const std::string lib = AISP_BUILD_DIR "/lib/aisp/";
    void* library = dlopen((lib + "workloads/" + target.library + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_TRUE(library) << dlerror();
    using List = const std::vector<WorkloadEntry>* (*)();
    const WorkloadEntry* entry = nullptr;
    for (const auto& e : *reinterpret_cast<List>(dlsym(library, AISP_WORKLOADS_SYMBOL))())
      if (std::string(e.target) == target.name) entry = &e;
    ASSERT_TRUE(entry);

    const auto plugin = lib + "variants/" + target.library + "_cuda.so";
    const auto describing = (scratch_ / "describe").string();
    std::filesystem::create_directories(describing);
    std::vector<judge::Contestant> contestants;
    for (const auto& v : judge::describe_plugin(plugin, options_.worker, describing)) {
      if (v.target != target.name) continue;
      judge::Contestant c{plugin, v.name, {}};
      c.info.name = v.name;
      c.info.peer = v.name == "memcpy" || v.name == "cub" || v.name == "cublas";
      contestants.insert(v.name == "baseline" ? contestants.begin() : contestants.end(), c);
    }
    judge::Settings settings;
    settings.device = "cuda";
    settings.pairs = 6;
    settings.restarts = 1;
    settings.seed = judge::seed_from_hex("5eed");
    settings.scratch = scratch_;
    settings.worker = options_.worker.executable;
    const auto e = judge::judge_target(*entry, contestants, settings, device::cpu_facts(), {}, {});
    ASSERT_EQ(e.error, "");
    std::string file = target.name;
    std::replace(file.begin(), file.end(), ':', '-');
    save(file + ".json", record::to_json(e));

    const auto verdict = analysis::verdict(e);
    for (std::size_t i = 0; i < e.variants.size(); ++i) {
      const auto& v = e.variants[i];
      ASSERT_TRUE(v.census) << v.name << ": " << v.census_absent;
      EXPECT_THAT(issues(v), IsEmpty()) << target.name << " " << v.name;
      const double ratio = analysis::busy_over_timed(v, verdict.variants[i].median_seconds);
      std::cout << target.name << " " << v.name << ": busy " << 1e6 * v.census->busy_seconds << " us, timed "
                << 1e6 * verdict.variants[i].median_seconds << " us, " << 100 * ratio << " %\n";
      // Between the events of a call lies its launch too: about 2.7 us for one kernel, 1.2 us for each more.
      double launches = 0;
      for (const auto& kernel : v.census->phases.at(3).kernels) launches += static_cast<double>(kernel.launches) / 8;
      if (v.census->busy_seconds >= 10e-6 && launches == 1) {
        const double timed = verdict.variants[i].median_seconds;
        EXPECT_GT(timed, 0.98 * v.census->busy_seconds) << target.name << " " << v.name;
        EXPECT_LT(timed, 1.02 * v.census->busy_seconds + 3.5e-6 + 1.5e-6 * launches) << target.name << " " << v.name;
      }
      for (const auto& note : analysis::census_notes(v, verdict.variants[i].median_seconds))
        std::cout << "  " << note << '\n';
      save("census-" + file + "-" + v.name + ".txt",
           "# Recorded on a GPU by tests/gpu/cuda_census_test.cpp: " + std::string(target.name) + " " + v.name + "\n" +
               judge::to_text(record(*entry, contestants[i])));
    }
  }
}

}  // namespace
}  // namespace aisp
