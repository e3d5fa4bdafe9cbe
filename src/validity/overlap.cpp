#include "validity/overlap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <unordered_map>

namespace aisp::validity {
namespace {

using Words = std::vector<std::string>;

Words words_of(const std::string& record) {
  Words words(1);
  for (const unsigned char c : record) {
    if (std::isalnum(c) || c >= 0x80)
      words.back() += static_cast<char>(std::tolower(c));
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// Hashes of all runs of kShingle words; of the whole record when it is shorter.
std::set<std::size_t> shingles_of(const Words& words) {
  std::set<std::size_t> all;
  const std::size_t length = std::min<std::size_t>(words.size(), kShingle);
  for (std::size_t i = 0; length && i + length <= words.size(); ++i) {
    std::string run;
    for (std::size_t j = i; j < i + length; ++j) run += words[j] + " ";
    all.insert(std::hash<std::string>()(run));
  }
  return all;
}

}  // namespace

Overlap overlap(const std::vector<std::string>& training, const std::vector<std::string>& test) {
  Overlap found;
  std::set<Words> exact;
  std::unordered_map<std::size_t, std::vector<std::size_t>> where;  // shingle → training records
  for (const auto& record : training) {
    const auto words = words_of(record);
    if (words.empty()) continue;
    for (const auto shingle : shingles_of(words)) where[shingle].push_back(found.training);
    exact.insert(words);
    ++found.training;
  }
  for (const auto& record : test) {
    const auto words = words_of(record);
    if (words.empty()) continue;
    ++found.test;
    bool shared = exact.contains(words);
    if (shared) {
      ++found.exact;
    } else {
      const auto shingles = shingles_of(words);
      std::map<std::size_t, std::size_t> common;
      for (const auto shingle : shingles)
        if (const auto at = where.find(shingle); at != where.end())
          for (const auto source : at->second) ++common[source];
      shared = std::any_of(common.begin(), common.end(), [&](const auto& c) {
        return static_cast<double>(c.second) >= kNearDuplicate * static_cast<double>(shingles.size());
      });
      found.near += shared;
    }
    if (shared && found.first.empty()) found.first = record.substr(0, 60);
  }
  return found;
}

std::string Overlap::text() const {
  if (!shared()) return fmt::format("{} test records, none of them in {} training records", test, training);
  return fmt::format("{} of {} test records are in the training split, {} more nearly; first '{}'", exact, test, near,
                     first);
}

std::vector<std::string> read_records(const std::filesystem::path& file) {
  constexpr std::uintmax_t kMost = 256u << 20;
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) throw std::runtime_error(file.string() + ": no such file");
  if (std::filesystem::file_size(file, error) > kMost)
    throw std::runtime_error(file.string() + " is larger than 256 MiB; compare parts of it");
  std::ifstream in(file);
  if (!in) throw std::runtime_error(file.string() + " cannot be read");
  std::vector<std::string> records;
  for (std::string line; std::getline(in, line);) records.push_back(std::move(line));
  return records;
}

}  // namespace aisp::validity
