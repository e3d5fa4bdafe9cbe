// aisp judge and profile of a user's file: what its compiler and its worker see, runtimes of threads, flags, variables,
// and what it prints.
#include "cli_process.hpp"

#include <sys/stat.h>

namespace aisp::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// A softmax that passes; HEAD stands before it, EACH_ROW before its loop over the rows, PREPARE in its constructor.
std::string softmax(const std::string& head = "", const std::string& each_row = "", const std::string& prepare = "",
                    const std::string& attribute = "") {
  return "#include <aisp/variant.hpp>\n#include <algorithm>\n#include <cmath>\n#include <cstdio>\n#include "
         "<cstdlib>\n" +
         head + "\n" + attribute +
         R"( static void rows(aisp::Matrix<const float> x, aisp::Matrix<float> y) {
)" + each_row +
         R"(
  for (std::int64_t i = 0; i < x.dim(0); ++i) {
    float top = x(i, 0);
    double sum = 0;
    for (std::int64_t j = 0; j < x.dim(1); ++j) top = std::max(top, x(i, j));
    for (std::int64_t j = 0; j < x.dim(1); ++j) sum += y(i, j) = std::exp(x(i, j) - top);
    for (std::int64_t j = 0; j < x.dim(1); ++j) y(i, j) = static_cast<float>(y(i, j) / sum);
  }
}
struct Mine {
  explicit Mine(const aisp::Setup&) {)" +
         prepare + R"(}
  void operator()(aisp::Matrix<const float> x, aisp::Matrix<float> y) { rows(x, y); }
};
)";
}
const std::string kEnd = "AISP_VARIANT(Mine);\n";

constexpr const char* kOpenMp = "#pragma omp parallel for";
constexpr const char* kInParallel = R"(
#include <execution>
#include <numeric>
#include <vector>
struct Mine {
  std::vector<std::int64_t> rows;
  explicit Mine(const aisp::Setup& s) : rows(static_cast<std::size_t>(s.shape("x")[0])) { std::iota(rows.begin(), rows.end(), 0); }
  void operator()(aisp::Matrix<const float> x, aisp::Matrix<float> y) {
    EACH([&](std::int64_t i) {
      float top = x(i, 0);
      double sum = 0;
      for (std::int64_t j = 0; j < x.dim(1); ++j) top = std::max(top, x(i, j));
      for (std::int64_t j = 0; j < x.dim(1); ++j) sum += y(i, j) = std::exp(x(i, j) - top);
      for (std::int64_t j = 0; j < x.dim(1); ++j) y(i, j) = static_cast<float>(y(i, j) / sum);
    });
  }
};
AISP_VARIANT(Mine);
)";

