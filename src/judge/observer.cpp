#include "judge/observer.hpp"

#include "model/text.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace aisp::judge {
namespace {

constexpr std::size_t kPage = 4096, kChunk = 256 * kPage;
constexpr std::size_t kMostText = 4 << 20;    // of maps
constexpr std::uint64_t kMostCode = 1 << 30;  // a mapping beyond it is not the worker's

// FNV-1a over words in four lanes: fast, and nobody can make collisions of pages on purpose who may only run code in
// them for as long as the run lasts.
std::uint64_t hash_page(const std::byte* page) {
  std::uint64_t lanes[4] = {1, 2, 3, 4};
  for (std::size_t i = 0; i < kPage; i += 32) {
    std::uint64_t words[4];
    std::memcpy(words, page + i, 32);
    for (int l = 0; l < 4; ++l) lanes[l] = (lanes[l] ^ words[l]) * 0x9e3779b97f4a7c15u, lanes[l] ^= lanes[l] >> 29;
  }
  const auto all = lanes[0] + 3 * lanes[1] + 5 * lanes[2] + 7 * lanes[3];
  return all ? all : 1;
}

}  // namespace

std::vector<Mapping> parse_maps(std::string_view text) {
  std::vector<Mapping> all;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string line(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    unsigned long from = 0, to = 0;
    char mode[5] = {};
    int at = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx %4s %*s %*s %*s %n", &from, &to, mode, &at) != 3 || to <= from) continue;
    all.push_back({from, to, mode[0] == 'r', mode[1] == 'w', mode[2] == 'x',
                   at ? line.substr(static_cast<std::size_t>(at)) : ""});
  }
  return all;
}

Observer::Observer(Fd maps, Fd memory) : maps_(std::move(maps)), memory_(std::move(memory)) {
  if (!maps_ || !memory_) return;
  for (auto& m : parse_maps(maps_text())) {
    const bool code = m.readable && !m.writable && (m.file.starts_with('/') || m.file == "[vdso]");
    const bool elsewhere = m.file.starts_with("/memfd:") || m.file.starts_with("/dev/");  // the driver's pages change
    if (!code || elsewhere || m.end - m.begin > kMostCode) continue;
    auto pages = hash(m);
    parts_.push_back({std::move(m), std::move(pages)});
  }
}

std::string Observer::maps_text() const {
  std::string text;
  char buffer[65536];
  while (maps_ && text.size() < kMostText) {
    const auto n = pread(maps_.get(), buffer, sizeof buffer, static_cast<off_t>(text.size()));
    if (n <= 0) break;
    text.append(buffer, static_cast<std::size_t>(n));
  }
  return text;
}

std::vector<std::uint64_t> Observer::hash(const Mapping& m) const {
  std::vector<std::uint64_t> pages;
  std::vector<std::byte> buffer(std::min<std::size_t>(kChunk, m.end - m.begin));
  for (auto at = m.begin; at < m.end; at += buffer.size()) {
    const auto wanted = std::min<std::uint64_t>(buffer.size(), m.end - at);
    const auto n = pread(memory_.get(), buffer.data(), wanted, static_cast<off_t>(at));
    const auto got = n > 0 ? static_cast<std::size_t>(n) : 0;
    for (std::size_t p = 0; p < wanted; p += kPage)
      pages.push_back(p + kPage <= got ? hash_page(buffer.data() + p) : 0);
  }
  return pages;
}

model::CodeCheck Observer::compare() const {
  model::CodeCheck check;
  if (parts_.empty()) {
    check.absent = "the worker's memory cannot be read";
    return check;
  }
  for (const auto& part : parts_) {
    const auto now = hash(part.mapping);
    for (std::size_t p = 0; p < part.pages.size(); ++p) {
      if (!part.pages[p]) continue;  // beyond the end of its file
      check.bytes += static_cast<std::int64_t>(kPage);
      if (p < now.size() && now[p] == part.pages[p]) continue;
      if (check.changed_pages++ == 0) {
        char offset[32];
        std::snprintf(offset, sizeof offset, "+0x%zx", p * kPage);
        check.first = model::printable(part.mapping.file.substr(part.mapping.file.rfind('/') + 1), 120) + offset;
      }
    }
  }
  return check;
}

std::int64_t Observer::executable_bytes() const {
  std::int64_t bytes = 0;
  for (const auto& m : parse_maps(maps_text()))
    if (m.executable && (m.file.empty() || m.file.starts_with("/memfd:") || m.file.starts_with("/dev/zero")))
      bytes += static_cast<std::int64_t>(m.end - m.begin);
  return bytes;
}

}  // namespace aisp::judge
