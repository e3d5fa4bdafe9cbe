#include "analysis/csv.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace aisp::analysis {
namespace {
constexpr std::size_t kMaxFields = 1'000'000;
}

std::vector<std::vector<std::string>> parse_csv(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte-order mark
  std::vector<std::vector<std::string>> records;
  std::vector<std::string> record;
  std::size_t fields = 0, line = 1, at = 0;
  const auto bad = [&](const char* what) { throw std::runtime_error(fmt::format("line {}: {}", line, what)); };
  while (at < text.size()) {
    std::string field;
    bool quoted = false;
    if (text[at] == '"') {
      quoted = true;
      for (++at;; ++at) {
        if (at == text.size()) bad("a quoted field has no end");
        if (text[at] == '"' && (++at == text.size() || text[at] != '"')) break;
        if (text[at] == '\n') ++line;
        field += text[at];
      }
    } else {
      for (; at < text.size() && text[at] != ',' && text[at] != '\n' && text[at] != '\r'; ++at) field += text[at];
    }
    if (++fields > kMaxFields) bad("more than a million fields");
    if (at < text.size() && text[at] == ',') {
      record.push_back(std::move(field));
      if (++at == text.size()) record.emplace_back(), records.push_back(std::move(record)), record.clear();
      continue;
    }
    const bool crlf = text.substr(at).starts_with("\r\n");
    if (at < text.size() && text[at] != '\n' && !crlf)
      bad(quoted ? "there is text behind a quoted field" : "a carriage return stands alone");
    at += crlf ? 2 : 1;
    if (!record.empty() || !field.empty() || quoted) {
      record.push_back(std::move(field));
      records.push_back(std::move(record));
      record.clear();
    }
    ++line;
  }
  return records;
}

}  // namespace aisp::analysis
