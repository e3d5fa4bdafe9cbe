// For tests of what happens where the system refuses a call, as an old kernel or a container does.
#pragma once

#include <seccomp.h>
#include <unistd.h>

namespace aisp::test {

// From here on this process and those that it starts get `error` for a system call.
inline void refuse_call(const char* name, int error) {
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  const int number = seccomp_syscall_resolve_name(name);
  if (!filter || seccomp_rule_add(filter, SCMP_ACT_ERRNO(static_cast<unsigned>(error)), number, 0) != 0 ||
      seccomp_load(filter) != 0)
    ::_exit(125);
  seccomp_release(filter);
}

}  // namespace aisp::test
