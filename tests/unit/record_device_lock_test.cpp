// One holder at a time, across processes, whatever lies at the lock's path.
#include "record/device_lock.hpp"
#include "record/file.hpp"
#include "record/store_error.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

namespace aisp::record {
namespace {
namespace fs = std::filesystem;
using testing::HasSubstr;

class Lock : public testing::Test {
 protected:
  Lock() { fs::create_directories(folder_); }
  ~Lock() override { fs::remove_all(folder_); }
  DeviceLock acquire(bool wait = false, const DeviceLock::OnWait& on_wait = {}) const {
    return DeviceLock::acquire("cpu", wait, on_wait, folder_);
  }
  std::string busy() const {
    try {
      acquire();
    } catch (const DeviceBusy& e) {
      return e.what();
    }
    return "(free)";
  }
  fs::path folder_ = fs::temp_directory_path() / ("aisp-lock-" + std::to_string(::getpid()));
  fs::path file_ = folder_ / "aisp-cpu.lock";
};

TEST_F(Lock, ASecondHolderIsToldWhoHasIt) {
  std::optional<DeviceLock> first(acquire());
  EXPECT_THAT(busy(), HasSubstr("cpu is in use by process " + std::to_string(::getpid()) + " ("));
  EXPECT_THAT(busy(), HasSubstr("record_device_lock_test"));
  const auto other = DeviceLock::acquire("cuda0", false, {}, folder_);  // another device is free
  first.reset();
  EXPECT_EQ(busy(), "(free)");
}

TEST_F(Lock, WaitsUntilTheHolderEnds) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const auto child = ::fork();
  if (child == 0) {
    const auto held = acquire();
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    ::usleep(150'000);
    ::_exit(0);  // the kernel releases the lock
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  int waits = 0;
  const auto mine = acquire(true, [&](const Holder& holder) {
    EXPECT_EQ(holder.pid, child);
    return ++waits < 100;
  });
  EXPECT_GE(waits, 1);
  ::waitpid(child, nullptr, 0);
}

TEST_F(Lock, WaitingCanBeGivenUp) {
  const auto held = acquire();
  EXPECT_THROW(acquire(true, [](const Holder&) { return false; }), DeviceBusy);
}

TEST_F(Lock, LinksAreNotFollowed) {
  const auto precious = folder_ / "precious";
  std::ofstream(precious) << "precious";
  fs::create_symlink(precious, file_);
  EXPECT_THROW(acquire(), StoreError);
  fs::remove(file_);
  fs::create_hard_link(precious, file_);
  EXPECT_THROW(acquire(), StoreError);
  fs::remove(file_);
  ASSERT_EQ(::mkfifo(file_.c_str(), 0666), 0);
  EXPECT_THROW(acquire(), StoreError);
  EXPECT_EQ(read_whole(precious), "precious");
}

TEST_F(Lock, AnotherUsersWordsAreShownHarmlessly) {
  const auto held = acquire();
  std::ofstream(file_) << "12\n\x1b[31mrm -rf\nx" << std::string(10'000, 'y');
  const auto text = busy();
  EXPECT_EQ(text.find_first_of("\x1b\n"), std::string::npos);
  EXPECT_LT(text.size(), 350u);
  std::ofstream(file_) << "nonsense";
  EXPECT_THAT(busy(), HasSubstr("in use by another process"));
}

TEST_F(Lock, EveryUserMayUseTheFile) {
  const auto before = ::umask(077);
  { const auto held = acquire(); }
  ::umask(before);
  struct stat facts {};
  ASSERT_EQ(::stat(file_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0666u);
}

TEST_F(Lock, AFileThatWasRemovedWhileWaitingIsMadeAnew) {
  std::optional<DeviceLock> first(acquire());
  int waits = 0;
  const auto second = acquire(true, [&](const Holder&) {
    if (++waits == 1) {
      fs::remove(file_);
      first.reset();
    }
    return waits < 10;
  });
  EXPECT_TRUE(fs::exists(file_));
  EXPECT_THAT(busy(), HasSubstr("in use"));
}

TEST_F(Lock, TheSharedFolderExists) { EXPECT_TRUE(fs::is_directory(DeviceLock::shared_folder())); }

}  // namespace
}  // namespace aisp::record
