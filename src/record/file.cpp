#include "record/file.hpp"

#include "record/descriptor.hpp"
#include "record/store_error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace aisp::record {
namespace {

[[noreturn]] void fail(const char* what, const std::filesystem::path& path, int error) {
  const auto text = fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(error));
  if (error == ENOSPC || error == EDQUOT || error == EFBIG || error == EIO) throw WriteError(text);
  throw StoreError(text);
}

void write_all(int fd, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("write", path, errno);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

void write_atomically(const std::filesystem::path& path, std::string_view text, unsigned mode) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const auto temporary = fmt::format("{}.{}.tmp", path.string(), ::getpid());
  ::unlink(temporary.c_str());  // left over from a crashed process of the same number
  try {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file) fail("write", path, errno);
    write_all(file.get(), text, path);
    if (::fsync(file.get()) != 0) fail("write", path, errno);
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail("write", path, errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory) ::fsync(directory.get());  // some file systems refuse this; the content is safe already
}

void require_writable(const std::filesystem::path& folder) {
  auto place = std::filesystem::absolute(folder);
  while (::access(place.c_str(), F_OK) != 0 && place.has_parent_path() && place != place.parent_path())
    place = place.parent_path();
  if (!std::filesystem::is_directory(place)) fail("write into", folder, ENOTDIR);
  if (::access(place.c_str(), W_OK | X_OK) != 0) fail("write into", folder, errno);
}

std::string read_whole(const std::filesystem::path& path, std::size_t limit) {
  // Non-blocking, so that a FIFO in place of a file cannot hang the reader.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) fail("read", path, errno);
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) fail("read", path, errno);
  if (!S_ISREG(facts.st_mode)) throw StoreError(fmt::format("cannot read {}: not a regular file", path.string()));
  if (std::cmp_greater(facts.st_size, limit))
    throw StoreError(
        fmt::format("cannot read {}: {} bytes; at most {} are allowed", path.string(), facts.st_size, limit));
  std::string text(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const auto n = ::read(file.get(), text.data() + filled, text.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("read", path, errno);
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  text.resize(filled);
  return text;
}

}  // namespace aisp::record
