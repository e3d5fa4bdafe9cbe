// What commands print with --json is what docs/schema says.
#include "../json_schema.hpp"
#include "cli_process.hpp"

namespace aisp::test {
namespace {

class CliSchema : public CliTest {
 protected:
  void expect_fits(const std::vector<std::string>& arguments, const std::string& schema) const {
    const auto result = aisp(arguments);
    std::ifstream in(std::string(AISP_SOURCE_DIR) + "/docs/schema/" + schema + ".schema.json");
    ASSERT_TRUE(in) << schema;
    const auto document = result.json();
    EXPECT_EQ(schema_violation(nlohmann::json::parse(in), document), "") << schema << "\n" << result.out;
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
  expect_fits({"system", "env", "--json"}, "system_env");
}

}  // namespace
}  // namespace aisp::test
