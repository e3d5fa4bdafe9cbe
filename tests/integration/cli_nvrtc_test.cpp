// aisp judge with CUDACXX=nvrtc: what is wrong with a file of kernels is told before a GPU is asked for.
#include "nvrtc/library.hpp"

#include "cli_process.hpp"

namespace aisp::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCopy = R"(#include <aisp/kernel.cuh>
__global__ void copy(aisp::Vector<const float> x, aisp::Vector<float> y) {
  const auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < y.size()) y[i] = x[i];
}
AISP_KERNEL(copy, [](auto, auto y) { return aisp::Launch{.blocks = {aisp::blocks(y.size(), 256)}, .threads = {256}}; });
)";

class CliNvrtc : public CliTest {
 protected:
  void SetUp() override {
#ifndef AISP_HAVE_CUDA
    GTEST_SKIP() << "built without CUDA";
#endif
    try {
      nvrtc::Library::find();
    } catch (const nvrtc::Error& error) {
      GTEST_SKIP() << error.what();
    }
  }
  static std::vector<std::string> judge(const std::string& file) {
    return {"judge", file, "--workload", "ch07:copy_vectorized", "--pairs", "6", "--restarts", "1"};
  }
  void expect_refused_by_nvrtc(const std::string& file, const std::string& text,
                               const std::vector<std::string>& needles) const {
    write(file, text);
    expect_refused(judge(file), needles, {{"CUDACXX", "nvrtc"}});
  }
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST_F(CliNvrtc, TheFirstErrorIsShown) {
  expect_refused_by_nvrtc("broken.cu", replaced(kCopy, "= x[i]", "= z[i]"),
                          {"broken.cu does not compile", "broken.cu:4: error", "\"z\""});
  expect_refused_by_nvrtc("types.cu", replaced(kCopy, "<float> y", "<double> y"),
                          {"types.cu:6", "argument 2 ('y') must be aisp::Tensor<float, 1>"});
  expect_refused_by_nvrtc("headers.cu", "#include <vector>\n" + std::string(kCopy), {"headers.cu:1", "vector"});
}

TEST_F(CliNvrtc, HostCodeIsForNvcc) {
  expect_refused_by_nvrtc("host.cu", "int main() {}\n", {"host.cu holds host code", "CUDACXX", "AISP_KERNEL"});
}

// Only the file itself goes into the sandbox.
TEST_F(CliNvrtc, WhatLiesBesideTheFileIsNotSeen) {
  write("beside.cuh", "// a header of the user's\n");
  expect_refused_by_nvrtc("one.cu", "#include \"beside.cuh\"\n" + std::string(kCopy), {"one.cu:1", "beside.cuh"});
}

TEST_F(CliNvrtc, WhatCompilesGetsAsFarAsTheGpu) {
  write("copy.cu", kCopy);
  const auto result = aisp(judge("copy.cu"), {{"CUDACXX", "nvrtc"}});
  EXPECT_THAT(result.err, Not(HasSubstr("does not compile")));
  if (result.exit_code == 2) {
    EXPECT_THAT(result.err, HasSubstr("--device cuda"));
  }
}

}  // namespace
}  // namespace aisp::test
