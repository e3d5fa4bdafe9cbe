#include "analysis/document.hpp"

#include "analysis/html_style.hpp"
#include "model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace aisp::analysis {
namespace {

constexpr std::size_t kLongestText = 20'000;  // bytes of one paragraph; what is cut ends in …

std::string limited(std::string_view text) {
  return text.size() > kLongestText ? std::string(text.substr(0, kLongestText)) + "…" : std::string(text);
}

struct Markdown {
  std::string out = {};

  void operator()(const Heading& h) {
    out += fmt::format("{} {}\n\n", std::string(static_cast<std::size_t>(h.level), '#'), markdown_escaped(h.text));
  }
  void operator()(const Paragraph& p) { out += line(p) + "\n\n"; }
  void operator()(const List& list) {
    for (const auto& item : list.items) out += "- " + line(item) + "\n";
    out += "\n";
  }
  void operator()(const Table& t) {
    const auto escaped = [](Cells cells) {
      for (auto& cell : cells) cell = markdown_escaped(cell);
      return cells;
    };
    std::vector<Cells> rows;
    for (const auto& row : t.rows) rows.push_back(escaped(row));
    out += markdown_table(escaped(t.header), rows, t.alignment);
  }
  void operator()(const Figure&) {}

  static std::string line(const Paragraph& p) {
    auto text = markdown_escaped(limited(p.text), kLongestText + 3);
    if (p.lead.empty()) return text;
    return fmt::format("**{}**{}{}", markdown_escaped(p.lead), text.empty() ? "" : " ", text);
  }
};

struct Html {
  std::string out = {}, links = {};
  bool in_section = false;
  int sections = 0;

  std::size_t size() const { return out.size() + links.size(); }
  struct Mark {
    std::size_t out, links;
    bool in_section;
    int sections;
  };
  Mark mark() const { return {out.size(), links.size(), in_section, sections}; }
  void back_to(const Mark& m) {
    out.resize(m.out), links.resize(m.links);
    in_section = m.in_section, sections = m.sections;
  }

  void operator()(const Heading& h) {
    if (h.level <= 2) {
      end_section();
      if (h.level == 2) {
        links += fmt::format("<a href=\"#s{}\">{}</a>\n", sections, html_escaped(h.text));
        out += fmt::format("<section id=\"s{}\">\n", sections++), in_section = true;
      }
    }
    out += fmt::format("<h{0}>{1}</h{0}>\n", h.level, html_escaped(limited(h.text)));
  }
  void operator()(const Paragraph& p) { out += "<p>" + line(p) + "</p>\n"; }
  void operator()(const List& list) {
    out += "<ul>\n";
    for (const auto& item : list.items) out += "<li>" + line(item) + "</li>\n";
    out += "</ul>\n";
  }
  void operator()(const Table& t) {
    const bool facts = std::all_of(t.header.begin(), t.header.end(), [](const auto& cell) { return cell.empty(); });
    out += facts       ? "<div class=\"scroll\"><table class=\"facts\">\n"
           : t.grouped ? "<div class=\"scroll\"><table class=\"results\">\n<thead>"
                       : "<div class=\"scroll\"><table>\n<thead>";
    if (!facts) {
      row(t, t.header, "th");
      out += "</thead>\n";
    }
    out += "<tbody>\n";
    const std::string* group = nullptr;
    for (const auto& cells : t.rows) {
      if (t.grouped && (!group || *group != cells.front()))
        out += fmt::format("<tr><th colspan=\"{}\" class=\"group\">{}</th></tr>\n", t.header.size() - 1,
                           html_escaped(cells.front()));
      group = &cells.front();
      row(t, cells, "td");
    }
    out += "</tbody></table></div>\n";
  }
  void operator()(const Figure& f) { out += f.html; }

  // Links to the sections, where there are so many that one looks for them.
  std::string contents() const {
    constexpr int kMany = 4;
    return sections < kMany ? "" : "<nav>\n" + links + "</nav>\n";
  }
  void end_section() {
    if (in_section) out += "</section>\n";
    in_section = false;
  }
  void row(const Table& t, const Cells& cells, std::string_view element) {
    out += "<tr>";
    for (std::size_t i = t.grouped ? 1 : 0; i < cells.size(); ++i) {
      const bool right = i < t.alignment.size() && t.alignment[i] == 'r';
      const auto text = html_escaped(cells[i]);
      out += fmt::format("<{}{}>", element, right ? " class=\"r\"" : "");
      out += element == "td" && std::cmp_equal(i, t.verdicts) ? word(text) : text;
      out += fmt::format("</{}>", element);
    }
    out += "</tr>\n";
  }
  static std::string word(const std::string& text) {
    constexpr std::array kWords = {"FAST", "SLOW", "SAME", "UNRESOLVED", "baseline"};
    const bool known = std::find(kWords.begin(), kWords.end(), text) != kWords.end();
    return fmt::format("<span class=\"word {}\">{}</span>", known ? text : "bad", text);
  }
  static std::string line(const Paragraph& p) {
    const auto text = html_escaped(limited(p.text));
    if (p.lead.empty()) return text;
    return fmt::format("<strong>{}</strong>{}{}", html_escaped(p.lead), text.empty() ? "" : " ", text);
  }
};

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string out;
  for (char c : model::printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string to_markdown(const Document& document) {
  Markdown markdown;
  for (const auto& block : document) std::visit(markdown, block);
  return std::move(markdown.out);
}

namespace {

// As much of a document as fits, and in words what does not.
std::string body(const Document& document, std::size_t most) {
  Html title, rest;
  std::size_t large = 0, missing = 0;
  for (const auto& block : document) {
    if (&block == &document.front()) {
      std::visit(title, block);
      most -= std::min(most, title.size());
      continue;
    }
    if (missing > 0) {
      missing += std::holds_alternative<Heading>(block);
      continue;
    }
    const auto before = rest.mark();
    std::visit(rest, block);
    if (rest.size() <= most) continue;
    const bool alone = rest.size() - before.out - before.links > most / 2;
    rest.back_to(before);
    ++(alone ? large : missing);
  }
  rest.end_section();
  std::string note;
  if (large > 0)
    note += fmt::format(" {} too large for it.", large == 1 ? "One part is" : fmt::format("{} parts are", large));
  if (missing > 0)
    note += fmt::format(" It ends before the last {}.", missing == 1 ? "section" : fmt::format("{} sections", missing));
  if (!note.empty())
    note =
        "<p><strong>Not everything is here.</strong> This file is kept small enough to send and to open on a phone." +
        note + " The report in Markdown holds all of it.</p>\n";
  return title.out + note + rest.contents() + rest.out;
}

}  // namespace

std::string to_html(const Document& document, std::string_view title, std::size_t most) {
  constexpr std::size_t kFrame = 20'000;  // style sheet, title, notes
  // The policy is a second lock behind the escaping: whatever a name holds, nothing is run or fetched.
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{}</style>\n</head>\n"
      "<body>\n<main>\n{}</main>\n</body>\n</html>\n",
      html_escaped(title.substr(0, 200)), kHtmlStyle, body(document, most - std::min(most, kFrame)));
}

}  // namespace aisp::analysis
