// Kernels compiled by NVRTC, which needs no GPU: the example, what does not compile, what does not fit its workload.
#include "nvrtc/compile.hpp"
#include "nvrtc/first_error.hpp"
#include "nvrtc/job.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>

namespace aisp::nvrtc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

TEST(FirstError, PlacesReadFileAndLine) {
  EXPECT_EQ(first_error("mine.cu(12): warning #1: odd\nmine.cu(14): error: bad\nmine.cu(15): error: worse\n"),
            "mine.cu:14: error: bad");
  EXPECT_EQ(first_error("my (3) file.cu(7): catastrophic error: none"), "my (3) file.cu:7: catastrophic error: none");
  EXPECT_EQ(first_error("mine.cpp:2:30: error: f(1): no such"), "mine.cpp:2:30: error: f(1): no such");
  EXPECT_EQ(first_error("mine.cpp:2: error: bad"), "mine.cpp:2: error: bad");
  EXPECT_EQ(first_error("x(): error: y"), "x(): error: y");
  EXPECT_EQ(first_error("): error:"), "): error:");
  EXPECT_EQ(first_error("killed\nmore\n"), "killed");
  EXPECT_EQ(first_error(""), "the compiler gave no message");
}

class NvrtcJob : public testing::Test {
 protected:
  const std::filesystem::path file_ =
      std::filesystem::temp_directory_path() / ("aisp-nvrtc-job-" + std::to_string(getpid()));
  void TearDown() override { std::filesystem::remove(file_); }
};

TEST_F(NvrtcJob, ReadsWhatWasWritten) {
  write_job(file_, {"/lib/libnvrtc.so.13", "my file.cu", "", {"-std=c++20", "-I/a folder"}});
  const auto job = read_job(file_);
  EXPECT_EQ(job.library, "/lib/libnvrtc.so.13");
  EXPECT_EQ(job.name, "my file.cu");
  EXPECT_EQ(job.headers, "");
  EXPECT_THAT(job.options, ElementsAre("-std=c++20", "-I/a folder"));
}

TEST_F(NvrtcJob, WhatIsNoJobIsRefused) {
  EXPECT_THROW(write_job(file_, {"/lib", "two\nlines", "", {}}), Error);
  EXPECT_THROW(read_job("/nowhere/job"), Error);
  std::ofstream(file_) << "library /lib\nlibary /lib\n";
  EXPECT_THROW(read_job(file_), Error);
}

constexpr const char* kTwice = R"(#include <aisp/kernel.cuh>
__global__ void twice(aisp::Vector<const float> x, aisp::Vector<float> y) {
  const auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < y.size()) y[i] = 2 * x[i];
}
AISP_KERNEL(twice, [](auto, auto y) { return aisp::Launch{.blocks = {aisp::blocks(y.size(), 256)}, .threads = {256}}; });
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::logic_error("no '" + from + "' in the source");
  return text.replace(at, from.size(), to);
}

