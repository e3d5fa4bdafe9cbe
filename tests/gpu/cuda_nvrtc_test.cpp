// Kernels compiled by NVRTC in the worker, judged: a right one, a wrong one, a slow one, and what a launch can get
// wrong.
#include "nvrtc/library.hpp"

#include "../integration/cli_process.hpp"

#ifdef AISP_HAVE_CUDA
#include "device/cuda/runtime.hpp"
#endif

namespace aisp::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kCopy = R"(#include <aisp/kernel.cuh>
__global__ void copy(aisp::Vector<const float> x, aisp::Vector<float> y) {
  const auto first = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x, step = std::int64_t{gridDim.x} * blockDim.x;
  for (auto i = first; i < y.size(); i += step) y[i] = x[i];
}
AISP_KERNEL(copy, [](auto, auto y) {
  return aisp::Launch{.blocks = {aisp::blocks(y.size(), 256)}, .threads = {256}, .shared_bytes = 0};
});
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

class CudaNvrtc : public CliTest {
 protected:
  void SetUp() override {
#ifdef AISP_HAVE_CUDA
    if (const auto why = device::cuda::why_absent()) GTEST_SKIP() << *why;
#else
    GTEST_SKIP() << "built without CUDA";
#endif
    try {
      nvrtc::Library::find();
    } catch (const nvrtc::Error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  Result judge(const std::string& file, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"judge",      file, "--workload", "ch07:copy_vectorized", "--pairs", "6",
                                       "--restarts", "1",  "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Process({std::move(arguments), {{"CUDACXX", "nvrtc"}}, {}, std::chrono::seconds(180)}, folder_).wait();
  }
  nlohmann::json variant(const Result& result, const std::string& name) const {
    if (result.out.empty()) {
      ADD_FAILURE() << result.err;
      return {};
    }
    const auto document = result.json();
    for (const auto& each : document.at("targets").at(0).at("variants"))
      if (each.at("name") == name) return each;
    ADD_FAILURE() << "no variant " << name << " in " << result.out;
    return {};
  }
  // What the saved evidence of the only run says of a variant.
  nlohmann::json evidence(const std::string& name) const {
    for (const auto& file : files()) {
      if (!file.ends_with(".evidence.json")) continue;
      std::ifstream in(file);
      const auto document = nlohmann::json::parse(in);
      for (const auto& each : document.at("variants"))
        if (each.at("name") == name) return each;
    }
    ADD_FAILURE() << "no evidence of " << name;
    return {};
  }
};

TEST_F(CudaNvrtc, TheExampleIsRight) {
  std::filesystem::copy_file(AISP_SOURCE_DIR "/docs/examples/kernel-alone/copy_wide.cu", folder_ / "copy_wide.cu");
  const auto result = judge("copy_wide.cu");
  const auto mine = variant(result, "copy_wide");
  EXPECT_TRUE(mine.at("correct").get<bool>());
  EXPECT_EQ(mine.at("status"), "ok");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto saved = evidence("copy_wide");
  EXPECT_THAT(saved.at("compile_flags").get<std::string>(), StartsWith("NVRTC 1"));
  EXPECT_THAT(saved.at("compile_flags").get<std::string>(), HasSubstr("--gpu-architecture=sm_"));
  EXPECT_GT(saved.at("prepare_seconds").get<double>(), 0.001);  // it holds the compilation
}

TEST_F(CudaNvrtc, TheExampleIsRightThroughNvccToo) {
  const auto plugin = build_folder() / "lib/aisp/tests/copy_wide.so";
  EXPECT_TRUE(variant(judge(plugin.string()), "copy_wide").at("correct").get<bool>());
}

TEST_F(CudaNvrtc, SeveralKernelsRunInTheirOrder) {
  write("twice.cu", replaced(kCopy, "AISP_KERNEL(copy, [](auto, auto y) {",
                             "__global__ void spoil(aisp::Vector<const float>, aisp::Vector<float> y) {\n"
                             "  const auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;\n"
                             "  if (i < y.size()) y[i] = -1;\n}\n"
                             "AISP_KERNEL(spoil, [](auto, auto y) { return aisp::Launch{.blocks = "
                             "{aisp::blocks(y.size(), 128)}, .threads = {128}}; }, copy, [](auto, auto y) {"));
  EXPECT_TRUE(variant(judge("twice.cu"), "twice").at("correct").get<bool>());
}

TEST_F(CudaNvrtc, MuchSharedMemoryIsAskedFor) {
  write("shared.cu", replaced(kCopy, ".shared_bytes = 0", ".shared_bytes = 65536"));
  EXPECT_TRUE(variant(judge("shared.cu"), "shared").at("correct").get<bool>());
}

TEST_F(CudaNvrtc, AWrongOneExitsThree) {
  write("wrong.cu", replaced(kCopy, "= x[i]", "= x[i] + (i == 12345)"));
  const auto result = judge("wrong.cu");
  EXPECT_FALSE(variant(result, "wrong").at("correct").get<bool>());
  EXPECT_EQ(result.exit_code, 3) << result.err;
}

TEST_F(CudaNvrtc, ASlowOneMissesItsClaim) {
  write("slow.cu", replaced(kCopy, ".blocks = {aisp::blocks(y.size(), 256)}", ".blocks = {1}"));
  const auto result = judge("slow.cu", {"--claim", "1"});
  const auto mine = variant(result, "slow");
  EXPECT_TRUE(mine.at("correct").get<bool>());
  EXPECT_LT(mine.at("speedup").get<double>(), 0.5);
  EXPECT_EQ(result.exit_code, 1) << result.err;
}

TEST_F(CudaNvrtc, ImpossibleLaunchesAreOneLine) {
  const auto fails = [&](const std::string& from, const std::string& to, const std::string& message) {
    write("bad.cu", replaced(kCopy, from, to));
    const auto result = judge("bad.cu");
    const auto mine = variant(result, "bad");
    EXPECT_EQ(mine.at("status"), "failed") << to;
    EXPECT_THAT(mine.dump(), HasSubstr(message)) << to;
    EXPECT_EQ(result.exit_code, 6) << result.err;
  };
  fails(".threads = {256}", ".threads = {2048}", "2048 x 1 x 1 threads a block; 1 to 1024 are possible");
  fails(".blocks = {aisp::blocks(y.size(), 256)}", ".blocks = {0}", "0 x 1 x 1 blocks");
  fails(".shared_bytes = 0", ".shared_bytes = 1u << 30", "asking for 1073741824 bytes of shared memory");
}

}  // namespace
}  // namespace aisp::test
