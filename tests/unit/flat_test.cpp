// Results as a flat table: one row per judged variant, and text from outside cannot break out of its cell.
#include "analysis/flat.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <sstream>
#include <string>

namespace aisp::analysis {
namespace {
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

record::RunData run() {
  record::RunData r;
  r.manifest.run = "20261121T054500Z-1a2b";
  r.manifest.publishable = true;
  model::TargetEvidence e;
  e.target = "ch09:softmax";
  e.device = "cpu";
  e.scale = "light";
  e.started = "2026-11-21T05:45:00Z";
  e.variants.resize(2);
  e.variants[1].name = "lib";
  e.variants[1].peer = true;
  r.evidence.push_back(e);
  model::TargetVerdict v;
  v.target = e.target;
  v.publishable = true;
  v.variants.resize(2);
  v.variants[0].name = "baseline";
  v.variants[0].median_seconds = 1e-3;
  v.variants[1] = v.variants[0];
  v.variants[1].name = "lib";
  v.variants[1].correct = true;
  v.variants[1].speedup = 2;
  v.variants[1].speedup_interval = {1.5, 2.5};
  v.variants[1].word = model::Word::fast;
  v.variants[1].pairs = 20;
  v.variants[1].sol = std::numeric_limits<double>::quiet_NaN();
  r.verdicts.push_back(v);
  return r;
}

TEST(Flat, HasARowForEachJudgedVariant) {
  const auto rows = flat_rows(stored(run()));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_THAT(rows[0], ElementsAre("20261121T054500Z-1a2b", "2026-11-21T05:45:00Z", "ch09:softmax", "cpu", "light",
                                   "baseline", "no", "baseline", "", "", "", "0.001", "", "", "", "no", "yes"));
  EXPECT_THAT(rows[1], ElementsAre("20261121T054500Z-1a2b", "2026-11-21T05:45:00Z", "ch09:softmax", "cpu", "light",
                                   "lib", "yes", "FAST", "2", "1.5", "2.5", "0.001", "", "", "20", "yes", "yes"));
  EXPECT_EQ(rows[0].size(), flat_header().size());
}

TEST(Flat, AWithheldSpeedupIsSaidToBeOne) {
  auto r = run();
  r.verdicts[0].variants[1].speedup = 0;
  EXPECT_EQ(flat_rows(stored(r)).at(1).at(7), "withheld");
  r.verdicts.clear();
  EXPECT_THAT(flat_rows(stored(r)), IsEmpty());
}

TEST(Flat, CsvQuotesWhatNeedsIt) {
  EXPECT_EQ(csv_line({"a", "b,c", "say \"x\"", "two\nlines", ""}), "a,\"b,c\",\"say \"\"x\"\"\",two lines,\n");
  EXPECT_EQ(csv_line({"=1+1", "-x"}), "'=1+1,'-x\n");
}

TEST(Flat, MarkdownHasAsManyColumnsInEveryLineWhateverTheNames) {
  auto r = run();
  r.verdicts[0].variants[1].name = "a|b\n<i>";
  const auto text = flat_markdown(flat_rows(stored(r)));
  EXPECT_THAT(text, HasSubstr("| a\\|b \\<i\\> |"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    std::size_t columns = 0;
    for (std::size_t i = 1; i < line.size(); ++i) columns += line[i] == '|' && line[i - 1] != '\\';
    EXPECT_EQ(columns, flat_header().size()) << line;
  }
}

}  // namespace
}  // namespace aisp::analysis
