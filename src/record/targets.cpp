#include "record/targets.hpp"

#include "record/file.hpp"
#include "record/json.hpp"
#include "record/store_error.hpp"
#include "record/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace aisp::record {
namespace {

bool is_word(std::string_view text) {
  return !text.empty() && std::isalnum(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

// A library is one file of a known folder: a name like "../../evil.so" must not leave it.
bool is_library_name(std::string_view text) {
  return text.ends_with(".so") && is_word(text.substr(0, text.size() - 3));
}

// Compares digit runs by value, so that ch9 comes before ch10.
bool natural_less(std::string_view a, std::string_view b) {
  const auto digits = [](std::string_view s) {
    std::size_t n = 0;
    while (n < s.size() && std::isdigit(static_cast<unsigned char>(s[n]))) ++n;
    return n;
  };
  while (!a.empty() && !b.empty()) {
    const auto na = digits(a), nb = digits(b);
    if (na && nb) {
      auto x = a.substr(0, na), y = b.substr(0, nb);
      x.remove_prefix(std::min(x.find_first_not_of('0'), x.size()));
      y.remove_prefix(std::min(y.find_first_not_of('0'), y.size()));
      if (x != y) return x.size() != y.size() ? x.size() < y.size() : x < y;
      a.remove_prefix(na), b.remove_prefix(nb);
    } else {
      if (a[0] != b[0]) return a[0] < b[0];
      a.remove_prefix(1), b.remove_prefix(1);
    }
  }
  return a.size() < b.size();
}

void check(const model::TargetInfo& t, const std::string& file) {
  const auto refuse = [&](const std::string& what) { throw StoreError(file + ": " + what); };
  if (!is_target_name(t.target) || t.target != t.chapter + ":" + t.name)
    refuse("'" + shown(t.target) + "' is not a target name made of its chapter and name");
  if (!is_library_name(t.workload_library) || !is_library_name(t.variant_library))
    refuse(t.target + " names a library that is not a plain file name ending in .so");
  std::set<std::string> names;
  for (const auto& v : t.variants)
    if (!is_word(v.name) || !names.insert(v.name + (v.peer ? " peer " : " ") + v.device).second)
      refuse(t.target + " has a variant without a proper or unique name");
}

}  // namespace

bool is_target_name(std::string_view text) {
  const auto colon = text.find(':');
  if (text.size() > 200 || colon == std::string_view::npos || !is_word(text.substr(colon + 1))) return false;
  auto chapter = text.substr(0, colon);
  for (;;) {
    const auto slash = chapter.find('/');
    if (!is_word(chapter.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    chapter.remove_prefix(slash + 1);
  }
}

std::vector<model::TargetInfo> load_targets(const Paths& paths) {
  const auto file = paths.index().string();
  const auto text = read_whole(file);
  std::vector<model::TargetInfo> targets;
  try {
    targets = parse_targets(text);
  } catch (const std::runtime_error& e) {
    throw StoreError(file + ": " + e.what());
  }
  std::set<std::string> seen;
  for (auto& t : targets) {
    check(t, file);
    if (!seen.insert(t.target).second) throw StoreError(file + ": " + t.target + " is listed twice");
    const auto rank = [](const model::VariantInfo& v) { return v.peer ? 2 : v.name == "baseline" ? 0 : 1; };
    std::stable_sort(t.variants.begin(), t.variants.end(),
                     [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  }
  std::sort(targets.begin(), targets.end(),
            [](const auto& a, const auto& b) { return natural_less(a.target, b.target); });
  return targets;
}

bool glob_match(std::string_view pattern, std::string_view text) {
  // On a mismatch only the last '*' needs to take one character more, so the cost is at most |pattern|·|text|.
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool selects(std::string_view pattern, const model::TargetInfo& target) {
  if (pattern == "all") return true;
  return glob_match(pattern, pattern.find(':') == std::string_view::npos ? target.chapter : target.target);
}

Selection select(const std::vector<model::TargetInfo>& targets, const std::vector<std::string>& patterns) {
  Selection selection;
  for (const auto& t : targets)
    if (std::any_of(patterns.begin(), patterns.end(), [&](const auto& p) { return selects(p, t); }))
      selection.targets.push_back(t);
  for (const auto& p : patterns)
    if (std::none_of(targets.begin(), targets.end(), [&](const auto& t) { return selects(p, t); }))
      selection.unmatched.push_back(p);
  return selection;
}

int edit_distance(std::string_view a, std::string_view b) {
  const auto n = a.size(), m = b.size();
  std::vector<int> before(m + 1), last(m + 1), now(m + 1);  // rows i−2, i−1 and i
  for (std::size_t j = 0; j <= m; ++j) last[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= n; ++i) {
    now[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= m; ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(now);
  }
  return last[m];
}

std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates, std::size_t most) {
  word = word.substr(0, 200);
  const auto limit = std::max(1, static_cast<int>(word.size() / 3));
  std::vector<std::pair<int, std::string>> near;
  for (const auto& c : candidates) {
    auto distance = edit_distance(word, c);
    const bool prefix = word.size() >= 2 && c.starts_with(word);
    if (prefix) distance = std::min(distance, limit);
    if (distance <= limit) near.emplace_back(distance, c);
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (const auto& [distance, name] : near)
    if (names.size() < most && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

std::string unknown_target(std::string_view pattern, const std::vector<model::TargetInfo>& targets) {
  const bool chapter = pattern.find(':') == std::string_view::npos;
  std::vector<std::string> candidates, names;
  for (const auto& t : targets) candidates.push_back(chapter ? t.chapter : t.target);
  if (chapter)  // "softmax" alone most likely means the target of that name
    for (const auto& t : targets)
      if (names.size() < 3 && !nearest(pattern, {t.name}).empty()) names.push_back(t.target);
  if (names.empty()) names = nearest(pattern, candidates);
  const auto unknown = fmt::format("unknown {} '{}'", chapter ? "chapter" : "target", shown(pattern));
  if (names.empty()) return unknown + "; see `aisp bench list-targets`";
  return fmt::format("{}; did you mean {}?", unknown, fmt::join(names, ", "));
}

}  // namespace aisp::record
