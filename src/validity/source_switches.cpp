#include "validity/source_switches.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace aisp::validity {
namespace {

constexpr std::size_t kMostSwitches = 64, kMostText = 120;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || (c & 0x80); }

struct Token {
  enum class Kind : std::uint8_t { end, word, number, text, mark, pragma } kind = Kind::end;
  std::string_view text;
};

// Tokens of preprocessed C and C++, which end at lines that matter: markers are followed, pragmas are tokens.
class Tokens {
 public:
  Tokens(std::string_view text, Language language) : rest_(text), cpp_(language == Language::cpp) {}

  Token next() {
    for (;;) {
      if (rest_.empty()) return {};
      const char c = rest_.front();
      if (c == '\n') {
        drop(1);
        ++line_;
        fresh_ = true;
      } else if (std::isspace(static_cast<unsigned char>(c))) {
        drop(1);
      } else if (c == '#' && fresh_) {
        const auto directive = rest_.substr(0, rest_.find('\n'));
        drop(directive.size());
        if (!follow(directive)) return {Token::Kind::pragma, directive};
      } else {
        fresh_ = false;
        return token();
      }
    }
  }

  const std::string& file() const { return file_; }
  std::int64_t line() const { return line_; }

 private:
  void drop(std::size_t count) { rest_.remove_prefix(std::min(count, rest_.size())); }
  Token take(Token::Kind kind, std::size_t count) {
    const auto text = rest_.substr(0, count);
    drop(count);
    return {kind, text};
  }

  // "# 12 "mine.cpp" 1" and "#line 12 "mine.cpp""; false for what is none.
  bool follow(std::string_view directive) {
    auto at = directive.find_first_not_of(" \t", 1);
    if (at != std::string_view::npos && directive.substr(at).starts_with("line"))
      at = directive.find_first_not_of(" \t", at + 4);
    if (at == std::string_view::npos || !std::isdigit(static_cast<unsigned char>(directive[at]))) return false;
    std::int64_t line = 0;
    for (; at < directive.size() && std::isdigit(static_cast<unsigned char>(directive[at])); ++at)
      line = std::min<std::int64_t>(line * 10 + (directive[at] - '0'), 1'000'000'000);
    line_ = line - 1;  // of the line after this one, whose end adds 1
    const auto open = directive.find('"', at);
    if (open == std::string_view::npos) return true;
    file_.clear();
    for (auto i = open + 1; i < directive.size() && directive[i] != '"'; ++i) {
      if (directive[i] == '\\' && i + 1 < directive.size()) ++i;
      file_ += directive[i];
    }
    return true;
  }

  Token token() {
    const char c = rest_.front();
    if (c == '"' || c == '\'') return quoted(0);
    if (std::isdigit(static_cast<unsigned char>(c))) return number();
    if (!is_word(c)) return mark();
    std::size_t length = 0;
    while (length < rest_.size() && is_word(rest_[length])) ++length;
    const auto word = rest_.substr(0, length);
    const bool prefix = word == "L" || word == "u" || word == "U" || word == "u8";
    const bool raw = cpp_ && (word == "R" || word == "LR" || word == "uR" || word == "UR" || word == "u8R");
    if (length < rest_.size() && rest_[length] == '"' && raw) return raw_text(length);
    if (length < rest_.size() && (rest_[length] == '"' || rest_[length] == '\'') && prefix) return quoted(length);
    return take(Token::Kind::word, length);
  }

  Token number() {  // 1'000.5e-3f
    std::size_t length = 0;
    while (length < rest_.size() &&
           (is_word(rest_[length]) || rest_[length] == '.' ||
            (cpp_ && rest_[length] == '\'' && length + 1 < rest_.size() && is_word(rest_[length + 1]))))
      ++length;
    return take(Token::Kind::number, length);
  }

  Token mark() {  // digraphs read as what they stand for
    if (rest_.starts_with("<:")) return drop(2), Token{Token::Kind::mark, "["};
    if (rest_.starts_with(":>")) return drop(2), Token{Token::Kind::mark, "]"};
    if (rest_.starts_with("::")) return take(Token::Kind::mark, 2);
    return take(Token::Kind::mark, 1);
  }

  Token quoted(std::size_t prefix) {
    const char end = rest_[prefix];
    std::size_t i = prefix + 1;
    while (i < rest_.size() && rest_[i] != end && rest_[i] != '\n') i += rest_[i] == '\\' ? 2 : 1;
    return take(Token::Kind::text, i < rest_.size() && rest_[i] == end ? i + 1 : i);
  }

  Token raw_text(std::size_t prefix) {
    const auto open = rest_.find('(', prefix);
    if (open == std::string_view::npos) return take(Token::Kind::text, rest_.size());
    const auto close = ")" + std::string(rest_.substr(prefix + 1, open - prefix - 1)) + "\"";
    const auto at = rest_.find(close, open);
    const auto length = at == std::string_view::npos ? rest_.size() : at + close.size();
    line_ += std::count(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(length), '\n');
    return take(Token::Kind::text, length);
  }

  std::string_view rest_;
  bool cpp_;
  std::string file_;
  std::int64_t line_ = 1;
  bool fresh_ = true;  // at the beginning of a line
};

// "__optimize__" and "optimize" are one name.
std::string_view bare(std::string_view name) {
  if (name.size() > 4 && name.starts_with("__") && name.ends_with("__")) name = name.substr(2, name.size() - 4);
  return name;
}

// Words of a pragma, its parentheses and strings one word each: {"GCC", "optimize", "("fast-math")"}.
std::vector<std::string> pragma_words(std::string_view directive) {
  std::vector<std::string> words;
  for (std::size_t i = 1; i < directive.size();) {
    const auto begin = directive.find_first_not_of(" \t\r", i);
    if (begin == std::string_view::npos) break;
    i = begin;
    if (is_word(directive[i]))
      while (i < directive.size() && is_word(directive[i])) ++i;
    else
      while (i < directive.size() && !is_word(directive[i]) && directive[i] != ' ') ++i;
    words.emplace_back(directive.substr(begin, i - begin));
  }
  return words;
}

class Scan {
 public:
  Scan(std::string_view text, Language language, const std::function<bool(const std::string&)>& vouched)
      : tokens_(text, language), vouched_(vouched) {}

