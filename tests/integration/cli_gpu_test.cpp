// GPU commands of the real binary, with a GPU and without.
#include "cli_process.hpp"
#include "device/gpu/facts.hpp"

namespace aisp::test {
namespace {
using ::testing::HasSubstr;

class CliGpu : public CliTest {
 protected:
  static bool no_gpu() { return device::gpu_facts().gpus.empty(); }
};

TEST_F(CliGpu, TheoreticalPeakOfANamedGpu) {
  const auto result = aisp({"bench", "theoretical-peak", "--gpu", "h200", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto j = result.json();
  EXPECT_EQ(j.at("name"), "H200");
  EXPECT_DOUBLE_EQ(j.at("bandwidth").at("value").get<double>(), 4.8e12);
  EXPECT_EQ(j.at("bf16").at("half_of_sparse_rate"), true);
  EXPECT_THAT(j.at("bf16").at("source").get<std::string>(), HasSubstr("NVIDIA"));
  EXPECT_TRUE(j.at("f4").at("value").is_null());
  EXPECT_THAT(aisp({"bench", "theoretical-peak", "--gpu", "NVIDIA H200"}).out, HasSubstr("989 Top/s"));
}

TEST_F(CliGpu, UnknownGpuSuggestsTheNearest) {
  expect_refused({"bench", "theoretical-peak", "--gpu", "H20"}, {"unknown GPU 'H20'", "H200"});
}

TEST_F(CliGpu, TheoreticalPeakWithoutANameAlwaysAnswers) {
  const auto result = aisp({"bench", "theoretical-peak"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  if (no_gpu()) {
    EXPECT_THAT(result.out, HasSubstr("RTX 4090"));
    EXPECT_GE(aisp({"bench", "theoretical-peak", "--json"}).json().at("gpus").size(), 12u);
  }
}

TEST_F(CliGpu, FactsAreOneDocumentWithAndWithoutAGpu) {
  const auto info = aisp({"system", "info", "--json"});
  ASSERT_EQ(info.exit_code, 0) << info.err;
  EXPECT_EQ(info.json().at("gpus").empty(), info.json().at("gpu_why_absent") != "");
  const auto dump = aisp({"utils", "dump-hw", "--json"});
  ASSERT_EQ(dump.exit_code, 0) << dump.err;
  EXPECT_GE(dump.json().at("host").at("logical").get<int>(), 1);
  EXPECT_EQ(dump.json().at("gpus").size(), info.json().at("gpus").size());
  EXPECT_THAT(aisp({"system", "info"}).out, HasSubstr("gpu"));
  EXPECT_THAT(aisp({"utils", "dump-hw"}).out, HasSubstr("processor"));
}

TEST_F(CliGpu, WithoutAGpuMeasuringSaysWhatIsMissing) {
  if (!no_gpu()) GTEST_SKIP() << "this machine has a GPU";
  expect_refused({"bench", "peak"}, {"bench peak needs"});
  expect_refused({"bench", "peak", "--json"}, {"bench peak needs"});
  expect_refused({"utils", "probe-hw"}, {"probe-hw needs"});
}

TEST_F(CliGpu, BadArgumentsAreRefused) {
  expect_refused({"bench", "peak", "--seconds", "-1"}, {"--seconds"});
  expect_refused({"bench", "peak", "--group", "memroy"}, {"memory"});
}

}  // namespace
}  // namespace aisp::test