class Nvrtc : public testing::Test {
 protected:
  void SetUp() override {
    try {
      library_.emplace(Library::find());
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  // For x, read-only f32, and y, writable, both of rank 1.
  Binary compile(const std::string& text, DLDataType type = {kDLFloat, 32, 1}) const {
    std::array<std::int64_t, 1> shape{1000};
    const DLTensor tensor{nullptr, {kDLCPU, 0}, 1, type, shape.data(), nullptr, 0};
    const std::array<aisp_tensor_info, 2> tensors{{{"x", AISP_FRESH, tensor}, {"y", AISP_OUTPUT, tensor}}};
    aisp_setup setup{};
    setup.target = "test:scale";
    setup.num_tensors = 2;
    setup.tensors = tensors.data();
    Source source{"mine.cu",
                  text,
                  workload_checks(setup),
                  {"--gpu-architecture=sm_90a", "-std=c++20", "--device-as-default-execution-space",
                   "-I" AISP_SOURCE_DIR "/include"}};
    if (const auto headers = library_->headers(); !headers.empty()) {
      source.options.push_back("-I" + headers);
      source.options.push_back("-I" + headers + "/cccl");
    }
    return nvrtc::compile(*library_, source);
  }
  std::string error_of(const std::string& text) const {
    try {
      compile(text);
    } catch (const CompileError& error) {
      return error.what();
    }
    return "it compiles";
  }

  std::optional<Library> library_;
};

TEST_F(Nvrtc, LibrarySaysWhatItIs) {
  EXPECT_THAT(library_->name(), StartsWith("NVRTC 1"));
  EXPECT_THAT(library_->architectures(), testing::Contains(90));
  EXPECT_EQ(Library(library_->path()).path(), library_->path());
  EXPECT_THROW(Library("/nowhere/libnvrtc.so.13"), Error);
  EXPECT_THROW(Library("libm.so.6"), Error);
}

TEST_F(Nvrtc, KernelsAreFoundInTheirOrder) {
  const auto one = compile(kTwice);
  EXPECT_THAT(one.image, StartsWith("\x7f"
                                    "ELF"));
  EXPECT_THAT(one.image, HasSubstr(kLaunches));
  EXPECT_THAT(one.kernels, ElementsAre(HasSubstr("twice")));
  const auto two =
      compile(replaced(kTwice, "AISP_KERNEL(twice,",
                       "namespace { __global__ void clear(aisp::Vector<const float>, aisp::Vector<float> y) {\n"
                       "  y[0] = 0;\n} }\n"
                       "AISP_KERNEL(clear, [](auto, auto) { return aisp::Launch{.blocks = {1}, .threads = "
                       "{1}}; }, twice,"));
  EXPECT_THAT(two.kernels, ElementsAre(HasSubstr("clear"), HasSubstr("twice")));
}

TEST_F(Nvrtc, TheExampleOfTheDocumentsCompiles) {
  std::ifstream in(AISP_SOURCE_DIR "/docs/examples/kernel-alone/copy_wide.cu");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_THAT(compile(text).kernels, ElementsAre(HasSubstr("copy_wide")));
}

TEST_F(Nvrtc, HeadersOfTheToolkit) {
  if (library_->headers().empty()) GTEST_SKIP() << "no CUDA headers near " << library_->path();
  const auto half = "#include <cuda_fp16.h>\n#include <cuda/std/cstdint>\n" +
                    replaced(replaced(kTwice, "const float", "const __half"), "<float>", "<__half>");
  EXPECT_THAT(compile(replaced(half, "2 * x[i]", "__hadd(x[i], x[i])"), {kDLFloat, 16, 1}).kernels, SizeIs(1));
}

TEST_F(Nvrtc, ErrorsAreOneLine) {
  const auto error = error_of(replaced(kTwice, "2 * x[i]", "2 * z[i]"));
  EXPECT_EQ(error, "mine.cu:4: error: identifier \"z\" is undefined");
  EXPECT_THAT(error_of("#include <vector>\n" + std::string(kTwice)),
              testing::AllOf(StartsWith("mine.cu:1: "), HasSubstr("vector"), Not(HasSubstr("\n"))));
  EXPECT_THAT(error_of("// AISP_KERNEL\n__global__ void k() {}\n"), HasSubstr("mine.cu declares no kernel"));
  EXPECT_THAT(error_of("AISP_KERNEL(k, l);\n"), StartsWith("mine.cu:1: error: "));
}

TEST_F(Nvrtc, ArgumentsMustBeTheWorkloadsTensors) {
  EXPECT_THAT(error_of(replaced(kTwice, "<float> y", "<double> y")),
              testing::AllOf(StartsWith("mine.cu:6: "), HasSubstr("argument 2 ('y') must be aisp::Tensor<float, 1>")));
  EXPECT_THAT(error_of(replaced(kTwice, "Vector<float> y", "Matrix<float> y")), HasSubstr("argument 2 ('y')"));
  EXPECT_THAT(error_of(replaced(kTwice, "<const float> x", "<float> x")),
              HasSubstr("argument 1 ('x') must be aisp::Tensor<const float, 1>"));
  EXPECT_THAT(error_of(replaced(kTwice, "<float> y", "<unsigned> y")), HasSubstr("argument 2 ('y')"));
  EXPECT_THAT(error_of(replaced(replaced(kTwice, "x, aisp::Vector<float> y", "x, aisp::Vector<float> y, int"), "auto y",
                                "auto y, int")),
              HasSubstr("every kernel takes the 2 tensors of test:scale"));
}

TEST_F(Nvrtc, LaunchesMustFitTheirKernels) {
  EXPECT_THAT(error_of(replaced(kTwice, "[](auto, auto y)", "[](auto y)")),
              testing::AllOf(StartsWith("mine.cu:6: "), HasSubstr("a launch takes its kernel's tensors")));
  EXPECT_THAT(error_of(replaced(kTwice, "AISP_KERNEL(twice,", "AISP_KERNEL(twice, twice,")),
              HasSubstr("a kernel and its launch, in turn"));
}

TEST_F(Nvrtc, AtMostEightKernels) {
  const auto with = [](int more) {
    std::string text = kTwice;
    for (int i = 0; i < more; ++i)
      text = replaced(text, "AISP_KERNEL(",
                      "AISP_KERNEL(twice, [](auto, auto) { return aisp::Launch{.blocks = {1}, .threads = {1}}; }, ");
    return text;
  };
  EXPECT_THAT(compile(with(7)).kernels, SizeIs(8));
  EXPECT_THAT(error_of(with(8)), HasSubstr("at most 8 kernels"));
}

#ifdef AISP_HAVE_CUDA
// The same file through nvcc: an ordinary variant, which declares its arguments.
TEST(Nvcc, TheExampleOfTheDocumentsIsAVariant) {
  void* library = dlopen(AISP_BUILD_DIR "/lib/aisp/tests/copy_wide.so", RTLD_NOW | RTLD_LOCAL);
  ASSERT_TRUE(library) << dlerror();
  const auto entry = reinterpret_cast<aisp_plugin_fn>(dlsym(library, AISP_PLUGIN_SYMBOL));
  ASSERT_TRUE(entry);
  ASSERT_EQ(entry()->num_variants, 1);
  const auto& variant = *entry()->variants[0];
  EXPECT_EQ(variant.device, kDLCUDA);
  ASSERT_EQ(variant.num_arguments, 2);
  for (int i = 0; i < 2; ++i) {
    const auto& argument = variant.arguments[i];
    EXPECT_EQ(argument.dtype.code, kDLFloat);
    EXPECT_EQ(argument.dtype.bits, 32);
    EXPECT_EQ(argument.ndim, 1);
    EXPECT_EQ(argument.writable, i);
  }
}
#endif

}  // namespace
}  // namespace aisp::nvrtc
