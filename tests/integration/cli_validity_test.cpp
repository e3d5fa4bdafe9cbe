// aisp validity: the catalogue as printed, and the proof of issues that need neither a GPU nor luck.
#include "cli_process.hpp"

namespace aisp::test {
namespace {

using ::testing::HasSubstr;

class Validity : public CliTest {};

TEST_F(Validity, ListsAndShows) {
  const auto all = aisp({"validity", "list", "--json"}).json();
  EXPECT_EQ(all.size(), 95u);
  EXPECT_EQ(aisp({"validity", "list", "timing", "--json"}).json().size(), 7u);
  const auto shown = aisp({"validity", "show", "output.stale_cache"});
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_THAT(shown.out, HasSubstr("attacks/output/stale_cache.cpp"));
  expect_refused({"validity", "show", "output.stale_cash"}, {"output.stale_cache"});
  expect_refused({"validity", "prove", "--issue", "nothing"}, {"nothing"});
}

// The rest runs in CI's own step: aisp validity prove --device cpu.
TEST_F(Validity, ProvesWhatNeedsNoLuck) {
  Command command{{"validity", "prove", "--device", "cpu", "--json"}};
  for (const char* issue :
       {"output.nan", "output.shape_mismatch", "timing.warmup_bleed", "evaluation.self_modifying", "workload",
        "distributed", "environment.virtualization", "cuda.host_callback", "output.invalid_ground_truth"})
    command.arguments.insert(command.arguments.end(), {"--issue", issue});
  command.deadline = std::chrono::minutes(5);  // half a minute on a quiet machine
  const auto proof = Process(command, folder_).wait();
  EXPECT_EQ(proof.exit_code, 0) << proof.out;
  const auto j = proof.json();
  EXPECT_EQ(j["missed"], 0);
  EXPECT_EQ(j["twins_rejected"], 0);
  EXPECT_EQ(j["not_run"], 1);  // cuda.host_callback
  EXPECT_EQ(j["simulated"], 1);
  EXPECT_EQ(j["caught"], 25);
}

TEST_F(Validity, OverlapOfSplits) {
  const std::string folder = AISP_SOURCE_DIR "/attacks/workload/train_test_overlap/";
  EXPECT_EQ(aisp({"validity", "overlap", folder + "training.txt", folder + "test.txt"}).exit_code, 0);
  const auto near = aisp({"validity", "overlap", folder + "edited.txt", folder + "test.txt", "--json"});
  EXPECT_EQ(near.exit_code, 4);
  EXPECT_EQ(near.json().at("near"), 1);
  expect_refused({"validity", "overlap", folder + "missing.txt", folder + "test.txt"}, {"missing.txt"});
}

}  // namespace
}  // namespace aisp::test
