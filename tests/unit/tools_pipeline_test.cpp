// The input pipeline: every shape computes the same, the stages overlap, the bound bounds.
#include "tools/input_pipeline.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace aisp::tools {
namespace {
namespace fs = std::filesystem;

class InputPipeline : public testing::Test {
 protected:
  InputPipeline() { write_pipeline_input(file_, work_); }
  ~InputPipeline() override { fs::remove(file_); }
  PipelineWork work_{24, 4096, 2, 2, 0};
  fs::path file_ = fs::path(testing::TempDir()) / ("aisp-pipeline-" + std::to_string(::getpid()));
};

TEST_F(InputPipeline, EveryShapeComputesTheSame) {
  const auto expected = run_pipeline(file_, work_, {0, 1}).result;
  EXPECT_NE(expected, 0);
  for (const int workers : {1, 2, 5})
    for (const int buffers : {1, 2, 7})
      EXPECT_EQ(run_pipeline(file_, work_, {workers, buffers}).result, expected) << workers << " " << buffers;
}

TEST_F(InputPipeline, WorkersOverlapTheDelays) {
  work_.read_delay_seconds = 0.005;  // sleeping needs no core, so this holds on a loaded machine
  const auto alone = run_pipeline(file_, work_, {0, 1});
  EXPECT_GE(alone.seconds, 24 * 0.005);
  EXPECT_EQ(alone.waited, 0);
  const auto eight = run_pipeline(file_, work_, {8, 8});
  EXPECT_LT(eight.seconds, alone.seconds / 2);
  EXPECT_GT(eight.waited, 0);
  EXPECT_GE(eight.seconds, 3 * 0.005);  // 24 reads by 8 workers
}

TEST_F(InputPipeline, TheBoundByHand) {
  const PipelineTimes s{10, 0, 4, 2, 3, 0};
  EXPECT_EQ(pipeline_bound(work_, {0, 1}, s, 4), 9);
  EXPECT_EQ(pipeline_bound(work_, {1, 4}, s, 4), 6);    // one producer
  EXPECT_EQ(pipeline_bound(work_, {4, 1}, s, 4), 9);    // one buffer: nothing overlaps
  EXPECT_EQ(pipeline_bound(work_, {4, 4}, s, 4), 3);    // the computation
  EXPECT_EQ(pipeline_bound(work_, {4, 4}, s, 2), 4.5);  // all arithmetic on two cores
  work_.read_delay_seconds = 0.1;                       // 2.4 of the 4 s of reading need no core
  EXPECT_DOUBLE_EQ(pipeline_bound(work_, {4, 4}, s, 2), (6 - 2.4 + 3) / 2);
}

TEST_F(InputPipeline, AShortFileIsSeenByWorkersAndConsumer) {
  fs::resize_file(file_, 4096 * 10);
  EXPECT_THROW(run_pipeline(file_, work_, {0, 1}), std::runtime_error);
  EXPECT_THROW(run_pipeline(file_, work_, {3, 2}), std::runtime_error);
  EXPECT_THROW(run_pipeline(file_.string() + ".absent", work_, {1, 1}), std::runtime_error);
}

TEST_F(InputPipeline, EndsWhenInterrupted) {
  std::atomic<bool> interrupted = true;
  for (const int workers : {0, 3})
    EXPECT_THROW(run_pipeline(file_, work_, {workers, 2}, &interrupted), std::runtime_error) << workers;
}

}  // namespace
}  // namespace aisp::tools