class CliOwnFile : public CliTest {
 protected:
  static std::vector<std::string> judge(const std::string& file, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"judge", file, "--workload", "ch09:softmax", "--pairs", "6", "--restarts", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  nlohmann::json evidence(const std::string& variant) const {  // of the newest run
    nlohmann::json found;
    for (const auto& file : files()) {
      if (!file.ends_with("ch09_softmax.evidence.json")) continue;
      std::ifstream in(file);
      const auto document = nlohmann::json::parse(in);
      for (const auto& v : document.at("variants"))
        if (v.at("name") == variant) found = v;
    }
    return found;
  }
  std::vector<std::string> issues(const Result& result, const std::string& variant) const {
    std::vector<std::string> all;
    const auto document = result.json();
    for (const auto& v : document.at("targets").at(0).at("violations"))
      if (v.at("variant") == variant && v.at("issue") != "timing.event_gaps") all.push_back(v.at("issue"));
    return all;
  }
  bool compiles(const std::string& command, const std::string& text) const {
    write("try.cpp", text);
    const auto line = command + " -o '" + (folder_ / "try.out").string() + "' -x c++ '" +
                      (folder_ / "try.cpp").string() + "' 2>/dev/null";
    const bool good = std::system(line.c_str()) == 0;
    fs::remove(folder_ / "try.cpp"), fs::remove(folder_ / "try.out");
    return good;
  }
};

// ---------------------------------------------------------------------------------------------------------------------
// What the compiler sees

TEST_F(CliOwnFile, TheCompilerReadsNoFilesOfTheHost) {
  write("secret.txt", "the-secret\n");
  fs::create_directory(folder_ / "mine");
  const auto secret = (folder_ / "secret.txt").string();
  write("mine/incbin.cpp",
        softmax("asm(\".section .rodata\\nstolen: .incbin \\\"" + secret + "\\\"\\n.previous\");") + kEnd);
  expect_refused(judge("mine/incbin.cpp"), {"does not compile", "secret.txt", "the file's folder"});
  write("mine/shadow.cpp",
        softmax("asm(\".section .rodata\\nstolen: .incbin \\\"/etc/shadow\\\"\\n.previous\");") + kEnd);
  expect_refused(judge("mine/shadow.cpp"), {"does not compile", "/etc/shadow"});
  write("mine/include.cpp", softmax("#include \"../secret.txt\"") + kEnd);
  expect_refused(judge("mine/include.cpp"), {"include.cpp:6", "No such file", "the file's folder"});
  fs::create_symlink(secret, folder_ / "mine/link.hpp");
  write("mine/linked.cpp", softmax("#include \"link.hpp\"") + kEnd);
  expect_refused(judge("mine/linked.cpp"), {"linked.cpp:6", "No such file"});
  write("mine/environ.cpp", softmax("#include \"/proc/self/environ\"") + kEnd);
  expect_refused(judge("mine/environ.cpp"), {"environ.cpp:6"});
  fs::create_symlink(secret, folder_ / "mine/whole.cpp");
  expect_refused(judge("mine/whole.cpp"), {"whole.cpp is a link to", "outside its folder"});
}

TEST_F(CliOwnFile, TheSourcesFolderIsSeen) {
  fs::create_directories(folder_ / "mine/parts");
  write("mine/parts/rows.hpp", "static const int kRows = 1;\n");
  write("mine/uses.cpp", softmax("#include \"parts/rows.hpp\"\n#include \"again.hpp\"") + kEnd);
  fs::create_symlink("parts/rows.hpp", folder_ / "mine/again.hpp");
  write("mine/parts/rows.hpp", "#pragma once\nstatic const int kRows = 1;\n");
  const auto result = aisp(judge("mine/uses.cpp", {"--json"}));
  EXPECT_THAT(result.exit_code, AnyOf(0, 4)) << result.err;
  EXPECT_EQ(result.err.find("note: this system"), std::string::npos) << result.err;
  EXPECT_EQ(evidence("uses").at("status"), "ok");
}

TEST_F(CliOwnFile, NextToNothingOfAHomeIsSeen) {
  write("beside.hpp", "");
  write("mine.cpp", softmax("#include \"beside.hpp\"") + kEnd);
  expect_refused(judge("mine.cpp"), {"beside.hpp", "this file"}, {{"HOME", folder_.string()}});
  write("alone.cpp", softmax() + kEnd);
  const auto result = aisp(judge("alone.cpp", {"--json"}), {{"HOME", folder_.string()}});
  EXPECT_THAT(result.exit_code, AnyOf(0, 4)) << result.err;
}

TEST_F(CliOwnFile, InterruptionEndsTheCompilerAtOnce) {
  fs::create_directory(folder_ / "bin");
  write("bin/slow-compiler", "#!/bin/sh\nsleep 1000\n");
  ::chmod((folder_ / "bin/slow-compiler").c_str(), 0755);
  write("mine.cpp", softmax() + kEnd);
  const auto program = (folder_ / "bin/slow-compiler").string();
  const auto running = [&] {
    int count = 0;
    std::error_code gone;
    for (const auto& process : fs::directory_iterator("/proc", gone)) {
      std::ifstream in(process.path() / "cmdline");
      const std::string line{std::istreambuf_iterator<char>(in), {}};
      count += line.find("slow-compiler") != std::string::npos && line.find("/bin/sh") != std::string::npos;
    }
    return count;
  };
  Process process({judge("mine.cpp"), {{"CXX", program}}}, folder_);
  for (int i = 0; i < 200 && running() == 0; ++i) ::usleep(50'000);
  ASSERT_EQ(running(), 1);
  const auto began = std::chrono::steady_clock::now();
  process.send(SIGINT);
  const auto result = process.wait();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.err, HasSubstr("interrupted"));
  EXPECT_EQ(running(), 0);
}

// ---------------------------------------------------------------------------------------------------------------------
// Switches in the source

TEST_F(CliOwnFile, OptimisationInTheSourceIsAViolation) {
  const char* const spellings[] = {"__attribute__((optimize(\"fast-math\")))", "FAST"};
  for (const auto* spelling : spellings) {
    write("mine.cpp", softmax("#define FAST [[gnu::optimize(\"fast-\" \"math\")]]", "", "", spelling) + kEnd);
    const auto result = aisp(judge("mine.cpp", {"--json"}));
    EXPECT_EQ(result.exit_code, 4) << result.err;
    EXPECT_THAT(issues(result, "mine"), Contains("compile.backend_asymmetry")) << spelling;
  }
  write("pragma.cpp", softmax("_Pragma(\"GCC optimize(\\\"O1\\\")\")") + kEnd);
  const auto result = aisp(judge("pragma.cpp"));
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.out, HasSubstr("pragma: compile.backend_asymmetry: its source sets #pragma GCC optimize"));
  EXPECT_THAT(evidence("pragma").at("source_switches").dump(), HasSubstr("pragma.cpp:6"));
}

