// The ceilings of the GPU of this machine: figures lie where physics allows, ways agree, and the saved file comes back.
#include "analysis/gpu_table.hpp"
#include "device/gpu/facts.hpp"
#include "record/gpu_calibration.hpp"

#include "../integration/cli_process.hpp"

namespace aisp::test {
namespace {

class GpuPeaks : public CliTest {
 protected:
  void SetUp() override {
    const auto list = device::gpu_facts();
    if (list.gpus.empty()) GTEST_SKIP() << list.why_absent;
    const auto able = aisp({"utils", "probe-hw", "--json"});
    if (able.exit_code == 2) GTEST_SKIP() << able.err;
  }
  Result measure(std::vector<std::string> more) const {
    std::vector<std::string> arguments{"bench", "peak", "--seconds", "0.1", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Process({arguments, {}, {}, std::chrono::seconds(500)}, folder_).wait();
  }
};

TEST_F(GpuPeaks, FiguresArePossibleAndSaved) {
  const auto result = measure({});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto j = result.json();
  int measured = 0;
  for (const auto& f : j.at("peaks").at("figures")) {
    const std::string name = f.at("name");
    if (f.at("absent") != "") {
      RecordProperty("absent_" + name, f.at("absent").get<std::string>());
      continue;
    }
    ++measured;
    EXPECT_GT(f.at("value").get<double>(), 0) << name;
    EXPECT_LE(f.at("lo").get<double>(), f.at("value").get<double>()) << name;
    EXPECT_GE(f.at("hi").get<double>(), f.at("value").get<double>()) << name;
    EXPECT_GT(f.at("sm_mhz").get<double>(), 100) << name;
    // Matrix rates of vendors hold for a clock below the highest, so a burst may exceed them a little.
    const double theoretical = f.at("theoretical").get<double>();
    if (theoretical > 0) {
      EXPECT_LT(f.at("value").get<double>(), 1.12 * theoretical) << name;
    }
    if (name == "copy" || name == "write" || name == "read") {
      EXPECT_GT(f.at("value").get<double>(), 0.75 * theoretical) << name;
    }
    if (name == "f32" || name == "shared_read") {
      EXPECT_GT(f.at("value").get<double>(), 0.8 * theoretical) << name;
    }
    // The way that won reaches what every other way reached when they competed.
    double best = 0;
    for (const auto& m : f.at("methods"))
      if (f.at("unit") != "s") best = std::max(best, m.at("value").get<double>());
    if (name == "copy" || name == "write" || name == "read") {
      EXPECT_GT(f.at("value").get<double>(), 0.97 * best) << name;
    }
  }
  EXPECT_GE(measured, 14);
  const auto saved = record::load_gpu_calibration(folder_ / "artifacts", j.at("gpu"));
  ASSERT_TRUE(saved);
  EXPECT_EQ(saved->peaks.figures.size(), j.at("peaks").at("figures").size());
}

TEST_F(GpuPeaks, OneGroupSavesNothing) {
  const auto before = files();
  const auto result = measure({"--group", "launch"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(files(), before);
  const auto document = result.json();
  for (const auto& f : document.at("peaks").at("figures")) {
    EXPECT_GT(f.at("value").get<double>(), 1e-7) << f;
    EXPECT_LT(f.at("value").get<double>(), 1e-3) << f;
  }
}

TEST_F(GpuPeaks, ProbesSayWhatWorks) {
  const auto result = Process({{"utils", "probe-hw", "--json"}, {}, {}, std::chrono::seconds(300)}, folder_).wait();
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::map<std::string, bool> works;
  for (const auto& probe : result.json()) {
    works[probe.at("probe")] = probe.at("works");
    EXPECT_NE(probe.at("seen"), "") << probe;
  }
  EXPECT_TRUE(works.at("kernel"));
  const auto& gpu = device::gpu_facts().gpus.front();
  if (gpu.compute_major != 9) return;
  for (const char* name :
       {"clusters", "dsmem", "bulk_copy", "tensor_map", "pdl", "cooperative_launch", "memory_pools"}) {
    EXPECT_TRUE(works.at(name)) << name;
  }
}

}  // namespace
}  // namespace aisp::test
