#include "analysis/diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace aisp::analysis {
namespace {

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

struct Edit {
  char kind = ' ';  // ' ' kept, '-' removed, '+' added
  std::string_view line;
};

// The shortest script from a to b. Step d keeps for each diagonal x − y the furthest x that d edits reach; the way back
// through these fronts is the script.
std::vector<Edit> edits(const Lines& a, const Lines& b) {
  const auto n = std::ssize(a), m = std::ssize(b), most = n + m;
  const auto at = [&](std::ptrdiff_t diagonal) { return static_cast<std::size_t>(diagonal + most + 1); };
  const auto same = [&](std::ptrdiff_t x, std::ptrdiff_t y) {
    return x < n && y < m && a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(y)];
  };
  std::vector<std::ptrdiff_t> front(static_cast<std::size_t>(2 * most + 3), 0);
  std::vector<std::vector<std::ptrdiff_t>> fronts;
  const auto down = [&](const auto& f, std::ptrdiff_t k, std::ptrdiff_t d) {  // whether step d came by an added line
    return k == -d || (k != d && f[at(k - 1)] < f[at(k + 1)]);
  };
  const auto search = [&] {
    for (std::ptrdiff_t d = 0; d <= most; ++d) {
      fronts.push_back(front);
      for (std::ptrdiff_t k = -d; k <= d; k += 2) {
        auto x = down(front, k, d) ? front[at(k + 1)] : front[at(k - 1)] + 1;
        while (same(x, x - k)) ++x;
        front[at(k)] = x;
        if (x >= n && x - k >= m) return d;
      }
    }
    return most;
  };
  std::vector<Edit> script;
  auto x = n, y = m;
  for (auto d = search(); d >= 0; --d) {
    const auto& f = fronts[static_cast<std::size_t>(d)];
    const auto k = x - y;
    const bool added = down(f, k, d);
    const auto from_k = added ? k + 1 : k - 1;
    const auto from_x = d == 0 ? 0 : f[at(from_k)];
    const auto from_y = d == 0 ? 0 : from_x - from_k;
    while (x > from_x && y > from_y && same(x - 1, y - 1)) {
      script.push_back({' ', a[static_cast<std::size_t>(--x)]});
      --y;
    }
    if (d == 0) break;
    if (added)
      script.push_back({'+', b[static_cast<std::size_t>(--y)]});
    else
      script.push_back({'-', a[static_cast<std::size_t>(--x)]});
  }
  std::reverse(script.begin(), script.end());
  return script;
}

}  // namespace

std::vector<std::string> unified_diff(std::string_view before, std::string_view after, const std::string& before_name,
                                      const std::string& after_name, int context) {
  if (before == after) return {};
  const auto script = edits(lines_of(before), lines_of(after));
  const auto changed = [](const Edit& e) { return e.kind != ' '; };
  if (std::none_of(script.begin(), script.end(), changed)) return {};  // all but the last end of line
  std::vector<std::string> out{"--- " + before_name, "+++ " + after_name};
  std::ptrdiff_t old_line = 1, new_line = 1;  // of script[i]
  for (std::ptrdiff_t i = 0, size = std::ssize(script); i < size;) {
    // A hunk: from `context` lines before the next change, over changes at most 2·context lines apart.
    auto first = std::find_if(script.begin() + i, script.end(), changed) - script.begin();
    if (first == size) break;
    const auto begin = std::max<std::ptrdiff_t>(i, first - context);
    auto last = first;
    for (auto next = first + 1; next < size && next - last <= 2 * context + 1; ++next)
      if (changed(script[static_cast<std::size_t>(next)])) last = next;
    const auto end = std::min<std::ptrdiff_t>(size, last + 1 + context);
    old_line += begin - i, new_line += begin - i;  // what lies between hunks is the same in both
    std::ptrdiff_t old_count = 0, new_count = 0;
    std::vector<std::string> body;
    for (auto j = begin; j < end; ++j) {
      const auto& e = script[static_cast<std::size_t>(j)];
      old_count += e.kind != '+', new_count += e.kind != '-';
      body.push_back(e.kind + std::string(e.line));
    }
    out.push_back(fmt::format("@@ -{},{} +{},{} @@", old_count ? old_line : old_line - 1, old_count,
                              new_count ? new_line : new_line - 1, new_count));
    out.insert(out.end(), body.begin(), body.end());
    old_line += old_count, new_line += new_count;
    i = end;
  }
  return out;
}

}  // namespace aisp::analysis