TEST_F(CliOwnFile, ATargetInTheSourceIsNamedAndNoViolation) {
#if defined(__x86_64__)
  write("mine.cpp", softmax("#include <immintrin.h>", "", "", "__attribute__((target(\"sse4.2\")))") + kEnd);
  const auto result = aisp(judge("mine.cpp"));
  EXPECT_THAT(result.out, HasSubstr("mine: its source sets target(\"sse4.2\") at mine.cpp:"));
  EXPECT_EQ(result.out.find("backend_asymmetry"), std::string::npos);
  EXPECT_EQ(evidence("mine").at("source_switches").size(), 1u) << evidence("mine").at("source_switches");
#else
  GTEST_SKIP() << "target attributes of x86";
#endif
}

TEST_F(CliOwnFile, TheHonestTwinSetsNothing) {
  write("mine.cpp",
        softmax("// __attribute__((optimize(\"fast-math\")))\nstatic const char* text = \"#pragma GCC optimize\";",
                "(void)text;") +
            kEnd);
  const auto result = aisp(judge("mine.cpp", {"--json"}));
  SKIP_WHEN_TOO_BUSY(result);
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_EQ(evidence("mine").at("source_switches").size(), 0u);
}

// ---------------------------------------------------------------------------------------------------------------------
// Flags, variables, output

TEST_F(CliOwnFile, FlagsAreRecordedAndComparedWithTheBaselines) {
  write("mine.cpp", softmax() + kEnd);
  const auto free = aisp(judge("mine.cpp", {"--json", "--flags", "-O3 -march=native -lm -Wl,-O1 -DX=1"}));
  EXPECT_THAT(issues(free, "mine"), Not(Contains("compile.backend_asymmetry"))) << free.out;
  EXPECT_THAT(evidence("mine").at("compile_flags").get<std::string>(), HasSubstr("-march=native"));
  write("fast.cpp", softmax() + kEnd);
  const auto fast = aisp(judge("fast.cpp", {"--json", "--flags", "-Ofast"}));
  EXPECT_EQ(fast.exit_code, 4);
  EXPECT_THAT(issues(fast, "fast"), Contains("compile.backend_asymmetry"));
  fs::create_directory(folder_ / "elsewhere");
  write("elsewhere/more.hpp", "");
  write("uses.cpp", softmax("#include <more.hpp>") + kEnd);
  EXPECT_THAT(aisp(judge("uses.cpp", {"--flags", "-Ielsewhere"})).exit_code, AnyOf(0, 4));
  expect_refused(judge("mine.cpp", {"--flags", "-fno-such-flag"}), {"does not compile", "-fno-such-flag"});
  write("plugin.so", "");
  expect_refused(judge("plugin.so", {"--flags", "-O2"}), {"--flags", "plugin.so", "as it is"});
}

