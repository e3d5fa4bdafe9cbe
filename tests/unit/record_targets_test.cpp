// The index of targets: loading, patterns, suggestions.
#include "record/json.hpp"
#include "record/store_error.hpp"
#include "record/targets.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace aisp::record {
namespace {
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

model::TargetInfo target(const std::string& chapter, const std::string& name) {
  return {chapter + ":" + name, chapter, name, "w.cpp", "lib.so", "lib.so", {{"baseline", false, "cpu", "b.cpp", ""}}};
}

const std::vector<model::TargetInfo> kTargets = {target("ch07", "transpose"), target("ch09", "l2norm"),
                                                 target("ch09", "softmax"), target("ch10", "softmax"),
                                                 target("labs/decode", "paged_gqa")};

std::vector<std::string> chosen(const std::vector<std::string>& patterns) {
  std::vector<std::string> names;
  for (const auto& t : select(kTargets, patterns).targets) names.push_back(t.target);
  return names;
}

TEST(Select, ChoosesByChapterAndByName) {
  EXPECT_THAT(chosen({"ch09"}), ElementsAre("ch09:l2norm", "ch09:softmax"));
  EXPECT_THAT(chosen({"ch0*"}), ElementsAre("ch07:transpose", "ch09:l2norm", "ch09:softmax"));
  EXPECT_THAT(chosen({"ch09:soft*"}), ElementsAre("ch09:softmax"));
  EXPECT_THAT(chosen({"*:softmax"}), ElementsAre("ch09:softmax", "ch10:softmax"));
  EXPECT_THAT(chosen({"labs/decode:*"}), ElementsAre("labs/decode:paged_gqa"));
  EXPECT_THAT(chosen({"ch10", "ch10:softmax", "ch1?"}), ElementsAre("ch10:softmax"));
  EXPECT_THAT(chosen({"ch"}), IsEmpty());
}

TEST(Select, ReportsPatternsThatChooseNothing) {
  EXPECT_THAT(select(kTargets, {"ch09", "ch11", "ch09:softmin"}).unmatched, ElementsAre("ch11", "ch09:softmin"));
}

TEST(Glob, MatchesTheWholeText) {
  EXPECT_TRUE(glob_match("a*b?d", "axxbcd"));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("a**", "a"));
  EXPECT_FALSE(glob_match("a", "ab"));
  EXPECT_FALSE(glob_match("?", ""));
  EXPECT_FALSE(glob_match("", "a"));
}

TEST(Glob, ManyStarsStayFast) {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "a*";
  EXPECT_FALSE(glob_match(pattern + "b", std::string(5000, 'a')));  // a backtracking matcher never returns from this
}

TEST(EditDistance, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("softmax", "softmax"), 0);
  EXPECT_EQ(edit_distance("sotfmax", "softmax"), 1);
  EXPECT_EQ(edit_distance("sofmax", "softmax"), 1);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
  EXPECT_EQ(edit_distance("", "abc"), 3);
  EXPECT_EQ(edit_distance("abc", ""), 3);
}

