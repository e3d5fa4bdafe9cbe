// aisp import results and compare-runs of files, with the real binary.
#include "cli_process.hpp"

#include <regex>

namespace aisp::test {
namespace {

using ::testing::HasSubstr;

class CliImport : public CliTest {
 protected:
  static std::string fixture(const std::string& name) {
    return std::string(AISP_SOURCE_DIR) + "/tests/fixtures/results/" + name;
  }
  static std::string read(const std::string& name) {
    std::ifstream in(fixture(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_F(CliImport, PrintsATableOfEveryProgram) {
  const auto result = aisp({"import", "results", fixture("nccl_all_reduce.txt"), fixture("google_benchmark_reps.json"),
                            fixture("nvbench.md"), fixture("nvbandwidth.txt")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("nccl_all_reduce.txt: nccl-tests (text)"));
  EXPECT_THAT(result.out, testing::ContainsRegex("all_reduce_perf 1048576 B float sum out of place +time +22.4 µs"));
  EXPECT_THAT(result.out, HasSubstr("no repetitions, no interval"));
  EXPECT_THAT(result.out, HasSubstr("8 repetitions"));
  EXPECT_THAT(result.out, HasSubstr("error: no such device"));
  EXPECT_THAT(result.out, testing::ContainsRegex("copy_sweep T=F32 Elements=16777216 +GPU time +262 µs"));
  EXPECT_THAT(result.out, testing::ContainsRegex("host_to_device_memcpy_ce .0, 0. +bandwidth +55.6 GB/s"));
  EXPECT_THAT(aisp({"import", "results", "--help"}).out, HasSubstr("Example:"));
}

TEST_F(CliImport, RefusesWithFileAndLine) {
  write("comma.txt", std::regex_replace(read("nccl_all_reduce.txt"), std::regex("22[.]41"), "22,41"));
  expect_refused({"import", "results", "comma.txt"}, {"comma.txt:12", "'22,41'"});
  write("other.txt", "hello\n");
  expect_refused({"import", "results", "other.txt"}, {"other.txt:1", "nccl-tests"});
  expect_refused({"import", "results", "absent.txt"}, {"absent.txt"});
  expect_refused({"import", "results"}, {"files"});
  expect_refused({"import"}, {"results"});
}

TEST_F(CliImport, CompareRunsTakesTwoFiles) {
  std::string before, after;
  for (int i = 0; i < 7; ++i) {
    before += read("nvbandwidth.txt");
    after += std::regex_replace(read("nvbandwidth.txt"), std::regex("55[.]63"), "35.63");
  }
  write("before.txt", before), write("after.txt", after);
  const auto slower = aisp({"bench", "compare-runs", "before.txt", "after.txt"});
  EXPECT_EQ(slower.exit_code, 1) << slower.err;
  EXPECT_THAT(slower.out,
              testing::ContainsRegex("regressed +host_to_device_memcpy_ce .0, 0. +bandwidth +55.6 GB/s → 35.6"));
  EXPECT_EQ(aisp({"bench", "compare-runs", "after.txt", "before.txt"}).exit_code, 0);
  const auto unresolved = aisp({"bench", "compare-runs", fixture("nvbench.json"), fixture("nvbench.csv")});
  EXPECT_EQ(unresolved.exit_code, 0);
  EXPECT_THAT(unresolved.out, HasSubstr("no repetitions, no interval"));
  expect_refused({"bench", "compare-runs", "before.txt", fixture("nvbench.json")}, {"nvbandwidth", "nvbench"});
  expect_refused({"bench", "compare-runs", "before.txt", "latest"}, {"before.txt", "latest", "two files or two runs"});
}

}  // namespace
}  // namespace aisp::test