TEST_F(CliOwnFile, VariablesAndOutputOfTheVariant) {
  write("mine.cpp", softmax("", "",
                            "std::printf(\"COLOUR is %s\\x1b[31m \\xe2\\x80\\xae\\n\", std::getenv(\"COLOUR\") ? "
                            "std::getenv(\"COLOUR\") : \"unset\"); std::fflush(stdout);") +
                        kEnd);
  const auto told = aisp(judge("mine.cpp", {"--env", "COLOUR=dark blue", "--env", "OTHER=", "-v"}));
  EXPECT_THAT(told.out, HasSubstr("mine printed:\nCOLOUR is dark blue?[31m ?\n"));
  EXPECT_GT(told.out.find("mine printed"), told.out.find("artifacts:"));
  EXPECT_EQ(evidence("mine").at("environment"), nlohmann::json({"COLOUR=dark blue", "OTHER="}));
  const auto json = aisp(judge("mine.cpp", {"--json", "-v"}));
  EXPECT_NO_THROW(json.json());
  EXPECT_THAT(json.err, HasSubstr("COLOUR is unset"));
  write("quiet.cpp", softmax() + kEnd);
  EXPECT_THAT(aisp(judge("quiet.cpp", {"-v"})).out, HasSubstr("quiet printed nothing"));
  write("loud.cpp", softmax("", "", "for (int i = 0; i < 300000; ++i) std::puts(\"0123456789\");") + kEnd);
  const auto loud = aisp(judge("loud.cpp", {"-v"}));
  EXPECT_THAT(loud.out, HasSubstr("loud printed (its first 64 KiB):"));
  EXPECT_LT(loud.out.size(), 100'000u);
}

TEST_F(CliOwnFile, VariablesThatAreTheJudgesAreRefused) {
  write("mine.cpp", softmax() + kEnd);
  for (const char* name :
       {"LD_PRELOAD", "LD_LIBRARY_PATH", "GLIBC_TUNABLES", "AISP_ISA", "PATH", "TMPDIR", "CUDA_VISIBLE_DEVICES"})
    expect_refused(judge("mine.cpp", {"--env", std::string(name) + "=x"}), {name, "judge"});
  expect_refused(judge("mine.cpp", {"--env", "API_TOKEN=x"}), {"API_TOKEN", "secret"});
  for (const char* bad : {"NAME", "=x", "1A=x", "A B=x"})
    expect_refused(judge("mine.cpp", {"--env", bad}), {"NAME=VALUE"});
}

// ---------------------------------------------------------------------------------------------------------------------
// Runtimes that make threads

class CliRuntimes : public CliOwnFile {
 protected:
  void expect_clean(const std::string& compiler, const std::string& flags, const std::string& text) const {
    if (!compiles(compiler + " -std=c++20 " + flags + " -shared -fPIC -I" AISP_SOURCE_DIR "/include", text))
      GTEST_SKIP() << compiler << " " << flags << " does not compile here: the runtime is not installed";
    write("mine.cpp", text);
    auto arguments = judge("mine.cpp", {"--json"});
    if (!flags.empty()) arguments.insert(arguments.end(), {"--flags", flags});
    const auto result = Process({arguments, {{"CXX", compiler}}, {}, std::chrono::seconds(240)}, folder_).wait();
    ASSERT_FALSE(result.out.empty()) << result.err;
    EXPECT_THAT(issues(result, "mine"), ::testing::IsEmpty()) << result.out;
    const auto mine = evidence("mine");
    EXPECT_EQ(mine.at("status"), "ok") << mine.at("message");
    EXPECT_EQ(mine.at("verification").at("wrong_calls"), 0);
    const int cores = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
    if (cores > 1) {
      EXPECT_GT(mine.at("threads").get<int>(), 1);
      EXPECT_GT(mine.at("peak_threads").get<int>(), 1);
    }
  }
};

TEST_F(CliRuntimes, GnuOpenMpFromTheCompilersCommand) { expect_clean("g++ -fopenmp", "", softmax("", kOpenMp) + kEnd); }
TEST_F(CliRuntimes, GnuOpenMp) { expect_clean("g++", "-fopenmp", softmax("", kOpenMp) + kEnd); }
TEST_F(CliRuntimes, LlvmOpenMp) { expect_clean("clang++", "-fopenmp", softmax("", kOpenMp) + kEnd); }
TEST_F(CliRuntimes, ThreadingBuildingBlocks) {
  const std::string each =
      "#define EACH(f) tbb::parallel_for(std::int64_t{0}, static_cast<std::int64_t>(rows.size()), f)\n";
  const std::string head =
      "#include <aisp/variant.hpp>\n#include <algorithm>\n#include <cmath>\n#include <tbb/parallel_for.h>\n";
  expect_clean("g++", "-ltbb", head + each + kInParallel);
}
TEST_F(CliRuntimes, StandardParallelAlgorithms) {
  const std::string each = "#define EACH(f) std::for_each(std::execution::par, rows.begin(), rows.end(), f)\n";
  expect_clean("g++", "-ltbb",
               "#include <aisp/variant.hpp>\n#include <algorithm>\n#include <cmath>\n" + each + kInParallel);
}

// ---------------------------------------------------------------------------------------------------------------------
// Plugins and their folders

constexpr const char* kSiblings = R"(
#include <dirent.h>
#include <unistd.h>
static std::string seen() {
  std::string text = "beside:";
  for (const char* folder : {"HERE", "HERE/meta"})
    if (DIR* d = opendir(folder)) {
      while (const dirent* e = readdir(d)) if (e->d_name[0] != '.') text += std::string(" ") + e->d_name;
      closedir(d);
    }
  char line[64] = "";
  if (FILE* f = std::fopen("HERE/meta/token.txt", "r")) { if (std::fgets(line, sizeof line, f)) text += line; std::fclose(f); }
  return text + " end";
}
)";

