#include "record/device_lock.hpp"

#include "model/text.hpp"
#include "record/store_error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

namespace aisp::record {
namespace {
namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::size_t kShown = 200;  // characters of a command

std::string printable(std::string_view text) {
  std::string words(text.substr(0, kShown));
  std::replace(words.begin(), words.end(), '\0', ' ');  // between arguments
  auto out = model::printable(words);
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// flock needs no write access, so a file made by another user, perhaps not writable, serves as well. It is opened
// without O_CREAT first: Linux refuses O_CREAT on other users' files in sticky folders (fs.protected_regular).
Descriptor open_lock(const fs::path& path) {
  constexpr int flags = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
  Descriptor file;
  for (int attempt = 0; attempt < 3 && !file; ++attempt) {  // another process may make or remove it in between
    file = Descriptor(::open(path.c_str(), O_RDWR | flags));
    if (!file && errno == EACCES) file = Descriptor(::open(path.c_str(), O_RDONLY | flags));
    if (!file && errno == ENOENT) {
      file = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | flags, 0666));
      if (file) ::fchmod(file.get(), 0666);  // past the umask: every user may write who holds it
      if (!file && errno != EEXIST) break;
    } else if (!file) {
      break;
    }
  }
  if (!file) {
    const auto reason = errno == ELOOP ? "it is a symbolic link" : std::strerror(errno);
    throw StoreError(fmt::format("cannot open the lock file {}: {}", path.string(), reason));
  }
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_nlink > 1)
    throw StoreError(fmt::format("the lock file {} is not a plain file; remove it", path.string()));
  return file;
}

// Whether the name still leads to the file that was locked: a cleaner may have removed it meanwhile.
bool is_current(const Descriptor& file, const fs::path& path) {
  struct stat mine {
  }, named{};
  return ::fstat(file.get(), &mine) == 0 && ::lstat(path.c_str(), &named) == 0 && mine.st_ino == named.st_ino &&
         mine.st_dev == named.st_dev;
}

void write_holder(const Descriptor& file) {
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  std::string command(kShown, '\0');
  in.read(command.data(), static_cast<std::streamsize>(command.size()));
  command.resize(static_cast<std::size_t>(in.gcount()));
  const auto text = fmt::format("{}\n{}\n", ::getpid(), printable(command));
  // Best effort: the lock holds without it, for instance on a file that another user made read-only.
  if (::ftruncate(file.get(), 0) == 0) static_cast<void>(::pwrite(file.get(), text.data(), text.size(), 0) < 0);
}

Holder read_holder(const Descriptor& file) {
  std::array<char, kShown + 32> text{};
  const auto n = ::pread(file.get(), text.data(), text.size(), 0);
  const std::string_view all(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
  Holder holder;
  const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), holder.pid);
  if (error != std::errc() || holder.pid <= 0) return {};
  holder.command = printable(all.substr(static_cast<std::size_t>(end - all.data())));
  holder.command.erase(0, holder.command.find_first_not_of(' '));
  return holder;
}

}  // namespace

std::string Holder::text() const {
  if (!pid) return "another process";
  return command.empty() ? fmt::format("process {}", pid) : fmt::format("process {} ({})", pid, command);
}

DeviceBusy::DeviceBusy(const std::string& device, const Holder& holder)
    : std::runtime_error(
          fmt::format("{} is in use by {}; wait for it or choose another device", device, holder.text())) {}

fs::path DeviceLock::shared_folder() {
  for (const char* folder : {"/run/lock", "/tmp"}) {
    struct stat facts {};
    if (::stat(folder, &facts) == 0 && S_ISDIR(facts.st_mode) && (facts.st_mode & S_ISVTX) && (facts.st_mode & S_IWOTH))
      return folder;
  }
  if (const char* own = std::getenv("XDG_RUNTIME_DIR"); own && *own) return own;
  return "/tmp";
}

DeviceLock DeviceLock::acquire(const std::string& device, bool wait, const OnWait& on_wait, const fs::path& folder) {
  const auto path = folder / ("aisp-" + device + ".lock");
  for (;;) {
    auto file = open_lock(path);
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR)
        throw StoreError(fmt::format("cannot lock {}: {}", path.string(), std::strerror(errno)));
      const auto holder = read_holder(file);
      if (!wait || (on_wait && !on_wait(holder))) throw DeviceBusy(device, holder);
      std::this_thread::sleep_for(100ms);
    }
    if (!is_current(file, path)) continue;
    write_holder(file);
    return DeviceLock(std::move(file));
  }
}

}  // namespace aisp::record