  std::vector<model::SourceSwitch> run() {
    for (Token token = tokens_.next(); token.kind != Token::Kind::end;) {
      if (token.kind == Token::Kind::pragma) {
        pragma(token.text);
        token = tokens_.next();
      } else if (token.text == "__attribute__" || token.text == "__attribute") {
        token = attributes("(", ")");
      } else if (token.text == "[") {
        token = tokens_.next();
        if (token.text == "[") token = attributes("", "]");
      } else {
        token = tokens_.next();
      }
    }
    return std::move(found_);
  }

 private:
  // Attributes up to the end of their list, from after "__attribute__" or "[[". Returns the token after it.
  Token attributes(std::string_view opens, std::string_view closes) {
    Token token = tokens_.next();
    if (!opens.empty() && token.text != opens) return token;
    int depth = opens.empty() ? 0 : 1;
    if (!opens.empty()) token = tokens_.next();
    for (std::string_view before = "("; token.kind != Token::Kind::end;) {
      const auto text = token.text;
      if (token.kind == Token::Kind::mark && (text == "(" || text == "[" || text == "{")) ++depth;
      if (token.kind == Token::Kind::mark && (text == ")" || text == "]" || text == "}") && --depth <= 0)
        return text == closes ? tokens_.next() : token;
      const bool begins = before == "(" || before == "," || before == "::" || before == ":" || before == "[";
      if (token.kind == Token::Kind::word && (begins || opens.empty())) {
        token = attribute(bare(text));
        before = "word";
        continue;
      }
      if (token.kind == Token::Kind::pragma) pragma(text);
      before = token.kind == Token::Kind::mark ? text : "other";
      token = tokens_.next();
    }
    return token;
  }

