// aisp judge: a user's own source or plugin, right, wrong, broken and hostile.
#include "cli_process.hpp"

namespace aisp::test {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kSoftmax = R"(#include <aisp/variant.hpp>
#include <algorithm>
#include <cmath>
static void mine(aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  for (std::int64_t i = 0; i < x.dim(0); ++i) {
    float top = x(i, 0);
    double sum = 0;
    for (std::int64_t j = 0; j < x.dim(1); ++j) top = std::max(top, x(i, j));
    for (std::int64_t j = 0; j < x.dim(1); ++j) sum += y(i, j) = std::exp(x(i, j) - top);
    for (std::int64_t j = 0; j < x.dim(1); ++j) y(i, j) = static_cast<float>(y(i, j) / sum);
  }
}
AISP_VARIANT(mine);
)";

constexpr const char* kPluginInC = R"(#include <aisp/plugin.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
struct state { const DLTensor* tensors[64][2]; DLTensor copies[64][2]; };
static const char* prepare(const aisp_setup* setup, void** state) {
  (void)setup;
  *state = calloc(1, sizeof(struct state));
  return *state ? NULL : "out of memory";
}
static const char* bind(void* state, int32_t slot, const DLTensor* const* tensors, int32_t count) {
  struct state* s = state;
  if (slot >= 64 || count != 2) return "unexpected slot or tensors";
  for (int i = 0; i < 2; ++i) s->copies[slot][i] = *tensors[i];
  return NULL;
}
static const char* run(void* state, int32_t slot) {
  struct state* s = state;
  const float* x = s->copies[slot][0].data;
  float* y = s->copies[slot][1].data;
  for (int64_t i = 0; i < ROWS_OF; ++i) {
    const int64_t cols = COLS_OF;
    float top = x[i * cols];
    double sum = 0;
    for (int64_t j = 0; j < cols; ++j) top = fmaxf(top, x[i * cols + j]);
    for (int64_t j = 0; j < cols; ++j) sum += y[i * cols + j] = expf(x[i * cols + j] - top);
    for (int64_t j = 0; j < cols; ++j) y[i * cols + j] = (float)(y[i * cols + j] / sum);
  }
  return NULL;
}
static void release(void* state) { free(state); }
static const aisp_variant variant = {sizeof(aisp_variant), "", "in_c", "plain C", kDLCPU, 1, -1, NULL,
                                     prepare, bind, run, release};
static const aisp_variant* const variants[] = {&variant};
static const aisp_plugin plugin = {ABI, 1, variants};
const aisp_plugin* aisp_plugin_v1(void) { return &plugin; }
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string plugin_in_c(const std::string& abi = "AISP_ABI_VERSION") {
  auto text = replaced(kPluginInC, "ABI,", abi + ",");
  text = replaced(text, "ROWS_OF", "s->copies[slot][0].shape[0]");
  return replaced(text, "COLS_OF", "s->copies[slot][0].shape[1]");
}

