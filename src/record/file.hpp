// Whole files, read and written so that a reader never sees half of one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace aisp::record {

// Temporary file in the same folder, fsync, rename, fsync of the folder: after a crash or with a full disk `path` holds
// either the old content or the new. Throws StoreError.
void write_atomically(const std::filesystem::path& path, std::string_view text, unsigned mode = 0644);

// At most `limit` bytes of a regular file; throws StoreError when it is longer, missing or unreadable.
std::string read_whole(const std::filesystem::path& path, std::size_t limit = 64u << 20);

// Throws StoreError where `folder`, or the nearest folder above it that is there, takes no new files: asked before long
// work whose result goes there.
void require_writable(const std::filesystem::path& folder);

}  // namespace aisp::record
