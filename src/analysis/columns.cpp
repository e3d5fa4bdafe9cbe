#include "analysis/columns.hpp"

#include "analysis/table.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace aisp::analysis {
namespace {

constexpr int kGap = 2;
constexpr int kIndent = 4;      // of lines that continue a row
constexpr int kLeastLast = 20;  // columns in which prose can be read

std::string spaces(int count) { return std::string(static_cast<std::size_t>(std::max(0, count)), ' '); }

void end_line(std::string& text, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  if (!line.empty()) text += line + '\n';
}

}  // namespace

std::string columns(std::span<const std::vector<std::string>> given, int width) {
  std::vector<std::vector<std::string>> rows(given.begin(), given.end());
  for (auto& row : rows)
    for (auto& cell : row) cell = model::printable(cell);
  std::vector<int> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], display_width(row[c]));
  }
  if (widths.empty()) return "";
  int before_last = 0;  // where the last column begins
  for (std::size_t c = 0; c + 1 < widths.size(); ++c) before_last += widths[c] + kGap;
  const int last_room = width - before_last;
  const bool folds = widths.back() > last_room && last_room < std::min(kLeastLast, widths.back());

  std::string text;
  for (const auto& row : rows) {
    std::string line;
    int used = 0;  // columns of the line, the gap behind its last cell counted
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (folds && used > 0 && used + widths[c] > width) {
        end_line(text, std::move(line));
        line = spaces(kIndent);
        used = kIndent;
      }
      const bool last = c + 1 == widths.size();
      auto cell = !last || used + display_width(row[c]) <= width ? row[c] : wrapped(row[c], width - used, 0);
      if (cell.ends_with('\n')) cell.pop_back();
      for (std::size_t at = cell.find('\n'); at != std::string::npos; at = cell.find('\n', at + 1))
        cell.insert(at + 1, spaces(used));
      line += cell + spaces(widths[c] - display_width(row[c]) + kGap);
      used += widths[c] + kGap;
    }
    end_line(text, std::move(line));
  }
  return text;
}

std::string wrapped(std::string_view text, int width, int indent) {
  std::string out, line;
  const int room = std::max(width, indent + kLeastLast);
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(' ', begin), text.size());
    const std::string word(text.substr(begin, end - begin));
    begin = end + 1;
    if (word.empty()) continue;
    const bool fresh = line.find_first_not_of(' ') == std::string::npos;
    if (!fresh && display_width(line) + 1 + display_width(word) > room) {
      out += line + '\n';
      line = spaces(indent);
    } else if (!fresh) {
      line += ' ';
    }
    line += word;
  }
  return out + line + '\n';
}

}  // namespace aisp::analysis
