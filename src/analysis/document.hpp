// A report as what it says, before it is Markdown or HTML. Text is plain: the form that it takes escapes it.
#pragma once

#include "analysis/markdown.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace aisp::analysis {

struct Heading {
  int level = 1;
  std::string text;
};

struct Paragraph {
  std::string lead;  // stands out
  std::string text;
};

struct List {
  std::vector<Paragraph> items;
};

struct Table {
  Cells header;
  std::vector<Cells> rows;
  std::string alignment;  // 'l' or 'r' for each column
  int verdicts = -1;      // the column that holds FAST, SLOW, …
  bool grouped = false;   // HTML: rows that begin alike stand below what they begin with
};

struct Figure {  // only HTML shows it
  std::string html;
};

using Block = std::variant<Heading, Paragraph, List, Table, Figure>;
using Document = std::vector<Block>;

std::string to_markdown(const Document&);
// One file that needs nothing else: no scripts, no network. Light and dark, narrow and wide, on screen and on paper.
// Below the title it says what was left out to keep it within `most` bytes: tables and figures that alone take more
// than half of that, and everything from the first block on that does not fit.
std::string to_html(const Document&, std::string_view title, std::size_t most = static_cast<std::size_t>(-1));

// Text inside an element or a quoted attribute.
std::string html_escaped(std::string_view text);

}  // namespace aisp::analysis
