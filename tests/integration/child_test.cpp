// Work in a process of its own: what it returns, how it fails, and that Ctrl-C ends it.
#include "app/child.hpp"
#include "app/interrupt.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <stdexcept>
#include <thread>

namespace aisp::app {
namespace {
using testing::HasSubstr;
constexpr std::chrono::seconds kLong{60};

TEST(Child, ReturnsItsTextOrSaysWhyThereIsNone) {
  const auto answer = in_child([] { return std::string("forty-two"); }, kLong);
  EXPECT_TRUE(answer.ok);
  EXPECT_EQ(answer.text, "forty-two");
  const auto refused = in_child([]() -> std::string { throw std::runtime_error("no room"); }, kLong);
  EXPECT_FALSE(refused.ok);
  EXPECT_EQ(refused.text, "no room");
  const auto crashed = in_child([] { return ::raise(SIGKILL), std::string(); }, kLong);
  EXPECT_FALSE(crashed.ok);
  EXPECT_THAT(crashed.text, HasSubstr("died: Killed"));
}

TEST(Child, IsKilledAfterItsDeadline) {
  const auto late =
      in_child([] { return std::this_thread::sleep_for(kLong), std::string("late"); }, std::chrono::seconds(1));
  EXPECT_FALSE(late.ok);
  EXPECT_THAT(late.text, HasSubstr("no answer within 1 s"));
}

TEST(Child, CtrlCEndsItWhateverTheParentDoesWithIt) {
  const InterruptGuard parent;
  const auto stopped = in_child([] { return ::raise(SIGINT), std::string("went on"); }, kLong);
  EXPECT_FALSE(stopped.ok);
  EXPECT_THAT(stopped.text, HasSubstr("died: Interrupt"));
}

}  // namespace
}  // namespace aisp::app
