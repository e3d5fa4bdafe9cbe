// stdout and stderr that are full, closed or have no reader, and what strangers' text may do there.
#include "cli_process.hpp"
#include "model/text.hpp"

namespace aisp::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Arguments = std::vector<std::string>;

const std::vector<Arguments> kCommands = {{"version"},
                                          {"--help"},
                                          {"bench", "list-targets"},
                                          {"bench", "list-chapters", "--json"},
                                          {"bench", "run", "--dry-run"},
                                          {"bench", "run", "--help"},
                                          {"bench", "summary"},
                                          {"bench", "history"},
                                          {"system", "check"},
                                          {"validity", "list"},
                                          {"validity", "show", "output.stale_cache"},
                                          {"utils", "kv-cache", "--help"},
                                          {"nonsense"}};

class CliStreams : public CliTest {
 protected:
  Result with(const Arguments& arguments, const std::function<void()>& in_child) const {
    return Process({arguments, {}, in_child}, folder_).wait();
  }
  static void full(int fd) { ::dup2(::open("/dev/full", O_WRONLY), fd); }
  static void without_reader(int fd) {
    int ends[2];
    if (::pipe(ends) != 0) ::_exit(125);
    ::close(ends[0]);
    ::dup2(ends[1], fd);
    ::close(ends[1]);
  }
};

TEST_F(CliStreams, ABrokenStderrChangesNothing) {
  for (const auto& command : kCommands) {
    const auto usual = aisp(command);
    for (const auto& broken :
         {+[] { full(STDERR_FILENO); }, +[] { ::close(STDERR_FILENO); }, +[] { without_reader(STDERR_FILENO); }}) {
      const auto result = with(command, broken);
      EXPECT_EQ(result.exit_code, usual.exit_code) << command.front();
      EXPECT_EQ(result.err, "");
    }
  }
}

TEST_F(CliStreams, AnOutputThatCannotBeWrittenIsSaid) {
  for (const auto& command : kCommands) {
    const auto usual = aisp(command);
    if (usual.out.empty()) continue;
    const auto full_disk = with(command, [] { full(STDOUT_FILENO); });
    EXPECT_EQ(full_disk.exit_code, 6) << ::testing::PrintToString(command);
    EXPECT_THAT(full_disk.err, HasSubstr("the output could not be written: No space left on device"));
    const auto closed = with(command, [] { ::close(STDOUT_FILENO); });
    EXPECT_EQ(closed.exit_code, 6) << ::testing::PrintToString(command);
    EXPECT_THAT(closed.err, HasSubstr("the output could not be written: Bad file descriptor"));
    EXPECT_EQ(with(command, [] { full(STDOUT_FILENO), full(STDERR_FILENO); }).exit_code, 6);
    EXPECT_EQ(with(command, [] { ::close(STDOUT_FILENO), ::close(STDERR_FILENO); }).exit_code, 6);
    EXPECT_EQ(with(command, [] { ::close(0), ::close(1), ::close(2); }).exit_code, 6);
  }
}

TEST_F(CliStreams, AReaderThatLeavesEndsTheOutputQuietly) {
  for (const auto& command : kCommands) {
    const auto usual = aisp(command);
    const auto result = with(command, [] { without_reader(STDOUT_FILENO); });
    EXPECT_EQ(result.exit_code, usual.exit_code) << ::testing::PrintToString(command);
    EXPECT_EQ(result.err, usual.err);
  }
}

// A run goes on to its end, and is saved, wherever its words go.
TEST_F(CliStreams, ARunOutlivesItsTerminal) {
  const auto result = with(short_run(), [] { without_reader(STDOUT_FILENO), without_reader(STDERR_FILENO); });
  EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 1 || machine_too_busy()) << result.exit_code;
  EXPECT_EQ(aisp({"bench", "summary", "--json"}).json().size(), 1u);
}

TEST_F(CliStreams, ProgramsThatAreStartedMayDieOfABrokenPipe) {
  write("compiler",
        "#!/bin/sh\nwhile read -r name mask; do [ \"$name\" != SigIgn: ] || echo \"error: ignored $mask\" >&2\n"
        "done </proc/self/status\nexit 1\n");
  std::filesystem::permissions(folder_ / "compiler", std::filesystem::perms::owner_all);
  write("mine.cpp", "int x;\n");
  const auto told =
      aisp({"judge", "mine.cpp", "--workload", "ch09:softmax"}, {{"CXX", (folder_ / "compiler").string()}}).err;
  const auto at = told.find("ignored ");
  ASSERT_NE(at, std::string::npos) << told;
  const auto mask = std::stoull(told.substr(at + 8), nullptr, 16);
  EXPECT_EQ(mask & (1ull << (SIGPIPE - 1)), 0u) << told;
}

// A variant's words steer no terminal and pass for no others, wherever they are shown.
TEST_F(CliStreams, AVariantsMessageIsOnlyText) {
  write("rude.cpp", R"(#include <aisp/variant.hpp>
#include <stdexcept>
namespace {
void sum(aisp::Matrix<const float>, aisp::Vector<float>) {
  throw std::runtime_error("first\x1b]0;title\x07\x1b[2J\xc2\x9b" "31m\xe2\x80\xae FAST \xe2\x80\xa8\x9b" "32m last");
}
}
AISP_VARIANT(sum, .about = "fails");
)");
  const Arguments judge{"judge", "rude.cpp", "--workload", "ch07:reduction", "--pairs", "6", "--restarts", "1"};
  const auto result = aisp(judge);
  ASSERT_EQ(result.exit_code, 6) << result.err;
  ASSERT_THAT(result.out, HasSubstr("last"));
  auto all = result.out + result.err;
  for (const auto& more : std::vector<Arguments>{{"bench", "report", "--format", "md"},
                                                 {"bench", "report", "--format", "html"},
                                                 {"bench", "summary", "latest", "--format", "csv"},
                                                 {"bench", "audit"},
                                                 {"bench", "audit", "--json"}})
    all += aisp(more).out;
  for (const auto& file : files())
    if (file.ends_with(".json")) {
      std::ifstream in(file);
      all.append(std::istreambuf_iterator<char>(in), {});
    }
  EXPECT_THAT(all, Not(HasSubstr("\x1b")));
  EXPECT_EQ(model::without_hidden(all), all) << "C1, bidirectional controls, line separators or broken UTF-8";
}

}  // namespace
}  // namespace aisp::test
