// Landlock: access to paths, without any privilege. linux/landlock.h is newer in the running kernel than at build time
// as often as not, so the numbers stand here. Source: Documentation/userspace-api/landlock.rst of Linux 6.15.
#include "judge/sandbox_layers.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace aisp::judge::layers {
namespace {

constexpr long kCreateRuleset = 444, kAddRule = 445, kRestrictSelf = 446;  // the same on every architecture

// Rights on files and directories; each ABI version adds to those before.
constexpr std::uint64_t kExecute = 1 << 0, kWriteFile = 1 << 1, kReadFile = 1 << 2, kReadDir = 1 << 3,
                        kRemoveDir = 1 << 4, kRemoveFile = 1 << 5, kMakeDir = 1 << 7, kMakeReg = 1 << 8,
                        kMakeSym = 1 << 12, kRefer = 1 << 13, kTruncate = 1 << 14, kIoctlDev = 1 << 15;
constexpr std::uint64_t kFileRights[] = {0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff};  // by ABI, the last for later ones
constexpr std::uint64_t kBindTcp = 1 << 0, kConnectTcp = 1 << 1;                      // ABI 4
constexpr std::uint64_t kScopeAbstractSocket = 1 << 0, kScopeSignal = 1 << 1;         // ABI 6

struct RulesetAttributes {
  std::uint64_t files, net, scoped;
};
struct __attribute__((packed)) PathRule {
  std::uint64_t rights;
  std::int32_t fd;
};

std::uint64_t rights_of(Grant::Use use, bool directory) {
  // Mapping a library needs no right to execute, only execve does.
  std::uint64_t rights = kReadFile | (directory ? kReadDir : 0);
  if (use == Grant::Use::read) return rights;
  if (use == Grant::Use::execute) return rights | kExecute;
  rights |= kWriteFile | kTruncate;
  if (use == Grant::Use::device) rights |= kIoctlDev;
  if (use == Grant::Use::scratch || use == Grant::Use::output)
    rights |= kRemoveDir | kRemoveFile | kMakeDir | kMakeReg | kRefer;
  if (use == Grant::Use::output) rights |= kMakeSym;
  return rights;
}

}  // namespace

model::Protection restrict_paths(const SandboxSpec& spec) {
  const std::string name = "landlock";
  const long abi = syscall(kCreateRuleset, nullptr, 0, 1);
  if (abi < 1) return absent_errno(name, "landlock_create_ruleset");

  const std::uint64_t files = kFileRights[abi < 5 ? abi : 5];
  const RulesetAttributes attributes{files, abi >= 4 ? kBindTcp | kConnectTcp : 0,
                                     abi >= 6 ? kScopeAbstractSocket | kScopeSignal : 0};
  const std::size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  const int ruleset = static_cast<int>(syscall(kCreateRuleset, &attributes, size, 0));
  if (ruleset < 0) return absent_errno(name, "landlock_create_ruleset");

  int skipped_errno = 0;
  for (const auto& grant : grants(spec)) {
    const int fd = open(grant.path.c_str(), O_PATH | O_CLOEXEC);
    if (fd < 0) continue;  // what does not exist needs no grant
    struct stat status {};
    const bool directory = fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
    const PathRule rule{rights_of(grant.use, directory) & files, fd};
    if (syscall(kAddRule, ruleset, 1, &rule, 0)) skipped_errno = errno;  // less is granted, never more
    close(fd);
  }
  const long result = syscall(kRestrictSelf, ruleset, 0);
  const int error = errno;
  close(ruleset);
  if (result) return absent_errno(name, "landlock_restrict_self", error);
  std::string detail = "ABI " + std::to_string(abi);
  if (abi < 3) detail += ": truncating by path is not covered";
  if (skipped_errno) detail += std::string("; a path could not be granted: ") + std::strerror(skipped_errno);
  return present(name, detail);
}

}  // namespace aisp::judge::layers
