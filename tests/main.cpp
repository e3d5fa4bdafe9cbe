// main() of every test. One in which all was skipped, as the GPU's on a machine without one, ends with 77, which ctest
// counts as skipped and not as passed; the reason stands in a line of its own, which skipped.cmake collects.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  const int result = RUN_ALL_TESTS();
  const auto& all = *testing::UnitTest::GetInstance();
  if (result != 0 || all.skipped_test_count() == 0 || all.successful_test_count() > 0) return result;
  for (int s = 0; s < all.total_test_suite_count(); ++s) {
    const auto& suite = *all.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      const auto& found = *suite.GetTestInfo(t)->result();
      if (!found.Skipped() || found.total_part_count() == 0) continue;
      std::printf("skipped: %s\n", found.GetTestPartResult(0).message());
      return 77;
    }
  }
  return 77;
}
