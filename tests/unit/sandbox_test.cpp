// Each test forks a child that locks itself in and then tries an offence; the parent plays the judge.
#include "judge/sandbox.hpp"

#include "judge/sandbox_layers.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <stdexcept>

namespace aisp::judge {
namespace {

#ifdef AISP_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

struct Outcome {
  long value[16];  // what the child found, mostly an errno; −1 = never got there
};

struct Trial {
  int status = -1;  // of waitpid
  Outcome found{};
  std::vector<model::Refusal> refusals;
  bool exited(int code = 0) const { return WIFEXITED(status) && WEXITSTATUS(status) == code; }
  std::uint64_t refused(const std::string& syscall, const std::string& detail = "") const {
    std::uint64_t count = 0;
    for (const auto& r : refusals)
      if (r.syscall == syscall && (detail.empty() || r.detail == detail)) count += r.count;
    return count;
  }
};

constexpr int kUnavailable = 77;  // exit status of a child that cannot try this on this machine

// errno of a call that should fail; 0 when it succeeded.
template <class Result> long error_of(Result result) { return result < 0 ? errno : 0; }

void send_descriptor(int socket, int fd) {
  char payload = 0;
  iovec io{&payload, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
  msghdr message{};
  message.msg_iov = &io;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  sendmsg(socket, &message, MSG_NOSIGNAL);
}

int receive_descriptor(int socket) {
  char payload = 0;
  iovec io{&payload, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &io;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  int fd = -1;
  if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0) return -1;
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message)) std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

// Runs `body` in a child after `enter`, which confines it and returns the refusal descriptor; collects refusals as the
// judge does.
Trial run_child(bool as_nobody, const std::function<int()>& enter, const std::function<void(Outcome&)>& body) {
  auto* shared =
      static_cast<Outcome*>(mmap(nullptr, sizeof(Outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  std::fill(std::begin(shared->value), std::end(shared->value), -1);
  int pair[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(pair[0]);
    if (as_nobody && (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))) _exit(90);
    // Not changing users: an ordinary process is dumpable, and so are workers when they start.
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    try {
      const int fd = enter();
      send_descriptor(pair[1], fd);
      if (fd >= 0) close(fd);
      body(*shared);
    } catch (const std::exception& e) {
      std::fprintf(stderr, "%s\n", e.what());
      _exit(91);
    }
    _exit(0);
  }
  close(pair[1]);
  Trial run;
  const int fd = receive_descriptor(pair[0]);
  close(pair[0]);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (waitpid(child, &run.status, WNOHANG) == 0) {
    collect_refusals(fd, run.refusals);
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "the child hangs";
      kill(child, SIGKILL);
    }
    usleep(200);
  }
  collect_refusals(fd, run.refusals);  // of a dead worker: no error
  if (fd >= 0) close(fd);
  run.found = *shared;
  munmap(shared, sizeof(Outcome));
  return run;
}

class Sandbox : public testing::TestWithParam<bool> {  // parameter: as an ordinary user
 protected:
  void SetUp() override {
    if (GetParam() && geteuid() != 0) GTEST_SKIP() << "already running as an ordinary user";
    char name[] = "/tmp/aisp-sandbox-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory_ = name;
    chmod(name, 0755);
    spec_.scratch = directory_ + "/scratch";
    std::filesystem::create_directory(spec_.scratch);
    const bool own = !GetParam() || chown(spec_.scratch.c_str(), 65534, 65534) == 0;
    ASSERT_TRUE(own);
  }
  void TearDown() override {
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }
  Trial run(const std::function<void(Outcome&)>& body) {
    return run_child(
        GetParam(), [&] { return enter_sandbox(spec_).refusal_fd; }, body);
  }

  std::string directory_;
  SandboxSpec spec_;
};
const auto user_name = [](const auto& info) { return info.param ? "nobody" : "caller"; };
INSTANTIATE_TEST_SUITE_P(As, Sandbox, testing::Bool(), user_name);

TEST_P(Sandbox, ReportsEveryProtectionWithReasons) {
  spec_.memory_bytes = 64 << 20;
  const Trial r = run_child(
      GetParam(),
      [&] {
        const auto result = enter_sandbox(spec_);
        bool reasons = true;
        for (const auto& p : result.protections) {
          std::fprintf(stderr, "  %-20s %-7s %s\n", p.name.c_str(), p.present ? "present" : "absent", p.detail.c_str());
          reasons = reasons && (p.present || !p.detail.empty());
        }
        const auto has = [&](const char* name) {
          return std::any_of(result.protections.begin(), result.protections.end(),
                             [&](const auto& p) { return p.name == name && p.present; });
        };
        for (const char* name : {"seccomp", "no-new-privileges", "no-capabilities", "own-session", "dies-with-judge"})
          if (!has(name)) _exit(70);
        if (!reasons || !(has("landlock") || has("private-root"))) _exit(71);
        return result.refusal_fd;
      },
      [](Outcome& out) {
        out.value[0] = prctl(PR_CAPBSET_READ, 21);  // CAP_SYS_ADMIN
        out.value[1] = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
        out.value[2] = getsid(0) == getpid();
        out.value[3] = prctl(PR_GET_DUMPABLE);
      });
  EXPECT_TRUE(r.exited()) << r.status;
  EXPECT_EQ(r.found.value[1], 1);
  EXPECT_EQ(r.found.value[2], 1);
  EXPECT_EQ(r.found.value[3], 0);
  EXPECT_TRUE(r.refusals.empty());
}

TEST_P(Sandbox, RefusesProcessesAndTellsTheJudge) {
  const Trial r = run([](Outcome& out) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    out.value[0] = error_of(child);
    out.value[1] = error_of(syscall(SYS_unshare, CLONE_NEWUSER));
    char* argv[] = {const_cast<char*>("/bin/true"), nullptr};
    out.value[2] = error_of(execve("/bin/true", argv, nullptr));
    out.value[3] = error_of(syscall(SYS_clone3, nullptr, 0));
    out.value[4] = error_of(syscall(SYS_pidfd_open, getppid(), 0));
    out.value[5] = std::system("true");  // the status of a shell that did not start
  });
  ASSERT_TRUE(r.exited()) << r.status;
  for (const int i : {0, 1, 2, 4}) EXPECT_EQ(r.found.value[i], EPERM) << i;
  EXPECT_EQ(r.found.value[3], ENOSYS);
  EXPECT_NE(r.found.value[5], 0);
  EXPECT_GE(r.refused("clone"), 2u);
  EXPECT_EQ(r.refused("unshare"), 1u);
  EXPECT_EQ(r.refused("execve"), 1u);
  EXPECT_EQ(r.refused("pidfd_open"), 1u);
}

TEST_P(Sandbox, RefusesReachingOtherProcesses) {
  const pid_t judge = getpid();
  const Trial r = run([judge](Outcome& out) {
    out.value[0] = error_of(ptrace(PTRACE_ATTACH, judge, nullptr, nullptr));
    out.value[1] = error_of(kill(judge, SIGURG));  // would be ignored by this test, if it arrived
    out.value[2] = error_of(syscall(SYS_tgkill, judge, judge, SIGURG));
    out.value[3] = error_of(kill(0, SIGURG));
    char byte = 0;
    iovec local{&byte, 1}, remote{&byte, 1};
    out.value[4] = error_of(process_vm_readv(judge, &local, 1, &remote, 1, 0));
    rlimit limit{};
    out.value[5] = error_of(prlimit(judge, RLIMIT_CPU, nullptr, &limit));
    out.value[6] = error_of(fcntl(0, F_SETOWN, judge));
    out.value[7] = error_of(open(("/proc/" + std::to_string(judge) + "/mem").c_str(), O_RDWR));
    out.value[8] = error_of(open(("/proc/" + std::to_string(judge) + "/maps").c_str(), O_RDONLY));
    out.value[9] = error_of(open("/proc/1/mem", O_RDONLY));
  });
  ASSERT_TRUE(r.exited()) << r.status;
  for (int i = 0; i <= 6; ++i) EXPECT_EQ(r.found.value[i], EPERM) << i;
  for (const int i : {7, 8, 9}) EXPECT_TRUE(r.found.value[i] == EACCES || r.found.value[i] == ENOENT) << i;
  EXPECT_EQ(r.refused("ptrace", "request 16"), 1u);
  EXPECT_EQ(r.refused("kill", "signal " + std::to_string(SIGURG)), 2u);
  EXPECT_EQ(r.refused("tgkill"), 1u);
  EXPECT_EQ(r.refused("process_vm_readv"), 1u);
  EXPECT_EQ(r.refused("prlimit64"), 1u);
  EXPECT_EQ(r.refused("fcntl"), 1u);
}

TEST_P(Sandbox, RefusesNetworkAndKernelInterfaces) {
  const Trial r = run([](Outcome& out) {
    out.value[0] = error_of(socket(AF_INET, SOCK_STREAM, 0));
    int pair[2];
    out.value[1] = error_of(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    perf_event_attr attributes{};
    attributes.size = sizeof attributes;
    out.value[2] = error_of(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
    out.value[3] = error_of(syscall(SYS_io_uring_setup, 1, nullptr));
    out.value[4] = error_of(syscall(SYS_userfaultfd, 0));
    out.value[5] = error_of(syscall(SYS_bpf, 0, nullptr, 0));
    out.value[6] = error_of(memfd_create("x", 0));
    out.value[7] = error_of(syscall(SYS_seccomp, 1, 0, nullptr));
    out.value[8] = error_of(prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0));
    const char byte = 'x';
    out.value[9] = error_of(ioctl(0, TIOCSTI, &byte));
    out.value[10] = error_of(prctl(PR_SET_NAME, "worker", 0, 0, 0));
  });
  ASSERT_TRUE(r.exited()) << r.status;
  for (int i = 0; i <= 9; ++i) EXPECT_EQ(r.found.value[i], EPERM) << i;
  EXPECT_EQ(r.found.value[10], 0);
  EXPECT_EQ(r.refused("socket", "domain 2"), 1u);
  EXPECT_EQ(r.refused("perf_event_open"), 1u);
  EXPECT_EQ(r.refused("memfd_create"), 1u);
  EXPECT_EQ(r.refused("prctl", "option 1"), 1u);
  EXPECT_EQ(r.refused("ioctl", "command 0x5412"), 1u);
}

TEST_P(Sandbox, RefusesSchedulingAndClockChanges) {
  const Trial r = run([](Outcome& out) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    out.value[0] = error_of(sched_getaffinity(0, sizeof cpus, &cpus));
    out.value[1] = error_of(sched_setaffinity(0, sizeof cpus, &cpus));
    out.value[2] = error_of(nice(1));
    out.value[3] = error_of(setpriority(PRIO_PROCESS, 0, 5));
    sched_param parameter{};
    out.value[4] = error_of(sched_setscheduler(0, SCHED_BATCH, &parameter));
    timespec now{};
    out.value[5] = error_of(clock_settime(CLOCK_REALTIME, &now));
    rlimit limit{1, 1};
    out.value[6] = error_of(setrlimit(RLIMIT_CPU, &limit));
    out.value[7] = error_of(getrlimit(RLIMIT_CPU, &limit));
  });
  ASSERT_TRUE(r.exited()) << r.status;
  EXPECT_EQ(r.found.value[0], 0);
  for (int i = 1; i <= 6; ++i) EXPECT_EQ(r.found.value[i], EPERM) << i;
  EXPECT_EQ(r.found.value[7], 0);
  EXPECT_EQ(r.refused("sched_setaffinity"), 1u);
  EXPECT_EQ(r.refused("clock_settime"), 1u);
}

// A directory with a file that everybody may write, but for the sandbox.
class SandboxFiles : public Sandbox {
 protected:
  void SetUp() override {
    Sandbox::SetUp();
    if (directory_.empty()) return;
    const std::string victim = directory_ + "/victim";
    close(open(victim.c_str(), O_WRONLY | O_CREAT, 0600));
    chmod(victim.c_str(), 0666);
    chmod(directory_.c_str(), 0777);
  }
  void TearDown() override {
    EXPECT_TRUE(directory_.empty() || std::filesystem::exists(directory_ + "/victim"));
    Sandbox::TearDown();
  }
  void try_files(Outcome& out) const {
    out.value[0] = error_of(open((directory_ + "/new").c_str(), O_WRONLY | O_CREAT, 0600));
    out.value[1] = error_of(open((directory_ + "/victim").c_str(), O_WRONLY));
    out.value[2] = error_of(unlink((directory_ + "/victim").c_str()));
    out.value[3] = error_of(open((directory_ + "/victim").c_str(), O_RDONLY));
    const std::string mine = spec_.scratch + "/mine";
    const int fd = open(mine.c_str(), O_RDWR | O_CREAT, 0600);
    out.value[4] = fd < 0 || write(fd, "x", 1) != 1 || unlink(mine.c_str()) ? errno : 0;
    out.value[5] = error_of(open("/etc/ld.so.cache", O_RDONLY));
    out.value[6] = error_of(open("/proc/self/maps", O_RDONLY));
  }
  static void expect_guarded(const Trial& r) {
    ASSERT_TRUE(r.exited()) << r.status;
    for (const int i : {0, 1, 2, 3}) EXPECT_GT(r.found.value[i], 0) << i;
    EXPECT_EQ(r.found.value[4], 0) << "scratch must be writable";
    EXPECT_EQ(r.found.value[5], 0) << "the linker's cache must be readable";
    EXPECT_EQ(r.found.value[6], 0) << "/proc/self/maps must be readable";
  }
};
INSTANTIATE_TEST_SUITE_P(As, SandboxFiles, testing::Bool(), user_name);

TEST_P(SandboxFiles, OnlyScratchIsWritable) {
  const Trial r = run([&](Outcome& out) {
    try_files(out);
    out.value[7] = error_of(open("/etc/shadow", O_RDONLY));
    out.value[8] = error_of(open("/etc/passwd", O_RDONLY));
    out.value[9] = error_of(open("/etc/ld.so.cache", O_WRONLY));
    out.value[10] = error_of(open("/proc/self/mem", O_RDWR));
    out.value[11] = error_of(symlink("/etc", (spec_.scratch + "/link").c_str()));
    out.value[12] = error_of(chmod(spec_.scratch.c_str(), 0777));
    out.value[13] = error_of(open("../../../../../../../../etc/passwd", O_RDONLY));
    out.value[14] = error_of(open("/dev/null", O_RDWR));
  });
  expect_guarded(r);
  for (int i = 7; i <= 13; ++i) EXPECT_GT(r.found.value[i], 0) << i;
  EXPECT_EQ(r.found.value[14], 0);
}

// Each layer by itself, so that a kernel without the other is still covered.
TEST_P(SandboxFiles, LandlockAloneGuards) {
  const Trial r = run_child(
      GetParam(),
      [&] {
        layers::drop_privileges();
        if (!layers::restrict_paths(spec_).present) _exit(kUnavailable);
        return -1;
      },
      [&](Outcome& out) {
        try_files(out);
        out.value[7] = error_of(open("/etc/shadow", O_RDONLY));
        out.value[8] = error_of(open("/proc/1/maps", O_RDONLY));
      });
  if (r.exited(kUnavailable)) GTEST_SKIP() << "no Landlock on this kernel";
  expect_guarded(r);
  EXPECT_EQ(r.found.value[7], EACCES);
  EXPECT_EQ(r.found.value[8], EACCES);
}

TEST_P(SandboxFiles, PrivateRootAloneGuards) {
  const Trial r = run_child(
      GetParam(),
      [&] {
        const auto all = layers::enter_namespaces(spec_);
        layers::drop_privileges();
        const auto root = std::find_if(all.begin(), all.end(), [](const auto& p) { return p.name == "private-root"; });
        if (!root->present) _exit(kUnavailable);
        return -1;
      },
      [&](Outcome& out) {
        try_files(out);
        out.value[7] = error_of(open("/etc/shadow", O_RDONLY));
        out.value[8] = error_of(open("/proc/self/fd/0", O_RDONLY));
        std::vector<char> megabyte(1 << 20);
        bool full = false;
        for (int i = 0; i < 80 && !full; ++i) {
          const int fd = open((spec_.scratch + "/" + std::to_string(i)).c_str(), O_WRONLY | O_CREAT, 0600);
          full = fd < 0 || write(fd, megabyte.data(), megabyte.size()) != static_cast<ssize_t>(megabyte.size());
          close(fd);
        }
        out.value[9] = full;
      });
  if (r.exited(kUnavailable)) GTEST_SKIP() << "no private root for this user on this machine";
  expect_guarded(r);
  EXPECT_EQ(r.found.value[7], ENOENT);
  EXPECT_EQ(r.found.value[8], ENOENT) << "descriptors could be reopened for writing";
  EXPECT_EQ(r.found.value[9], 1) << "scratch is bounded whatever the number of files";
  EXPECT_TRUE(std::filesystem::is_empty(spec_.scratch));
}

TEST_P(SandboxFiles, WithoutBothSeccompRefusesWriting) {
  const Trial r = run_child(
      GetParam(),
      [&] {
        layers::drop_privileges();
        int fd = -1;
        if (!layers::filter_syscalls(spec_, true, fd).present) _exit(kUnavailable);
        return fd;
      },
      [&](Outcome& out) { try_files(out); });
  ASSERT_TRUE(r.exited()) << r.status;
  for (const int i : {0, 1, 2, 4}) EXPECT_EQ(r.found.value[i], EPERM) << i;
  EXPECT_EQ(r.found.value[5], 0);
  EXPECT_EQ(r.refused("openat"), 3u);
  EXPECT_EQ(r.refused("unlink"), 1u);
}

TEST_P(SandboxFiles, GrantsWhatTheSpecNamesForReading) {
  spec_.readable = {directory_ + "/", directory_ + "/not-there"};
  const Trial r = run([&](Outcome& out) {
    out.value[0] = error_of(open((directory_ + "/victim").c_str(), O_RDONLY));
    out.value[1] = error_of(open((directory_ + "/victim").c_str(), O_WRONLY));
    out.value[2] = error_of(open((directory_ + "/new").c_str(), O_WRONLY | O_CREAT, 0600));
    out.value[3] = error_of(open((spec_.scratch + "/new").c_str(), O_WRONLY | O_CREAT, 0600));  // lies below it
  });
  ASSERT_TRUE(r.exited()) << r.status;
  EXPECT_EQ(r.found.value[0], 0);
  EXPECT_GT(r.found.value[1], 0);
  EXPECT_GT(r.found.value[2], 0);
  EXPECT_EQ(r.found.value[3], 0);
}

TEST_P(SandboxFiles, FilesAreBoundedInSizeAndNumber) {
  spec_.file_bytes = 4096;
  const Trial r = run([&](Outcome& out) {
    const int fd = open((spec_.scratch + "/big").c_str(), O_WRONLY | O_CREAT, 0600);
    const char page[4096] = {};
    out.value[0] = write(fd, page, sizeof page);
    out.value[1] = error_of(write(fd, page, 1));
    out.value[2] = error_of(ftruncate(fd, 1 << 20));
    int opened = 0;
    while (opened < 1000 && open("/dev/null", O_RDONLY) >= 0) ++opened;
    out.value[3] = opened;
  });
  ASSERT_TRUE(r.exited()) << r.status;
  EXPECT_EQ(r.found.value[0], 4096);
  EXPECT_EQ(r.found.value[1], EFBIG);
  EXPECT_EQ(r.found.value[2], EFBIG);
  EXPECT_GT(r.found.value[3], 0);
  EXPECT_LT(r.found.value[3], spec_.open_files);
}

TEST_P(Sandbox, MemoryIsLimited) {
  if (kSanitized) GTEST_SKIP() << "sanitizers reserve terabytes of addresses";
  spec_.memory_bytes = 64 << 20;
  const Trial r = run([](Outcome& out) {
    const auto map = [](std::size_t bytes, int sharing) {
      return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
    };
    out.value[0] = map(32 << 20, MAP_PRIVATE);
    out.value[1] = map(64 << 20, MAP_PRIVATE);
    out.value[2] = map(64 << 20, MAP_SHARED);
  });
  ASSERT_TRUE(r.exited()) << r.status;
  EXPECT_EQ(r.found.value[0], 0);
  EXPECT_EQ(r.found.value[1], ENOMEM);
  EXPECT_EQ(r.found.value[2], ENOMEM);
}

TEST_P(Sandbox, ThreadsOnlyWhenDeclared) {
  const auto body = [](Outcome& out) {
    pthread_t thread;
    out.value[0] = pthread_create(
        &thread, nullptr, [](void* p) { return p; }, nullptr);
    if (out.value[0] == 0) pthread_join(thread, nullptr);
    const pid_t child = fork();
    if (child == 0) _exit(0);
    out.value[1] = error_of(child);
  };
  const Trial one = run(body);
  ASSERT_TRUE(one.exited()) << one.status;
  EXPECT_EQ(one.found.value[0], EPERM);
  EXPECT_EQ(one.found.value[1], EPERM);
#ifdef __SANITIZE_THREAD__
  EXPECT_GE(one.refused("clone"), 2u);  // the sanitizer asks for a thread of its own
#else
  EXPECT_EQ(one.refused("clone"), 2u);
#endif

  spec_.max_threads = 2;
  const Trial two = run(body);
  ASSERT_TRUE(two.exited()) << two.status;
  EXPECT_EQ(two.found.value[0], 0);
  EXPECT_EQ(two.found.value[1], EPERM);
#ifndef __SANITIZE_THREAD__
  EXPECT_EQ(two.refused("clone"), 1u);
#endif
}

TEST_P(Sandbox, AbortStillAborts) {
  const Trial r = run([](Outcome&) {
    signal(SIGABRT, SIG_DFL);
    std::abort();
  });
  EXPECT_TRUE(WIFSIGNALED(r.status) && WTERMSIG(r.status) == SIGABRT) << r.status;
  EXPECT_TRUE(r.refusals.empty());
}

TEST_P(Sandbox, FloodsAreCountedInBoundedSpace) {
  const Trial r = run([](Outcome& out) {
    for (int i = 0; i < 2000; ++i) socket(AF_INET, SOCK_STREAM, 0);
    for (int i = 0; i < 500; ++i) socket(1000 + i, SOCK_STREAM, 0);
    out.value[0] = error_of(syscall(100000));
  });
  ASSERT_TRUE(r.exited()) << r.status;
  EXPECT_EQ(r.refused("socket", "domain 2"), 2000u);
  EXPECT_LE(r.refusals.size(), 65u);
  std::uint64_t all = 0;
  for (const auto& refusal : r.refusals) all += refusal.count;
  EXPECT_EQ(all, 2501u);
  EXPECT_EQ(r.found.value[0], EPERM);
}

TEST_P(Sandbox, UnknownCallsAreReportedByNumber) {
  const Trial r = run([](Outcome& out) { out.value[0] = error_of(syscall(100000)); });
  ASSERT_TRUE(r.exited()) << r.status;
  EXPECT_EQ(r.found.value[0], EPERM);
  EXPECT_EQ(r.refused("syscall 100000"), 1u);
}

TEST_P(Sandbox, RefusedCallWaitsForTheJudgeAndCanBeKilled) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto result = enter_sandbox(spec_);
    if (result.refusal_fd < 0) _exit(kUnavailable);
    if (write(pipe_ends[1], "x", 1) != 1) _exit(1);
    socket(AF_INET, SOCK_STREAM, 0);
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(pipe_ends[0], &byte, 1), 1);
  usleep(20'000);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, WNOHANG), 0) << "a refused call waits for the judge";
  kill(child, SIGKILL);
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

// ---------------------------------------------------------------------------------------------------------------------
// What belongs to others, and a process that becomes a compiler

TEST_P(Sandbox, WhatIsClosedSaysSo) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can make a file of another user";
  const auto folder = directory_ + "/private", file = folder + "/plugin.so";
  std::filesystem::create_directory(folder);
  std::fclose(std::fopen(file.c_str(), "w"));
  for (const auto& path : {file, folder}) {
    ASSERT_EQ(chown(path.c_str(), 12345, 12345), 0);
    ASSERT_EQ(chmod(path.c_str(), path == file ? 0600 : 0700), 0);
  }
  spec_.readable = {file};
  const Trial r = run([&](Outcome& out) {
    out.value[0] = error_of(open(file.c_str(), O_RDONLY));
    out.value[1] = error_of(open((folder + "/other").c_str(), O_RDONLY));
    out.value[2] = error_of(open(file.c_str(), O_WRONLY));
    out.value[3] = error_of(chmod(file.c_str(), 0777));
  });
  ASSERT_TRUE(r.exited()) << r.status;
  EXPECT_EQ(r.found.value[0], GetParam() ? EACCES : 0);  // root reads it, any other user is told why not
  for (const int i : {1, 2, 3}) EXPECT_NE(r.found.value[i], 0) << i;
}

TEST_P(Sandbox, SharedMemoryIsItsOwn) {
  const auto host = "/dev/shm/aisp-sandbox-test-" + std::to_string(getpid());
  std::fclose(std::fopen(host.c_str(), "w"));
  spec_.shared_memory = true;
  const Trial r = run([&](Outcome& out) {
    out.value[0] = error_of(open(host.c_str(), O_RDONLY));
    out.value[1] = error_of(open("/dev/shm/own", O_RDWR | O_CREAT, 0600));
    out.value[2] = error_of(unlink("/dev/shm/own"));
  });
  EXPECT_FALSE(std::filesystem::exists("/dev/shm/own"));
  std::filesystem::remove(host);
  ASSERT_TRUE(r.exited()) << r.status;
  EXPECT_NE(r.found.value[0], 0);
  // Both work, or there is no private root and neither does.
  EXPECT_EQ(r.found.value[1] == 0, r.found.value[2] == 0) << r.found.value[1] << ' ' << r.found.value[2];
}

TEST_P(Sandbox, ACompilerStartsProgramsAndNothingElse) {
  const auto output = directory_ + "/output", secret = directory_ + "/secret";
  std::filesystem::create_directory(output);
  std::fclose(std::fopen(secret.c_str(), "w"));
  ASSERT_EQ(chown(output.c_str(), GetParam() ? 65534 : geteuid(), static_cast<gid_t>(-1)), 0);
  spec_.scratch.clear();
  spec_.executable = {"/usr", "/bin", "/lib", "/lib64"};
  spec_.writable = {output};
  const Trial r = run([&](Outcome& out) {
    out.value[0] = std::system(("echo made > " + output + "/file").c_str());
    out.value[1] = error_of(socket(AF_INET, SOCK_STREAM, 0));
    out.value[2] = error_of(socket(AF_UNIX, SOCK_STREAM, 0));
    out.value[3] = error_of(kill(getppid(), SIGURG));
    out.value[4] = error_of(ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr));
    out.value[5] = error_of(unshare(CLONE_NEWNS));
    out.value[6] = error_of(open(secret.c_str(), O_RDONLY));
    out.value[7] = std::system(("cat " + secret + " 2>/dev/null").c_str());
    out.value[8] = error_of(open("/usr/aisp-test", O_WRONLY | O_CREAT, 0600));
    out.value[9] = error_of(execl((output + "/file").c_str(), "file", nullptr));
  });
  ASSERT_TRUE(r.exited()) << r.status;
  EXPECT_EQ(r.found.value[0], 0);
  EXPECT_TRUE(std::filesystem::exists(output + "/file"));
  for (int i = 1; i <= 9; ++i) EXPECT_NE(r.found.value[i], 0) << i;
}

