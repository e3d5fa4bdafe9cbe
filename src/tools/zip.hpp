// Zip archives as numpy.savez and numpy.savez_compressed write them (PKWARE APPNOTE 6.3.10): entries stored or
// deflated, of one disk, not encrypted. The bytes are hostile: throws std::runtime_error with one line where directory,
// local headers, sizes and checksums do not agree, or where an entry would become larger than allowed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::tools {

struct ZipEntry {
  std::string name;
  std::uint64_t offset = 0, packed = 0, size = 0;  // of its local header; of its data, packed and not
  std::uint32_t crc = 0;
  bool deflated = false;
};

bool is_zip(std::string_view bytes);
// The central directory: what is not in it does not exist.
std::vector<ZipEntry> zip_entries(std::string_view bytes);
// The content of one entry; a deflated one may become `most` bytes at most.
std::string zip_content(std::string_view bytes, const ZipEntry&, std::uint64_t most);

}  // namespace aisp::tools
