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
};

struct Figure {  // only HTML shows it
  std::string html;
};

using Block = std::variant<Heading, Paragraph, List, Table, Figure>;
using Document = std::vector<Block>;

std::string to_markdown(const Document&);
// One file that needs nothing else: no scripts, no network. Light and dark, narrow and wide, on screen and on paper.
std::string to_html(const Document&, std::string_view title);

// Text inside an element or a quoted attribute.
std::string html_escaped(std::string_view text);

}  // namespace aisp::analysis
