#include "analysis/lesson.hpp"

#include <algorithm>
#include <sstream>

namespace aisp::analysis {
namespace {

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  return begin == std::string_view::npos ? ""
                                         : std::string(text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin));
}

std::vector<std::string> cells_of(std::string_view row) {
  std::vector<std::string> cells;
  for (std::size_t begin = row.find('|'); begin != std::string_view::npos;) {
    const auto end = row.find('|', begin + 1);
    if (end == std::string_view::npos) break;
    cells.push_back(trimmed(row.substr(begin + 1, end - begin - 1)));
    begin = end;
  }
  return cells;
}

bool names(std::string_view text, const std::string& word) { return text.find('`' + word + '`') != text.npos; }

}  // namespace

Lesson lesson_of(std::string_view readme, const std::string& target, const std::string& variant,
                 std::string_view device) {
  const auto colon = target.rfind(':');
  const auto name = colon == std::string::npos ? target : target.substr(colon + 1);
  Lesson lesson;
  bool chosen = false, looking = false, in_item = false, cuda = false;
  std::vector<std::string> header;
  struct Item {
    std::string text;
    bool cuda;
  };
  std::vector<Item> items;
  std::istringstream lines{std::string(readme)};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) {
      looking = line.find("What to look at") != std::string::npos;
      in_item = cuda = false;
    } else if (line.starts_with('|')) {
      const auto cells = cells_of(line);
      if (!cells.empty() && cells.front() == "target") header = cells;
      if (cells.empty() || chosen || !names(cells.front(), target)) continue;
      chosen = names(line, variant);
      if (!chosen && !lesson.pair.empty()) continue;
      lesson.pair.clear();
      for (std::size_t i = 1; i < std::min(cells.size(), header.size()); ++i)
        lesson.pair.emplace_back(header[i], cells[i]);
    } else if (looking && line.starts_with("- ")) {
      items.push_back({trimmed(line.substr(2)), cuda});
      in_item = true;
    } else if (in_item && line.starts_with(' ')) {
      items.back().text += ' ' + trimmed(line);
    } else {
      in_item = false;
      cuda |= line.starts_with("On CUDA");
    }
  }
  std::erase_if(items, [&](const Item& i) { return !names(i.text, name) && !names(i.text, target); });
  const bool cudas = device == "cuda" && std::any_of(items.begin(), items.end(), [](const Item& i) { return i.cuda; });
  for (auto& item : items)
    if (item.cuda == cudas) lesson.look_at.push_back(std::move(item.text));
  return lesson;
}

}  // namespace aisp::analysis