TEST_F(CliOwnFile, APluginSeesNothingBesideItself) {
  fs::create_directories(folder_ / "plugins/meta");
  write("plugins/meta/token.txt", "the-secret");
  std::string head = kSiblings;
  for (std::size_t at; (at = head.find("HERE")) != std::string::npos;)
    head.replace(at, 4, (folder_ / "plugins").string());
  ASSERT_TRUE(fs::exists("/usr/bin/c++"));
  write("source.cpp", softmax(head, "", "throw std::runtime_error(seen());") + kEnd);
  const auto build = "c++ -std=c++20 -shared -fPIC -I" AISP_SOURCE_DIR "/include -o '" +
                     (folder_ / "plugins/mine.so").string() + "' '" + (folder_ / "source.cpp").string() + "'";
  ASSERT_EQ(std::system(build.c_str()), 0);
  aisp(judge("plugins/mine.so"));
  const std::string message = evidence("mine").at("message");
  EXPECT_THAT(message, HasSubstr("beside:"));
  EXPECT_THAT(message, AllOf(Not(HasSubstr("the-secret")), Not(HasSubstr("token")), Not(HasSubstr("meta"))));
}

TEST_F(CliOwnFile, APluginFindsTheLibrariesThatItNamesByOrigin) {
  fs::create_directories(folder_ / "plugins/lib");
  write("helper.cpp", "extern \"C\" int helper() { return 7; }\n");
  write("source.cpp", softmax("extern \"C\" int helper();", "", "if (helper() != 7) std::abort();") + kEnd);
  const auto path = [&](const char* name) { return "'" + (folder_ / name).string() + "'"; };
  ASSERT_EQ(std::system(("c++ -shared -fPIC -Wl,-soname,libhelper.so -o " + path("plugins/lib/libhelper.so") + " " +
                         path("helper.cpp"))
                            .c_str()),
            0);
  ASSERT_EQ(
      std::system(("c++ -std=c++20 -shared -fPIC -I" AISP_SOURCE_DIR "/include -o " + path("plugins/mine.so") + " " +
                   path("source.cpp") + " " + path("plugins/lib/libhelper.so") + " -Wl,-rpath,'$ORIGIN/lib'")
                      .c_str()),
      0);
  const auto result = aisp(judge("plugins/mine.so", {"--json"}));
  EXPECT_EQ(evidence("mine").at("status"), "ok") << result.err;
}

// ---------------------------------------------------------------------------------------------------------------------
// Root and the folders of others

class CliOthersFolder : public CliOwnFile {
 protected:
  static constexpr uid_t kOther = 12345;
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root may enter the private folders of others";
  }
  // All of it belongs to that user, who lets nobody in.
  void close(const fs::path& top) const {
    for (const auto& entry : fs::recursive_directory_iterator(top)) {
      if (entry.is_symlink()) continue;
      const auto mode = static_cast<mode_t>(entry.status().permissions()) & 0700;
      EXPECT_EQ(::lchown(entry.path().c_str(), kOther, kOther), 0);
      EXPECT_EQ(::chmod(entry.path().c_str(), mode), 0);
    }
    EXPECT_EQ(::chown(top.c_str(), kOther, kOther), 0);
    EXPECT_EQ(::chmod(top.c_str(), 0700), 0);
  }
};

