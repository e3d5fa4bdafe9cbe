// The catalogue is whole, its attacks are where it says, and the page made from it is the committed one.
#include "validity/catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

using namespace aisp::validity;

namespace {

const std::string kSource = AISP_SOURCE_DIR;

std::string text_of(const std::string& path) {
  std::ifstream file(kSource + "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool exists(const std::string& path) { return std::ifstream(kSource + "/" + path).good(); }

}  // namespace

TEST(Catalogue, HasTheIssuesOfEachCategory) {
  std::map<std::string_view, int> count;
  std::set<std::string_view> ids;
  for (const auto& issue : catalogue()) {
    ++count[issue.category()];
    EXPECT_TRUE(ids.insert(issue.id).second) << issue.id;
    EXPECT_EQ(find_issue(issue.id), &issue);
    EXPECT_FALSE(issue.what.empty() || issue.protection.empty()) << issue.id;
    EXPECT_EQ(issue.incident.empty(), issue.source.empty()) << issue.id;
    EXPECT_EQ(issue.attacks.empty(), !issue.not_run.empty())
        << issue.id << ": an attack, or a reason why there is none";
  }
  const std::map<std::string_view, int> expected{
      {"timing", 7},  {"output", 10},     {"workload", 11},    {"location", 7},    {"memory", 7},    {"cuda", 10},
      {"compile", 7}, {"distributed", 8}, {"environment", 12}, {"statistical", 8}, {"evaluation", 8}};
  EXPECT_EQ(count, expected);
  EXPECT_EQ(find_issue("output.nothing"), nullptr);
}

TEST(Catalogue, AtMostTwelveRowsAreSimulated) {
  int simulated = 0;
  for (const auto& issue : catalogue()) {
    bool real = issue.attacks.empty();
    for (const auto& a : issue.attacks) real |= a.form != Form::simulated;
    simulated += !real;
  }
  EXPECT_LE(simulated, 12);
}

TEST(Catalogue, AttacksAndTwinsAreInTheCorpus) {
  for (const auto& issue : catalogue())
    for (const auto& a : issue.attacks) {
      const std::string place = "attacks/" + std::string(issue.category()) + "/" + std::string(issue.name());
      if (a.form == Form::files) {
        EXPECT_TRUE(exists(place + "/" + std::string(a.detail))) << issue.id;
      } else if (a.form == Form::workload) {
        EXPECT_NE(text_of("attacks/workloads.cpp").find("\"attack:" + std::string(a.workload)), std::string::npos)
            << issue.id;
      } else if (a.form != Form::simulated) {
        const auto text = text_of(place + (a.device == "cuda" ? ".cu" : ".cpp"));
        EXPECT_NE(text.find("ATTACK(" + std::string(a.name)), std::string::npos) << issue.id << " " << a.name;
        const bool twin = text.find("TWIN(") != std::string::npos ||
                          text.find("AISP_CORPUS(" + std::string(a.twin)) != std::string::npos;
        EXPECT_TRUE(twin) << issue.id << " has no twin";
        EXPECT_TRUE(text.starts_with("// " + std::string(issue.id))) << issue.id << ": the header names the issue";
      }
    }
}

TEST(Catalogue, ThePageIsUpToDate) {
  const auto path = kSource + "/docs/wall-of-shame.md";
  if (std::getenv("AISP_UPDATE_DOCS")) std::ofstream(path) << wall_of_shame();
  EXPECT_EQ(text_of("docs/wall-of-shame.md"), wall_of_shame()) << "run this test with AISP_UPDATE_DOCS=1";
}
