#include "tools/zip.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace aisp::tools {
namespace {

constexpr std::string_view kEnd = "PK\5\6", kCentral = "PK\1\2", kLocal = "PK\3\4";
constexpr std::size_t kEndSize = 22, kCentralSize = 46, kLocalSize = 30, kMaxEntries = 4096;

[[noreturn]] void bad(const std::string& what) { throw std::runtime_error("not a zip archive to work with: " + what); }

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// The end record is the last thing in the file but for its comment. Its own comment could hold a second one: the record
// whose comment ends with the file is it, and there must be one such record only.
std::size_t end_record(std::string_view bytes) {
  std::size_t found = std::string_view::npos;
  const std::size_t first = bytes.size() > kEndSize + 0xffff ? bytes.size() - kEndSize - 0xffff : 0;
  for (auto at = bytes.find(kEnd, first); at != std::string_view::npos && at + kEndSize <= bytes.size();
       at = bytes.find(kEnd, at + 1))
    if (at + kEndSize + number(bytes, at + 20, 2) == bytes.size()) {
      if (found != std::string_view::npos) bad("it has two ends");
      found = at;
    }
  if (found == std::string_view::npos) bad("its directory has no end; is the file cut off?");
  return found;
}

ZipEntry entry_at(std::string_view directory, std::size_t at) {
  if (at + kCentralSize > directory.size() || directory.substr(at, 4) != kCentral) bad("its directory is broken");
  const auto flags = number(directory, at + 8, 2), method = number(directory, at + 10, 2);
  ZipEntry e;
  e.crc = static_cast<std::uint32_t>(number(directory, at + 16, 4));
  e.packed = number(directory, at + 20, 4);
  e.size = number(directory, at + 24, 4);
  e.offset = number(directory, at + 42, 4);
  const auto name = number(directory, at + 28, 2);
  if (at + kCentralSize + name > directory.size()) bad("its directory is broken");
  e.name = std::string(directory.substr(at + kCentralSize, name));
  if (flags & 1) bad("it is encrypted");
  if (method != 0 && method != 8) bad(fmt::format("compression method {} is neither stored nor deflated", method));
  e.deflated = method == 8;
  if (std::max({e.packed, e.size, e.offset}) == 0xffffffff) bad("an entry has 4 GiB or more");
  if (!e.deflated && e.packed != e.size) bad("a stored entry has two sizes");
  return e;
}

std::string inflated(std::string_view packed, std::uint64_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) bad("no memory to inflate an entry");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // not written to
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  // With room for what the directory promises and no more: one that grows beyond it does not end here.
  const int result = inflate(&stream, Z_FINISH);
  const bool whole = result == Z_STREAM_END && stream.total_out == size && stream.avail_in == 0;
  inflateEnd(&stream);
  if (!whole) bad("an entry does not inflate to the size that its directory promises");
  return out;
}

}  // namespace

bool is_zip(std::string_view bytes) { return bytes.starts_with(kLocal) || bytes.starts_with(kEnd); }

std::vector<ZipEntry> zip_entries(std::string_view bytes) {
  const auto end = end_record(bytes);
  const auto count = number(bytes, end + 10, 2), size = number(bytes, end + 12, 4), offset = number(bytes, end + 16, 4);
  if (number(bytes, end + 4, 4) != 0 || number(bytes, end + 8, 2) != count) bad("it spans several disks");
  if (count > kMaxEntries) bad(fmt::format("it has more than {} entries", kMaxEntries));
  if (offset + size != end) bad("its directory is not where its end says");
  const auto directory = bytes.substr(offset, size);
  std::vector<ZipEntry> entries;
  std::size_t at = 0;
  while (entries.size() < count) {
    entries.push_back(entry_at(directory, at));
    at += kCentralSize + entries.back().name.size() + number(directory, at + 30, 2) + number(directory, at + 32, 2);
    if (entries.back().offset >= offset) bad("an entry lies behind its directory");
    for (std::size_t i = 0; i + 1 < entries.size(); ++i)
      if (entries[i].name == entries.back().name) bad("it has two entries of one name");
  }
  if (at != size) bad("its directory is broken");
  return entries;
}

std::string zip_content(std::string_view bytes, const ZipEntry& e, std::uint64_t most) {
  if (e.offset + kLocalSize > bytes.size() || bytes.substr(e.offset, 4) != kLocal) bad("an entry has no local header");
  const auto name = number(bytes, e.offset + 26, 2), extra = number(bytes, e.offset + 28, 2);
  const auto data = e.offset + kLocalSize + name + extra;
  if (data + e.packed > bytes.size()) bad("an entry ends behind the file");
  if (bytes.substr(e.offset + kLocalSize, name) != e.name || number(bytes, e.offset + 8, 2) != (e.deflated ? 8u : 0u))
    bad("an entry's local header contradicts the directory");
  const auto packed = bytes.substr(data, e.packed);
  if (e.deflated && e.size > most)
    bad(fmt::format("an entry would inflate to {} bytes; at most {} are allowed", e.size, most));
  auto content = e.deflated ? inflated(packed, e.size) : std::string(packed);
  const auto* raw = reinterpret_cast<const Bytef*>(content.data());
  if (crc32(crc32(0, nullptr, 0), raw, static_cast<uInt>(content.size())) != e.crc) bad("an entry's checksum is wrong");
  return content;
}

}  // namespace aisp::tools
