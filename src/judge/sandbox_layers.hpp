// The layers of enter_sandbox(), one source file each. Private to the sandbox.
#pragma once

#include "judge/sandbox.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace aisp::judge::layers {

using Protections = std::vector<model::Protection>;

inline model::Protection present(std::string name, std::string detail = "") {
  return {std::move(name), true, std::move(detail)};
}
inline model::Protection absent(std::string name, const std::string& why) { return {std::move(name), false, why}; }
inline model::Protection absent_errno(std::string name, const std::string& what, int error = errno) {
  return {std::move(name), false, what + ": " + std::strerror(error)};
}

// A path that the worker may use. Directories stand for everything below them.
struct Grant {
  enum class Use : std::uint8_t {
    read,
    write,    // a file that exists: /dev/null
    device,   // written, and controlled by ioctl
    output,   // a directory of the host in which files are made and removed
    scratch,  // the worker's own directory, which may be a tmpfs in its place
    execute,  // read, and programs may be started
  };
  std::string path;
  Use use = Use::read;
};
inline constexpr const char* kSharedMemory = "/dev/shm";

// All grants of a worker, parents before children: the spec's and what libc, libgomp and BLAS libraries read.
std::vector<Grant> grants(const SandboxSpec&);

// sandbox_namespaces.cpp: needs a single-threaded process.
Protections enter_namespaces(const SandboxSpec&);

// sandbox_landlock.cpp
model::Protection restrict_paths(const SandboxSpec&);

// sandbox_limits.cpp
Protections set_limits(const SandboxSpec&, bool own_user_namespace);
// `keep_reading`: what belongs to other users stays readable, see sandbox.hpp.
Protections drop_privileges(bool keep_reading = false);

// sandbox_seccomp.cpp. `refuse_writes`: opening for writing, making, renaming and removing by path is refused too.
model::Protection filter_syscalls(const SandboxSpec&, bool refuse_writes, int& refusal_fd);

}  // namespace aisp::judge::layers