class CliJudge : public CliTest {
 protected:
  static std::vector<std::string> judge(const std::string& file, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"judge", file, "--workload", "ch09:softmax", "--pairs", "6", "--restarts", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  nlohmann::json variant(const Result& result, const std::string& name) const {
    const auto document = result.json();
    for (const auto& each : document.at("targets").at(0).at("variants"))
      if (each.at("name") == name) return each;
    ADD_FAILURE() << "no variant " << name << " in " << result.out;
    return {};
  }
  // Compiles C text into a library without aisp's help.
  void build_library(const std::string& name, const std::string& text) const {
    write(name + ".c", text);
    const std::string command = "cc -shared -fPIC -I" AISP_SOURCE_DIR "/include -o '" +
                                (folder_ / (name + ".so")).string() + "' '" + (folder_ / (name + ".c")).string() +
                                "' -lm";
    ASSERT_EQ(std::system(command.c_str()), 0);
    std::filesystem::remove(folder_ / (name + ".c"));
  }
};

TEST_F(CliJudge, SourceIsJudgedAgainstTheBaseline) {
  write("mine.cpp", kSoftmax);
  const auto result = aisp(judge("mine.cpp", {"--json"}));
  const auto mine = variant(result, "mine");
  EXPECT_TRUE(mine.at("correct").get<bool>());
  EXPECT_EQ(mine.at("status"), "ok");
  EXPECT_EQ(variant(result, "baseline").at("status"), "ok");
  SKIP_WHEN_TOO_BUSY(result);
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST_F(CliJudge, ClaimDecidesTheExitCode) {
  write("mine.cpp", kSoftmax);
  const auto modest = aisp(judge("mine.cpp", {"--claim", "0.01"}));
  SKIP_WHEN_TOO_BUSY(modest);
  EXPECT_EQ(modest.exit_code, 0) << modest.err;
  EXPECT_THAT(modest.err, HasSubstr("claim 0.01: met"));
  const auto bold = aisp(judge("mine.cpp", {"--claim", "1000"}));
  SKIP_WHEN_TOO_BUSY(bold);
  EXPECT_EQ(bold.exit_code, 1) << bold.err;
  EXPECT_THAT(bold.err, HasSubstr("claim 1000: not met"));
}

TEST_F(CliJudge, PlainCWorks) {
  write("softmax.c", plugin_in_c());
  const auto result = aisp(judge("softmax.c", {"--json"}));
  EXPECT_TRUE(variant(result, "softmax").at("correct").get<bool>());
  SKIP_WHEN_TOO_BUSY(result);
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST_F(CliJudge, PluginIsUsedAsItIs) {
  build_library("mine", plugin_in_c());
  const auto result = aisp(judge("mine.so", {"--json"}));
  EXPECT_TRUE(variant(result, "mine").at("correct").get<bool>());
  SKIP_WHEN_TOO_BUSY(result);
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST_F(CliJudge, WrongOutputExitsThree) {
  write("wrong.cpp", replaced(kSoftmax, "y(i, j) / sum", "y(i, j) / sum * 1.01"));
  const auto result = aisp(judge("wrong.cpp", {"--json", "--claim", "0.01"}));
  EXPECT_FALSE(variant(result, "wrong").at("correct").get<bool>());
  EXPECT_EQ(variant(result, "wrong").at("speedup"), 0);
  SKIP_WHEN_TOO_BUSY(result);
  EXPECT_EQ(result.exit_code, 3) << result.err;
}

TEST_F(CliJudge, WhatWentWrongIsSaidBesideTheTable) {
  write("wrong.cpp", replaced(kSoftmax, "y(i, j) / sum", "y(i, j) / sum * 1.01"));
  EXPECT_THAT(aisp(judge("wrong.cpp")).out,
              testing::ContainsRegex("wrong: wrong in .*: [0-9]+ of [0-9]+ elements of y, first at "));
  write("crash.cpp", replaced(kSoftmax, "double sum = 0;", "double sum = 0; __builtin_trap();"));
  EXPECT_THAT(aisp(judge("crash.cpp")).out, HasSubstr("crash: crashed: "));
}

TEST_F(CliJudge, CrashAndHangExitSix) {
  write("crash.cpp", replaced(kSoftmax, "double sum = 0;", "double sum = 0; __builtin_trap();"));
  const auto crash = aisp(judge("crash.cpp", {"--json"}));
  EXPECT_EQ(crash.exit_code, 6) << crash.err;
  EXPECT_EQ(variant(crash, "crash").at("status"), "crashed");
  write("hang.cpp", replaced(kSoftmax, "double sum = 0;", "double sum = 0; for (volatile int k = 0;;) k = 1;"));
  const auto hang = aisp(judge("hang.cpp", {"--json", "--timeout", "1"}));
  EXPECT_EQ(hang.exit_code, 6) << hang.err;
  EXPECT_EQ(variant(hang, "hang").at("status"), "timed_out");
}

// ---------------------------------------------------------------------------------------------------------------------
// Bad input

TEST_F(CliJudge, CompilerErrorIsShown) {
  write("broken.cpp", "#include <aisp/variant.hpp>\nint f() { return undeclared_name; }\nint g() { return 1 +; }\n");
  expect_refused(judge("broken.cpp"), {"broken.cpp does not compile", "broken.cpp:2", "undeclared_name"});
  write("broken.c", "int f(void) { return 1 }\n");
  expect_refused(judge("broken.c"), {"broken.c does not compile", "broken.c:1"});
  write("mine.cpp", kSoftmax);
  expect_refused(judge("mine.cpp"), {"CXX", "no-such-compiler"}, {{"CXX", "no-such-compiler"}});
}

TEST_F(CliJudge, FilesThatAreNoPlugins) {
  expect_refused(judge("absent.cpp"), {"absent.cpp", "no such file"});
  expect_refused(judge("."), {"not a file"});
  write("notes.txt", "hello");
  expect_refused(judge("notes.txt"), {"notes.txt", ".cpp", ".so"});
  write("kernel.cu", "__global__ void k() {}");
  expect_refused({"judge", "kernel.cu", "--workload", "ch01:goodput"}, {"no variant for the GPU"});
  write("text.so", "this is not ELF");
  expect_refused(judge("text.so"), {"text.so", "ELF"});
  write("empty.so", "");
  expect_refused(judge("empty.so"), {"empty.so", "ELF"});
  build_library("symbol", "int nothing(void) { return 0; }\n");
  expect_refused(judge("symbol.so"), {"symbol.so", "aisp_plugin_v1"});
  build_library("abi", plugin_in_c("999u"));
  expect_refused(judge("abi.so"), {"abi.so", "999", "1"});
  write("silent.cpp", "int nothing() { return 0; }\n");
  expect_refused(judge("silent.cpp"), {"aisp_plugin_v1"});
}

TEST_F(CliJudge, VariantThatDoesNotFitTheWorkload) {
  write("types.cpp",
        "#include <aisp/variant.hpp>\nstatic void f(aisp::Matrix<const double>, aisp::Matrix<float>) "
        "{}\nAISP_VARIANT(f);\n");
  expect_refused(judge("types.cpp"), {"types.cpp", "f32", "f64"});
  write("mine.cpp", kSoftmax);
  expect_refused({"judge", "mine.cpp", "--workload", "ch09:sofmax"}, {"ch09:sofmax", "ch09:softmax"});
  expect_refused({"judge", "mine.cpp"}, {"--workload"});
  expect_refused(judge("mine.cpp", {"--claim", "fast"}), {"--claim"});
  build_library("named", plugin_in_c());
  expect_refused(judge("named.so", {"--variant", "in_d"}), {"in_d", "in_c"});
}

}  // namespace
}  // namespace aisp::test
