// The system calls that computing code may make: memory, files it may open, its own threads, clocks. Everything else is
// refused with EPERM and told to the judge through a user notification, or silently where the kernel has none.
#include "judge/sandbox_layers.hpp"

#include <asm/unistd.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <type_traits>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

namespace aisp::judge::layers {
namespace {

constexpr const char* kAlways[] = {
    // memory; PROT_EXEC stays allowed because the dynamic linker needs it
    "brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "msync", "mincore", "mlock", "mlock2", "munlock", "mbind",
    "get_mempolicy", "set_mempolicy", "membarrier",
    // files: which ones is up to the private root and Landlock
    "open", "openat", "close", "close_range", "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv",
    "pwritev", "lseek", "stat", "lstat", "fstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat",
    "faccessat2", "readlink", "readlinkat", "getcwd", "getdents64", "ftruncate", "fallocate", "fsync", "fdatasync",
    "fadvise64", "flock", "umask", "dup", "dup2", "dup3", "pipe", "pipe2", "eventfd2", "poll", "ppoll", "select",
    "pselect6", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait",
    // sockets it was given: none can be made
    "recvmsg", "recvfrom", "sendmsg", "sendto",
    // its own threads and signals
    "futex", "futex_waitv", "set_robust_list", "set_tid_address", "rseq", "arch_prctl", "sched_yield",
    "sched_getaffinity", "sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min",
    "getpriority", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend",
    "rt_sigtimedwait", "sigaltstack", "pause", "restart_syscall", "exit", "exit_group",
    // clocks and facts
    "clock_gettime", "clock_getres", "gettimeofday", "time", "times", "nanosleep", "clock_nanosleep", "getcpu",
    "getrusage", "getrlimit", "sysinfo", "uname", "getrandom", "getpid", "gettid", "getppid", "getpgrp", "getpgid",
    "getsid", "getuid", "geteuid", "getgid", "getegid", "getgroups", "getresuid", "getresgid", "capget"};

constexpr const char* kPathWrites[] = {"mkdir", "mkdirat", "rmdir",    "unlink",    "unlinkat",
                                       "creat", "rename",  "renameat", "renameat2", "truncate"};

class Filter {
 public:
  explicit Filter(std::uint32_t otherwise) : context_(seccomp_init(otherwise)) {
    if (!context_) throw std::runtime_error("seccomp_init failed");
    // Calls through another ABI (32-bit, x32) are refused like the rest instead of killing.
    check(seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM)), "attribute");
    check(seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "attribute");  // a tree, not a chain
  }

  void rule(std::uint32_t action, const char* name, std::initializer_list<scmp_arg_cmp> conditions = {}) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number < 0) return;  // not on this architecture
    check(seccomp_rule_add_array(context_.get(), action, number, static_cast<unsigned>(conditions.size()),
                                 conditions.begin()),
          name);
  }
  void allow(const char* name, std::initializer_list<scmp_arg_cmp> conditions = {}) {
    rule(SCMP_ACT_ALLOW, name, conditions);
  }

  // The notification descriptor, or −1 when the filter asks for none.
  int load(bool notify) {
    check(seccomp_load(context_.get()), "load");
    return notify ? seccomp_notify_fd(context_.get()) : -1;
  }

 private:
  static void check(int result, const std::string& what) {
    if (result) throw std::runtime_error(what + ": " + std::strerror(-result));
  }
  struct Release {
    void operator()(void* context) const { seccomp_release(context); }
  };
  std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, Release> context_;
};

scmp_arg_cmp equals(unsigned argument, std::uint64_t value) { return SCMP_CMP64(argument, SCMP_CMP_EQ, value); }
// For parameters of C type int: the kernel ignores the upper half of the register.
scmp_arg_cmp equals_int(unsigned argument, std::uint32_t value) { return SCMP_CMP32(argument, SCMP_CMP_EQ, value); }
scmp_arg_cmp masked(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, mask, value);
}

void allow_threads(Filter& filter) {
  constexpr std::uint64_t kThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
  constexpr std::uint64_t kNever = CLONE_PTRACE | CLONE_VFORK | CLONE_PARENT | CLONE_UNTRACED | CLONE_NEWNS |
                                   CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                   CLONE_NEWNET | CLONE_IO;
  filter.allow("clone", {masked(0, kThread | kNever, kThread)});
}