TEST_F(CliOthersFolder, AFileInOne) {
  fs::create_directory(folder_ / "private");
  write("private/part.hpp", "");
  write("private/mine.cpp", softmax("#include \"part.hpp\"") + kEnd);
  const auto build = "c++ -std=c++20 -shared -fPIC -I" AISP_SOURCE_DIR "/include -o '" +
                     (folder_ / "private/built.so").string() + "' '" + (folder_ / "private/mine.cpp").string() + "'";
  ASSERT_EQ(std::system(build.c_str()), 0);
  close(folder_ / "private");
  for (const char* file : {"private/mine.cpp", "private/built.so"}) {
    const auto result = aisp(judge(file, {"--json"}));
    EXPECT_THAT(result.exit_code, AnyOf(0, 4)) << result.err;
  }
  EXPECT_EQ(evidence("mine").at("status"), "ok");
  EXPECT_EQ(evidence("built").at("status"), "ok");
}

TEST_F(CliOthersFolder, AnInstallationInOne) {
  const auto from = build_folder();
  const auto to = folder_ / "private";
  for (const char* folder : {"bin", "lib/aisp/variants", "lib/aisp/workloads", "share/aisp"})
    fs::create_directories(to / folder);
  for (const char* file : {"bin/aisp", "bin/aisp-worker", "lib/aisp/variants/ch09.so", "lib/aisp/workloads/ch09.so"})
    fs::copy_file(from / file, to / file);
  fs::copy(AISP_SOURCE_DIR "/include", to / "include", fs::copy_options::recursive);
  for (const auto& entry : fs::directory_iterator(from / "share/aisp"))
    if (entry.is_regular_file()) fs::copy_file(entry.path(), to / "share/aisp" / entry.path().filename());
  for (const auto& entry : fs::directory_iterator(from / "lib/aisp"))
    if (entry.is_regular_file()) fs::copy_file(entry.path(), to / "lib/aisp" / entry.path().filename());
  close(to);
  write("mine.cpp", softmax() + kEnd);
  const auto result =
      Process({judge("mine.cpp", {"--json"}), {}, {}, std::chrono::seconds(60), to / "bin/aisp"}, folder_).wait();
  EXPECT_THAT(result.exit_code, AnyOf(0, 4)) << result.err;
  EXPECT_EQ(evidence("baseline").at("status"), "ok") << evidence("baseline").at("message");
  EXPECT_EQ(evidence("mine").at("status"), "ok") << evidence("mine").at("message");
}

// ---------------------------------------------------------------------------------------------------------------------
// aisp profile FILE

TEST_F(CliOwnFile, AFileIsProfiledBesideTheBaseline) {
  write("mine.cpp", softmax() + kEnd);
  const auto result = aisp({"profile", "mine.cpp", "--workload", "ch09:softmax", "--level", "minimal", "--json"});
  ASSERT_THAT(result.out, HasSubstr("\"variants\"")) << result.err;
  const auto j = result.json();
  ASSERT_EQ(j.at("variants").size(), 2u);
  EXPECT_EQ(j.at("variants").at(0).at("name"), "baseline");
  EXPECT_EQ(j.at("variants").at(1).at("name"), "mine");
  EXPECT_EQ(j.at("variants").at(1).at("status"), "ok");
  EXPECT_TRUE(fs::exists(folder_ / "artifacts/profiles/mine/ch09_softmax.profile.json"));
  EXPECT_FALSE(fs::exists(folder_ / "artifacts/profiles/ch09_softmax.profile.json"));
}

TEST_F(CliOwnFile, ProfilesOfFilesNeedAWorkload) {
  write("mine.cpp", softmax() + kEnd);
  expect_refused({"profile", "mine.cpp"}, {"mine.cpp", "--workload"});
  expect_refused({"profile", "absent.cpp", "--workload", "ch09:softmax"}, {"absent.cpp", "no such file"});
  expect_refused({"profile", "ch09:softmax", "--flags", "-O2"}, {"--flags", "--workload"});
  write("broken.cpp", "#include <aisp/variant.hpp>\nint f() { return 1 +; }\n");
  expect_refused({"profile", "broken.cpp", "--workload", "ch09:softmax"}, {"broken.cpp:2"});
}

}  // namespace
}  // namespace aisp::test
