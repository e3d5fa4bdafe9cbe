// Commands that only look: lists, facts about the machine, the version.
#include "cli_process.hpp"

namespace aisp::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class CliList : public CliTest {};

TEST_F(CliList, ListsChaptersAndTargets) {
  const auto chapters = aisp({"bench", "list-chapters", "--json"});
  ASSERT_EQ(chapters.exit_code, 0) << chapters.err;
  std::vector<std::string> names;
  for (const auto& chapter : chapters.json()) names.push_back(chapter.at("chapter"));
  EXPECT_THAT(names, Contains("ch09"));
  EXPECT_THAT(names, Not(Contains("calibrate")));

  const auto targets = aisp({"bench", "list-targets", "--chapter", "ch09", "--json"});
  ASSERT_EQ(targets.exit_code, 0) << targets.err;
  bool softmax = false;
  for (const auto& target : targets.json()) {
    EXPECT_EQ(target.at("chapter"), "ch09");
    EXPECT_EQ(target.at("variants").at(0).at("name"), "baseline");
    softmax |= target.at("target") == "ch09:softmax";
  }
  EXPECT_TRUE(softmax);
  EXPECT_THAT(aisp({"bench", "list-targets"}).out, HasSubstr("ch09:softmax"));
}

TEST_F(CliList, DeviceFiltersTargets) {
  for (const std::string device : {"cpu", "cuda"}) {
    const auto result = aisp({"bench", "list-targets", "--device", device, "--json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const auto targets = result.json();
    for (const auto& target : targets) {
      std::vector<std::string> devices;
      for (const auto& variant : target.at("variants")) devices.push_back(variant.at("device"));
      EXPECT_THAT(devices, Contains(device)) << target.at("target");
    }
  }
}

TEST_F(CliList, KernelsOfEveryCudaVariantAreKnown) {
  const auto result = aisp({"bench", "list-kernels", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto variants = result.json();
  if (variants.empty()) GTEST_SKIP() << "this build has no CUDA variants";
  std::size_t kernels = 0;
  for (const auto& variant : variants) {
    EXPECT_EQ(variant.at("absent"), "") << variant.at("source");
    for (const auto& kernel : variant.at("kernels")) {
      ++kernels;
      EXPECT_THAT(kernel.at("arch").get<std::string>(), HasSubstr("sm_"));
      EXPECT_GT(kernel.at("registers"), 0) << kernel.at("name");
    }
  }
  EXPECT_GT(kernels, 50u);

  // The one lesson that spills on purpose, in its baseline.
  const auto lesson = aisp({"bench", "list-kernels", "--targets", "ch06:launch_bounds", "--spilling", "--json"}).json();
  ASSERT_EQ(lesson.size(), 1u);
  EXPECT_EQ(lesson[0].at("variant"), "baseline");
  EXPECT_GT(lesson[0].at("kernels").at(0).at("spill_store_bytes"), 0);
  const auto checked = aisp({"bench", "list-kernels", "--check"});
  EXPECT_EQ(checked.exit_code, 0) << checked.out;
  EXPECT_THAT(checked.out, HasSubstr("none spills without a reason"));
}

// A chapter of its own, with this build's binary and a plugin whose kernel spills: 76 bytes out of 32 registers.
TEST_F(CliList, AVariantThatSpillsIsAFaultUnlessItsSourceSaysWhy) {
  namespace fs = std::filesystem;
  const fs::path root = folder_ / "root", source = root / "share/aisp/chapters/ch99/planted/optimized.cu";
  for (const auto& part : {root / "bin", root / "lib/aisp/variants", source.parent_path()})
    fs::create_directories(part);
  fs::copy_file(build_folder() / "bin/aisp", root / "bin/aisp");
  fs::copy_file(AISP_SOURCE_DIR "/tests/fixtures/cubin/kernels.elf", root / "lib/aisp/variants/ch99_cuda.so");
  const auto declare = [&](const std::string& variant) {
    std::ofstream(root / "share/aisp/targets.json")
        << R"([{"target": "ch99:planted", "chapter": "ch99", "name": "planted",
      "workload_source": "chapters/ch99/planted/workload.cpp", "workload_library": "ch99.so", "variant_library": "ch99.so",
      "variants": [{"name": ")"
        << variant << R"(", "peer": false, "device": "cuda", "flags": "",
        "source": "chapters/ch99/planted/optimized.cu"}]}])";
  };
  const auto check = [&](std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"bench", "list-kernels", "--check"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Process({.arguments = arguments, .program = root / "bin/aisp"}, folder_).wait();
  };
  std::ofstream(source) << "// A kernel.\n";
  declare("optimized");
  const auto caught = check();
  EXPECT_EQ(caught.exit_code, 1) << caught.err;
  EXPECT_THAT(caught.out, HasSubstr("chapters/ch99/planted/optimized.cu"));
  EXPECT_THAT(caught.out, HasSubstr("spilling spills (76 B stored, 76 B loaded, sm_"));
  const auto listed = check({"--spilling", "--json"});
  EXPECT_EQ(listed.exit_code, 1);
  EXPECT_THAT(listed.json().at(0).at("fault").get<std::string>(), HasSubstr("spills"));

  std::ofstream(source) << "// A kernel.\n// Spills: to be caught by a test\n";
  const auto explained = check();
  EXPECT_EQ(explained.exit_code, 0) << explained.out;
  EXPECT_EQ(check({"--json"}).json().at(0).at("spill_reason"), "to be caught by a test");

  std::ofstream(source) << "// A kernel.\n";
  declare("baseline");
  EXPECT_EQ(check().exit_code, 0) << "what a lesson mends may spill";
  declare("optimized");
  fs::remove(source);
  EXPECT_EQ(check().exit_code, 1) << "a source that is not at hand explains nothing";
}

TEST_F(CliList, SystemFactsAndVersionAreOneDocument) {
  const auto info = aisp({"system", "info", "--json"});
  ASSERT_EQ(info.exit_code, 0) << info.err;
  EXPECT_GE(info.json().at("logical").get<int>(), 1);
  EXPECT_GT(info.json().at("memory_bytes").get<std::uint64_t>(), 0u);

  const auto env = aisp({"system", "env", "--json"});
  ASSERT_EQ(env.exit_code, 0) << env.err;
  std::vector<std::string> settings;
  for (const auto& check : env.json()) {
    settings.push_back(check.at("setting"));
    EXPECT_THAT(check.at("state"), ::testing::AnyOf("good", "bad", "unknown"));
    EXPECT_TRUE(check.at("state") != "bad" || check.at("command") != "") << check;
  }
  for (const char* setting : {"hypervisor", "governor", "turbo", "SMT", "huge pages", "swap", "load", "ASLR",
                              "perf_event_paranoid", "cgroup cpu limit"})
    EXPECT_THAT(settings, Contains(setting));

  const auto version = aisp({"version", "--json"});
  ASSERT_EQ(version.exit_code, 0) << version.err;
  EXPECT_EQ(aisp({"--version"}).out, aisp({"version"}).out);
  EXPECT_EQ(aisp({"--version"}).exit_code, 0);
  EXPECT_THAT(version.json().at("version").get<std::string>(), ::testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

TEST_F(CliList, AClosedOutputIsAnErrorNotADeath) {
  Command command{{"bench", "list-targets"}};
  command.in_child = [] { ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO); };
  const auto result = Process(command, folder_).wait();
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_EQ(result.error_lines(), 1) << result.err;
}

TEST_F(CliList, UnknownNamesSuggestTheNearest) {
  expect_refused({"bench", "list-targets", "--chapter", "ch0"}, {"ch0"});
  expect_refused({"bench", "list-targets", "--device", "cdua"}, {"cdua", "cuda"});
  expect_refused({"bench", "list-target"}, {"list-target", "list-targets"});
  expect_refused({}, {"needs a command", "bench"});
  expect_refused({"bench"}, {"aisp bench needs a command", "list-targets"});
  expect_refused({"bnech", "run"}, {"bnech", "bench"});
  expect_refused({"bench", "list-targets", "--chapterr", "ch09"}, {"--chapterr", "--chapter"});
}

TEST_F(CliList, CleanLeavesOtherFilesAlone) {
  std::filesystem::create_directories(folder_ / "artifacts" / "not-a-run");
  write("artifacts/notes.txt", "mine");
  const auto before = files();
  const auto result = aisp({"clean", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.json().at("runs"), IsEmpty());
  EXPECT_EQ(files(), before);
}

}  // namespace
}  // namespace aisp::test