  // One attribute with its arguments; returns the token after it.
  Token attribute(std::string_view name) {
    const bool optimises = name == "optimize";
    const bool noted = name == "target" || name == "target_clones" || name == "target_version" || name == "optnone";
    Token token = tokens_.next();
    if (!optimises && !noted) return token;
    const auto file = tokens_.file();
    const auto line = tokens_.line();
    std::string text(name);
    if (token.text == "(") {
      int depth = 0;
      do {
        if (token.text == "(") ++depth;
        if (token.text == ")") --depth;
        text += token.text;
        token = tokens_.next();
      } while (depth > 0 && token.kind != Token::Kind::end);
    } else if (name != "optnone") {
      return token;  // no attribute of that name goes without arguments
    }
    add(file, line, text, optimises);
    return token;
  }

  void pragma(std::string_view directive) {
    auto words = pragma_words(directive);
    if (words.size() < 3 || words[0] != "pragma") return;
    std::string text(directive.substr(directive.find(words[1])));
    const auto is = [&](std::string_view first, std::string_view second) {
      return words[1] == first && words[2] == second;
    };
    const bool optimises = is("GCC", "optimize") || is("clang", "fp") || words[1] == "float_control" ||
                           is("STDC", "FP_CONTRACT") || is("STDC", "CX_LIMITED_RANGE");
    const bool pushes = is("clang", "attribute") && text.find("target") != std::string::npos;
    if (optimises || pushes || is("GCC", "target") || is("clang", "optimize"))
      add(tokens_.file(), tokens_.line(), "#pragma " + text, optimises);
  }

  void add(const std::string& file, std::int64_t line, std::string text, bool optimises) {
    if (found_.size() >= kMostSwitches || (!optimises && vouched_(file))) return;
    for (char& c : text)
      if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = ' ';
    if (text.size() > kMostText) text.resize(kMostText);
    const auto slash = file.rfind('/');
    auto where = (slash == std::string::npos ? file : file.substr(slash + 1)) + ":" + std::to_string(line);
    const auto same = [&](const auto& s) { return s.where == where && s.text == text; };
    if (std::none_of(found_.begin(), found_.end(), same))
      found_.push_back({std::move(where), std::move(text), optimises});
  }

  Tokens tokens_;
  const std::function<bool(const std::string&)>& vouched_;
  std::vector<model::SourceSwitch> found_;
};

}  // namespace

std::vector<model::SourceSwitch> source_switches(std::string_view preprocessed, Language language,
                                                 const std::function<bool(const std::string&)>& vouched) {
  return Scan(preprocessed, language, vouched).run();
}

// Lines that a backslash continues are joined. What stands before the directive may be a comment, or the end of one.
bool renames_lines(std::string_view source) {
  std::string joined;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\\' && source.substr(i + 1).starts_with("\n"))
      ++i;
    else if (source[i] == '\\' && source.substr(i + 1).starts_with("\r\n"))
      i += 2;
    else if (source.substr(i).starts_with("?\?="))
      joined += '#', i += 2;
    else
      joined += source[i];
  }
  for (std::size_t at = 0; at < joined.size(); ++at) {
    if (joined[at] != '#' && !std::string_view(joined).substr(at).starts_with("%:")) continue;
    const auto begin = at == 0 ? 0 : joined.rfind('\n', at - 1) + 1;
    const auto before = joined.find_last_not_of(" \t\v\f\r\n", at == 0 ? 0 : at - 1);
    const bool first = at == 0 || before == std::string::npos || before < begin;
    if (!first && (before == 0 || joined.compare(before - 1, 2, "*/") != 0)) continue;
    std::size_t i = at + (joined[at] == '#' ? 1 : 2);
    for (bool more = true; more;) {
      while (i < joined.size() && (joined[i] == ' ' || joined[i] == '\t' || joined[i] == '\v' || joined[i] == '\f'))
        ++i;
      more = joined.compare(i, 2, "/*") == 0;
      const auto end = more ? joined.find("*/", i + 2) : 0;
      i = end == std::string::npos ? joined.size() : more ? end + 2 : i;
    }
    if (i >= joined.size()) return false;
    if (std::isdigit(static_cast<unsigned char>(joined[i])) || joined.compare(i, 4, "line") == 0) return true;
  }
  return false;
}

}  // namespace aisp::validity
