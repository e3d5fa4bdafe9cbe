#include "validity/overlap.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

using aisp::validity::overlap;
using Records = std::vector<std::string>;

TEST(Overlap, ExactIgnoresCaseAndPunctuation) {
  const auto found = overlap({"One two, three four.", "five six seven"}, {"ONE two three four", "eight nine ten"});
  EXPECT_EQ(found.exact, 1u);
  EXPECT_EQ(found.near, 0u);
  EXPECT_EQ(found.test, 2u);
  EXPECT_EQ(found.first, "ONE two three four");
}

TEST(Overlap, NearIsHalfOfTheShingles) {
  const Records training{"a b c d e f g h"};
  EXPECT_EQ(overlap(training, {"a b c d e x y z"}).near, 1u);  // 3 of 6 runs
  EXPECT_EQ(overlap(training, {"a b c d w x y z"}).near, 0u);  // 2 of 6
  EXPECT_EQ(overlap(training, {"h g f e d c b a"}).near, 0u);
}

TEST(Overlap, RunsFromDifferentRecordsDoNotAddUp) {
  EXPECT_FALSE(overlap({"a b c x", "c d e y", "e f g z"}, {"a b c d e f g"}).shared());
}

TEST(Overlap, ShortAndEmptyRecords) {
  EXPECT_FALSE(overlap({"", "  ", "..."}, {"", "!"}).shared());
  EXPECT_EQ(overlap({"", "  "}, {""}).training, 0u);
  EXPECT_EQ(overlap({"yes"}, {"yes", "no"}).exact, 1u);
  EXPECT_FALSE(overlap({"one two three"}, {}).shared());
}

TEST(Overlap, MissingFilesAreErrors) {
  EXPECT_THROW(aisp::validity::read_records("/no/such/file"), std::runtime_error);
  EXPECT_THROW(aisp::validity::read_records("/tmp"), std::runtime_error);
}
