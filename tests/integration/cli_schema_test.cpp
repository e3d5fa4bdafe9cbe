// What commands print with --json is what docs/schema says.
#include "../json_schema.hpp"
#include "cli_process.hpp"

namespace aisp::test {
namespace {

class CliSchema : public CliTest {
 protected:
  static nlohmann::json document_of(const std::string& path) {
    std::ifstream in(std::string(AISP_SOURCE_DIR) + "/" + path);
    if (!in) throw std::runtime_error("no " + path);
    return nlohmann::json::parse(in);
  }
  static nlohmann::json schema_of(const std::string& name) {
    return document_of("docs/schema/" + name + ".schema.json");
  }
  void expect_fits(const std::vector<std::string>& arguments, const std::string& schema) const {
    const auto result = aisp(arguments);
    const auto document = result.json();
    EXPECT_EQ(schema_violation(schema_of(schema), document), "") << schema << "\n" << result.out;
    EXPECT_FALSE(document.empty()) << schema;
  }
};

TEST_F(CliSchema, HoldsForWhatIsPrinted) {
  for (int run = 0; run < 2; ++run) ASSERT_NE(aisp(short_run({"--profile", "minimal"})).exit_code, 2);
  std::vector<std::string> runs;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "artifacts"))
    if (entry.path().filename().string().find("Z-") != std::string::npos)
      runs.push_back(entry.path().filename().string());
  ASSERT_EQ(runs.size(), 2u);
  expect_fits({"bench", "summary", "--json"}, "bench_summary");
  expect_fits({"bench", "compare-runs", runs[0], runs[1], "--json"}, "bench_compare_runs");
  expect_fits({"bench", "history", "ch09:softmax", "--json"}, "bench_history");
  expect_fits({"bench", "analyze", "--json"}, "bench_analyze");
  expect_fits({"bench", "verify-report", "--json"}, "bench_verify_report");
  expect_fits({"roofline", "ch09:softmax", "--json"}, "roofline");
}

TEST_F(CliSchema, HoldsForResultsOfOtherPrograms) {
  const auto fixture = [](const std::string& name) { return AISP_SOURCE_DIR "/tests/fixtures/results/" + name; };
  std::vector<std::string> words{"import", "results", "--json"};
  for (const char* name : {"nccl_all_reduce.txt", "nccl.json", "nvbandwidth.txt", "nvbandwidth.json", "nvbench.json",
                           "nvbench.csv", "nvbench.md", "google_benchmark_reps.json"})
    words.push_back(fixture(name));
  expect_fits(words, "import_results");
  expect_fits({"bench", "compare-runs", fixture("google_benchmark_reps.json"), fixture("google_benchmark_single.json"),
               "--json"},
              "bench_compare_results");
  expect_fits({"bench", "compare-runs", fixture("nvbench.json"), fixture("nvbench.md"), "--json"},
              "bench_compare_results");
}

TEST_F(CliSchema, HoldsForTheMachine) {
  expect_fits({"system", "info", "--json"}, "system_info");
  expect_fits({"system", "env", "--json"}, "system_env");
  expect_fits({"system", "check", "--json"}, "system_check");
  expect_fits({"triage", "--output", "a.tar.gz", "--json"}, "triage");
  expect_fits({"triage", "--output", "b.tar.gz", "--json", "--", "true"}, "triage");
}

