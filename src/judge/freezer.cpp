#include "judge/freezer.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

namespace aisp::judge {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "aisp-worker-";  // then the judge's pid, '-', a number

// The cgroup of this process in the hierarchy of version 2, as a folder; "" when there is none.
std::string own_cgroup() {
  std::string mount, path, line;
  for (std::ifstream mounts("/proc/self/mountinfo"); mount.empty() && std::getline(mounts, line);) {
    // ID PARENT DEVICE ROOT MOUNTPOINT OPTIONS … - TYPE SOURCE OPTIONS
    if (line.find(" - cgroup2 ") == std::string::npos) continue;
    std::size_t begin = 0;
    for (int field = 0; field < 4; ++field) begin = line.find(' ', begin) + 1;
    mount = line.substr(begin, line.find(' ', begin) - begin);
  }
  for (std::ifstream groups("/proc/self/cgroup"); std::getline(groups, line);)
    if (line.starts_with("0::/")) path = line.substr(3);
  return mount.empty() || path.empty() ? "" : mount + (path == "/" ? "" : path);
}

// Cgroups of judges that died before they could remove them.
void sweep(const fs::path& parent) {
  std::error_code error;
  for (fs::directory_iterator at(parent, error), end; !error && at != end; at.increment(error)) {
    const auto name = at->path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    const auto judge = std::atol(name.c_str() + kPrefix.size());
    if (judge > 0 && ::kill(static_cast<pid_t>(judge), 0) != 0 && errno == ESRCH) ::rmdir(at->path().c_str());
  }
}

bool write_all(int fd, std::string_view text) {
  return ::pwrite(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

}  // namespace

std::optional<Freezer> Freezer::of(pid_t pid) {
  static const std::string parent = [] {
    auto folder = own_cgroup();
    if (!folder.empty()) sweep(folder);
    return folder;
  }();
  static std::atomic<int> next{0};
  if (parent.empty()) return {};
  Freezer f;
  auto folder = parent + "/" + std::string(kPrefix) + std::to_string(::getpid()) + "-" + std::to_string(next++);
  if (::mkdir(folder.c_str(), 0755) != 0) return {};
  f.folder_ = std::move(folder);
  const Fd members(::open((f.folder_ + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  f.freeze_ = Fd(::open((f.folder_ + "/cgroup.freeze").c_str(), O_WRONLY | O_CLOEXEC));
  f.events_ = Fd(::open((f.folder_ + "/cgroup.events").c_str(), O_RDONLY | O_CLOEXEC));
  if (!members || !f.freeze_ || !f.events_ || !write_all(members.get(), std::to_string(pid))) return {};
  return f;
}

Freezer::~Freezer() {
  // A process that has just been killed may count for a moment longer. What stays is swept by the next judge.
  for (int tries = 0; !folder_.empty() && ::rmdir(folder_.c_str()) != 0 && errno == EBUSY && tries < 20; ++tries)
    ::usleep(1000);
}

void Freezer::freeze() const { write_all(freeze_.get(), "1"); }
void Freezer::thaw() const { write_all(freeze_.get(), "0"); }

bool Freezer::frozen() const {
  char text[256];
  const auto n = ::pread(events_.get(), text, sizeof text, 0);
  return n > 0 && std::string_view(text, static_cast<std::size_t>(n)).find("frozen 1") != std::string_view::npos;
}

}  // namespace aisp::judge