void fill(Filter& filter, const SandboxSpec& spec, bool refuse_writes) {
  for (const char* name : kAlways)
    if (!refuse_writes || (std::strcmp(name, "open") && std::strcmp(name, "openat"))) filter.allow(name);
  if (refuse_writes) {
    constexpr std::uint64_t kWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
    filter.allow("open", {masked(1, kWriting, 0)});
    filter.allow("openat", {masked(2, kWriting, 0)});
  } else {
    for (const char* name : kPathWrites) filter.allow(name);
  }

  // clone3 hides its flags behind a pointer; without it the C library uses clone.
  filter.rule(SCMP_ACT_ERRNO(ENOSYS), "clone3");
  if (spec.max_threads > 1 || spec.allow_devices) allow_threads(filter);

  // F_SETOWN and F_SETSIG would send signals to others; seals belong to the judge.
  for (const int command : {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD, F_DUPFD_CLOEXEC, F_GETLK, F_SETLK, F_SETLKW})
    filter.allow("fcntl", {equals_int(1, static_cast<std::uint32_t>(command))});

  for (const unsigned long command : {TCGETS, TIOCGWINSZ, FIONREAD})
    filter.allow("ioctl", {equals_int(1, static_cast<std::uint32_t>(command))});
  if (spec.allow_devices) {  // NVIDIA's drivers: type 'F', and the plain numbers of nvidia-uvm
    filter.allow("ioctl", {masked(1, 0xff00, 'F' << 8)});
    filter.allow("ioctl", {masked(1, 0xffffff00, 0)});
    filter.allow("ioctl", {masked(1, 0xfffffffc, 0x30000000)});
    // The driver hands a descriptor to itself over a local socket. Its names are those of the own net namespace, and
    // paths those of the private root.
    filter.allow("socket", {equals_int(0, AF_UNIX)});
    for (const char* call :
         {"socketpair", "bind", "listen", "accept", "accept4", "connect", "getsockname", "getpeername", "setsockopt",
          "getsockopt", "sendmsg", "recvmsg", "sendto", "recvfrom", "shutdown"})
      filter.allow(call);
    for (const char* call : {"symlink", "symlinkat", "unlink", "unlinkat", "mkdir", "mkdirat"}) filter.allow(call);
  }

  for (const int option : {PR_SET_NAME, PR_GET_NAME, PR_SET_VMA, PR_GET_DUMPABLE, PR_GET_NO_NEW_PRIVS, PR_GET_SECCOMP,
                           PR_CAPBSET_READ, PR_GET_THP_DISABLE, PR_GET_TIMERSLACK})
    filter.allow("prctl", {equals_int(0, static_cast<std::uint32_t>(option))});

  filter.allow("prlimit64", {equals_int(0, 0), equals(2, 0)});  // reading one's own
  const auto self = static_cast<std::uint32_t>(getpid());
  filter.allow("tgkill", {equals_int(0, self)});  // abort() and pthread_kill()
  filter.allow("kill", {equals_int(0, self)});
}

// A compiler starts programs whose needs nobody has listed, so the list is of what none of them has business with:
// other processes, the network, mounts and namespaces, the kernel's own interfaces.
constexpr const char* kNeverOfPrograms[] = {"socket",
                                            "connect",
                                            "bind",
                                            "listen",
                                            "accept",
                                            "accept4",
                                            "ptrace",
                                            "process_vm_readv",
                                            "process_vm_writev",
                                            "process_madvise",
                                            "kcmp",
                                            "kill",
                                            "tkill",
                                            "rt_sigqueueinfo",
                                            "rt_tgsigqueueinfo",
                                            "pidfd_open",
                                            "pidfd_getfd",
                                            "pidfd_send_signal",
                                            "mount",
                                            "umount2",
                                            "pivot_root",
                                            "chroot",
                                            "unshare",
                                            "setns",
                                            "open_tree",
                                            "move_mount",
                                            "fsopen",
                                            "fsconfig",
                                            "fsmount",
                                            "fspick",
                                            "mount_setattr",
                                            "open_by_handle_at",
                                            "name_to_handle_at",
                                            "mknod",
                                            "mknodat",
                                            "bpf",
                                            "perf_event_open",
                                            "userfaultfd",
                                            "io_uring_setup",
                                            "io_uring_enter",
                                            "io_uring_register",
                                            "add_key",
                                            "keyctl",
                                            "request_key",
                                            "init_module",
                                            "finit_module",
                                            "delete_module",
                                            "kexec_load",
                                            "kexec_file_load",
                                            "reboot",
                                            "swapon",
                                            "swapoff",
                                            "acct",
                                            "quotactl",
                                            "syslog",
                                            "sethostname",
                                            "setdomainname",
                                            "settimeofday",
                                            "clock_settime",
                                            "adjtimex",
                                            "clock_adjtime",
                                            "personality",
                                            "shmget",
                                            "shmat",
                                            "msgget",
                                            "semget"};

model::Protection filter_programs(const std::string& name) {
  constexpr std::uint64_t kNamespaces =
      CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  Filter filter(SCMP_ACT_ALLOW);
  for (const char* call : kNeverOfPrograms) filter.rule(SCMP_ACT_ERRNO(EPERM), call);
  for (std::uint64_t bit = 1; bit <= kNamespaces; bit <<= 1)
    if (kNamespaces & bit) filter.rule(SCMP_ACT_ERRNO(EPERM), "clone", {masked(0, bit, bit)});
  filter.rule(SCMP_ACT_ERRNO(ENOSYS), "clone3");
  filter.load(false);
  return present(name, "what programs may not do; refusals are not reported");
}

}  // namespace

model::Protection filter_syscalls(const SandboxSpec& spec, bool refuse_writes, int& refusal_fd) {
  const std::string name = "seccomp";
  refusal_fd = -1;
  std::string why_silent = "the kernel has no user notification";
  const std::string also = refuse_writes ? "writing by path is refused too" : "";
  try {
    if (spec.starts_programs()) return filter_programs(name);
    if (seccomp_api_get() >= 5) {
      try {
        Filter filter(SCMP_ACT_NOTIFY);
        fill(filter, spec, refuse_writes);
        refusal_fd = filter.load(true);
        return present(name, also);
      } catch (const std::runtime_error& e) {
        why_silent = e.what();  // for example: a supervisor above has taken the only listener
      }
    }
    Filter filter(SCMP_ACT_ERRNO(EPERM));
    fill(filter, spec, refuse_writes);
    filter.load(false);
    return present(name, "refusals are not reported: " + why_silent + (also.empty() ? "" : "; " + also));
  } catch (const std::runtime_error& e) {
    return absent(name, e.what());
  }
}

}  // namespace aisp::judge::layers