// Each tool with as little as it takes, and with all that adds to its document.
TEST_F(CliSchema, HoldsForUtils) {
  const auto holds = [&](const std::string& tool, const std::string& schema, std::vector<std::string> words,
                         const std::vector<std::string>& more = {}) {
    words.insert(words.begin(), {"utils", tool});
    words.emplace_back("--json");
    expect_fits(words, schema);
    words.insert(words.end(), more.begin(), more.end());
    if (!more.empty()) expect_fits(words, schema);
  };
  holds("kv-cache", "utils_kv_cache", {"--layers", "80", "--hidden", "8192", "--tokens", "4096", "--dtype", "fp8"},
        {"--gpu-mem-gb", "80"});
  holds("kv-cache", "utils_kv_cache", {"gpt-oss-120b"}, {"--gpu-mem-gb", "80"});
  holds("kv-cache", "utils_kv_cache", {"qwen3-next-80b-a3b", "--tokens", "1000"});
  holds("cost-per-token", "utils_cost_per_token",
        {"--avg-power", "800", "--throughput", "1500", "--electricity-cost", "0.16"},
        {"--hardware-price", "30000", "--amortization-years", "4"});
  holds("spec-config-sweep", "utils_spec_config_sweep", {"--acceptance", "0.6,0.8", "--draft-length", "2,5"},
        {"--simulate", "10000"});
  holds("cluster-size", "utils_cluster_size",
        {"--qps", "20", "--prompt-tokens", "1500", "--output-tokens", "250", "--prefill-rate", "25000", "--decode-step",
         "1:0.012", "--decode-step", "64:0.022", "--ttft", "0.5", "--tpot", "0.03"});
  holds("compare-precision", "utils_compare_precision",
        {"--operation", "softmax", "--rows", "16", "--format", "fp32,bf16,nvfp4"});
  holds("async-input-sweep", "utils_async_input_sweep",
        {"--workers", "0,1", "--buffers", "1", "--batches", "8", "--repeats", "1"});
  std::filesystem::create_directories(folder_ / "c/include/cutlass");
  write("c/include/cutlass/version.h", "#define CUTLASS_MAJOR 4\n#define CUTLASS_MINOR 2\n#define CUTLASS_PATCH 1\n");
  const auto found = aisp({"utils", "detect-cutlass", "--json"}, {{"CUTLASS_DIR", (folder_ / "c").string()}}).json();
  EXPECT_FALSE(found.at("found").empty());
  EXPECT_EQ(schema_violation(schema_of("utils_detect_cutlass"), found), "");
  holds("dump-hw", "utils_dump_hw", {});
}

// Machines without a GPU print no entry for one: here is that of an H200, from what bench peak saved.
TEST_F(CliSchema, HoldsForAGpu) {
  const auto saved = document_of("tests/fixtures/h200/gpu_calibration.json");
  auto gpu = saved.at("facts");
  gpu["state"] = saved.at("before");
  EXPECT_EQ(schema_violation(schema_of("system_info").at("properties").at("gpus"), nlohmann::json::array({gpu})), "");
  gpu["theoretical"] = {{"f32", 66.9e12}, {"bandwidth", 4.8e12}}, gpu["measured"] = saved.at("peaks");
  const auto gpus = schema_of("utils_dump_hw").at("properties").at("gpus");
  EXPECT_EQ(schema_violation(gpus, nlohmann::json::array({gpu})), "");
  gpu["theoretical"] = gpu["measured"] = nullptr;  // no such GPU in the table, and none measured
  EXPECT_EQ(schema_violation(gpus, nlohmann::json::array({gpu})), "");
  gpu.erase("state");
  EXPECT_NE(schema_violation(gpus, nlohmann::json::array({gpu})), "");
}

// And what the program itself printed and left on one.
TEST_F(CliSchema, HoldsForWhatAnH200Printed) {
  for (const auto& [file, schema] :
       {std::pair("dump-hw", "utils_dump_hw"), std::pair("probe-hw", "utils_probe_hw"),
        std::pair("profile-ch07-reduction", "profile"), std::pair("profile-ch09-softmax_bf16", "profile"),
        std::pair("run-expectations", "run_expectations")})
    EXPECT_EQ(schema_violation(schema_of(schema), document_of(std::string("tests/fixtures/h200/") + file + ".json")),
              "")
        << file;
}

TEST_F(CliSchema, HoldsForAProfile) {
  const auto result = aisp({"profile", "ch09:softmax:online", "--device", "cpu", "--level", "minimal", "--json"});
  const auto document = result.json();
  EXPECT_EQ(schema_violation(schema_of("profile"), document), "");
  EXPECT_FALSE(document.at("files").empty());
}

TEST_F(CliSchema, HoldsForWhatAGpuProbes) {
  if (const auto result = aisp({"utils", "probe-hw", "--json"}); result.exit_code == 2)
    GTEST_SKIP() << "no GPU here: " << result.err;
  expect_fits({"utils", "probe-hw", "--json"}, "utils_probe_hw");
}

}  // namespace
}  // namespace aisp::test