TEST(SandboxSpecs, RelativePathsAreRefusedBeforeAnythingChanges) {
  SandboxSpec spec;
  spec.scratch = "scratch";
  EXPECT_THROW(enter_sandbox(spec), std::invalid_argument);
  spec.scratch = "";
  spec.readable = {"plugins"};
  EXPECT_THROW(enter_sandbox(spec), std::invalid_argument);
  EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
}

TEST(SandboxRefusals, OtherDescriptorsAreIgnored) {
  std::vector<model::Refusal> refusals;
  collect_refusals(-1, refusals);
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  ASSERT_EQ(write(pipe_ends[1], "x", 1), 1);
  collect_refusals(pipe_ends[0], refusals);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  EXPECT_TRUE(refusals.empty());
}

// Honest libraries must find what they need.
class SandboxLibraries : public Sandbox {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "sanitizers need memory and system calls that the sandbox refuses";
    Sandbox::SetUp();
    spec_.memory_bytes = std::uint64_t{1} << 30;
  }
  static void* open_library(const char* name) {
    void* handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (handle) return handle;
    std::fprintf(stderr, "%s\n", dlerror());
    _exit(kUnavailable);
  }
  static void expect_unhindered(const Trial& r, const char* library) {
    if (r.exited(kUnavailable) && !dlopen(library, RTLD_LAZY)) GTEST_SKIP() << library << " is not installed";
    ASSERT_TRUE(r.exited()) << r.status;
    EXPECT_EQ(r.found.value[0], 1);
    for (const auto& refusal : r.refusals)
      ADD_FAILURE() << library << " is refused " << refusal.syscall << " " << refusal.detail << " × " << refusal.count;
  }
  void multiply(int threads) {
    spec_.max_threads = threads;
    setenv("OPENBLAS_NUM_THREADS", std::to_string(threads).c_str(), 1);
    const char* library = "libopenblas.so.0";
    const Trial r = run([library](Outcome& out) {
      using Gemm =
          void (*)(int, int, int, int, int, int, float, const float*, int, const float*, int, float, float*, int);
      const auto sgemm = reinterpret_cast<Gemm>(dlsym(open_library(library), "cblas_sgemm"));
      constexpr int n = 256;
      std::vector<float> a(n * n, 1.0f), b(n * n, 2.0f), c(n * n);
      sgemm(101, 111, 111, n, n, n, 1.0f, a.data(), n, b.data(), n, 0.0f, c.data(), n);
      out.value[0] = std::all_of(c.begin(), c.end(), [](float x) { return x == 512.0f; });
    });
    expect_unhindered(r, library);
  }
};
INSTANTIATE_TEST_SUITE_P(As, SandboxLibraries, testing::Bool(), user_name);

TEST_P(SandboxLibraries, OpenBlas) { multiply(1); }
TEST_P(SandboxLibraries, OpenBlasOnTwoThreads) { multiply(2); }

TEST_P(SandboxLibraries, OpenMpOnTwoThreads) {
  spec_.max_threads = 2;
  const char* library = "libgomp.so.1";
  const Trial r = run([library](Outcome& out) {
    using Parallel = void (*)(void (*)(void*), void*, unsigned, unsigned);
    const auto parallel = reinterpret_cast<Parallel>(dlsym(open_library(library), "GOMP_parallel"));
    long count = 0;
    parallel([](void* n) { __atomic_fetch_add(static_cast<long*>(n), 1, __ATOMIC_SEQ_CST); }, &count, 2, 0);
    out.value[0] = count == 2;
  });
  expect_unhindered(r, library);
}

}  // namespace
}  // namespace aisp::judge