TEST(UnknownTarget, SuggestsWhatIsNear) {
  EXPECT_EQ(unknown_target("ch09:sotfmax", kTargets),
            "unknown target 'ch09:sotfmax'; did you mean ch09:softmax, ch10:softmax?");
  EXPECT_EQ(unknown_target("ch9", kTargets), "unknown chapter 'ch9'; did you mean ch09?");
  EXPECT_EQ(unknown_target("softmax", kTargets), "unknown chapter 'softmax'; did you mean ch09:softmax, ch10:softmax?");
  EXPECT_EQ(unknown_target("quantum", kTargets), "unknown chapter 'quantum'; see `aisp bench list-targets`");
  EXPECT_LT(unknown_target(std::string(100'000, 'x'), kTargets).size(), 200u);
}

TEST(TargetName, HasOneColonAndPlainParts) {
  for (const char* good : {"ch09:softmax", "labs/decode:paged_gqa", "a:b", "x-1/y_2:z"})
    EXPECT_TRUE(is_target_name(good)) << good;
  for (const char* bad :
       {"", "ch09", ":x", "ch09:", "../x:y", "a//b:c", "/a:b", "a/:b", "a:b:c", "a:b/c", "a:.b", "a b:c", "a:b\n"})
    EXPECT_FALSE(is_target_name(bad)) << bad;
}

class Index : public testing::Test {
 protected:
  Index() { fs::create_directories(root_ / "share/aisp"); }
  ~Index() override { fs::remove_all(root_); }
  std::vector<model::TargetInfo> load(const std::string& text) {
    std::ofstream(root_ / "share/aisp/targets.json") << text;
    return load_targets(Paths(root_));
  }
  std::string refusal(const std::vector<model::TargetInfo>& targets) {
    try {
      load(to_json(targets));
    } catch (const StoreError& e) {
      return e.what();
    }
    return "(accepted)";
  }
  fs::path root_ = fs::temp_directory_path() / ("aisp-index-" + std::to_string(::getpid()));
};

TEST_F(Index, OfTheBuildTreeLoads) {
  const auto targets = load_targets(Paths(AISP_BUILD_DIR));
  const auto softmax =
      std::find_if(targets.begin(), targets.end(), [](const auto& t) { return t.target == "ch09:softmax"; });
  ASSERT_NE(softmax, targets.end());
  EXPECT_EQ(softmax->variants.at(0).name, "baseline");
  EXPECT_TRUE(fs::exists(std::string(AISP_SOURCE_DIR) + "/" + softmax->workload_source));
}

TEST_F(Index, IsFoundRelativeToTheBinary) {
  EXPECT_EQ(fs::weakly_canonical(Paths::of_this_binary().root()), fs::weakly_canonical(AISP_BUILD_DIR));
  EXPECT_TRUE(fs::exists(Paths::of_this_binary().include() / "aisp/plugin.h"));
}

TEST_F(Index, FindsTheWorkerInBothLayouts) {
  EXPECT_THROW(Paths(root_).worker(), StoreError);
  for (const char* place : {"bin", "libexec/aisp"}) {
    fs::create_directories(root_ / place);
    std::ofstream(root_ / place / "aisp-worker") << "x";
    EXPECT_EQ(Paths(root_).worker(), root_ / place / "aisp-worker");
  }
}

TEST_F(Index, OrdersTargetsNaturallyAndVariantsByRank) {
  auto mixed = target("ch10", "x");
  mixed.variants = {
      {"openblas", true, "cpu", "", ""}, {"aligned", false, "cpu", "", ""}, {"baseline", false, "cpu", "", ""}};
  const auto targets = load(to_json(std::vector{mixed, target("ch9", "y")}));
  EXPECT_EQ(targets[0].target, "ch9:y");
  EXPECT_EQ(targets[1].variants[0].name, "baseline");
  EXPECT_EQ(targets[1].variants[2].name, "openblas");
}

TEST_F(Index, RefusesWhatCouldLeaveItsFolder) {
  auto t = target("ch09", "softmax");
  t.workload_library = "../../evil.so";
  EXPECT_THAT(refusal({t}), HasSubstr("names a library that is not a plain file name"));
  t = target("ch09", "softmax");
  t.target = "ch09:other";
  EXPECT_THAT(refusal({t}), HasSubstr("'ch09:other' is not a target name made of its chapter and name"));
  EXPECT_THAT(refusal({target("ch09", "a"), target("ch09", "a")}), HasSubstr("ch09:a is listed twice"));
  t = target("ch09", "softmax");
  t.variants.push_back(t.variants[0]);
  EXPECT_THAT(refusal({t}), HasSubstr("unique name"));
}

TEST_F(Index, NamesTheFileThatIsMissingOrMalformed) {
  EXPECT_THROW(
      {
        try {
          load("[{}]");
        } catch (const StoreError& e) {
          EXPECT_THAT(e.what(), HasSubstr("targets.json: targets: $[0] lacks the field 'target'"));
          throw;
        }
      },
      StoreError);
  EXPECT_THROW(load_targets(Paths("/nonexistent")), StoreError);
}

}  // namespace
}  // namespace aisp::record
