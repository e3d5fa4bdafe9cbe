#include "tools/json_tree.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <set>
#include <utility>

namespace aisp::tools {
namespace {

// Short plain text is quoted, so that a message stays one line whatever the file holds.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, 60)) out += static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? '?' : c;
  return out + (text.size() > 60 ? "…'" : "'");
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xe0 | c >> 12);
    } else {
      put(0xf0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3f));
    }
    put(0x80 | (c >> 6 & 0x3f));
  }
  put(0x80 | (c & 0x3f));
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  JsonValue document() {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // a byte-order mark
    auto value = parse(0);
    skip_space();
    if (at_ != text_.size()) bad("there is text behind the document");
    return value;
  }

 private:
  [[noreturn]] void bad(const std::string& what) const { throw LineError(line_, what); }
  void skip_space() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
    }
  }
  char peek() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  JsonValue parse(std::size_t depth) {
    if (depth > kMaxJsonDepth) bad(fmt::format("nested deeper than {} levels", kMaxJsonDepth));
    if (++values_ > kMaxJsonValues) bad(fmt::format("more than {} values", kMaxJsonValues));
    const char c = peek();
    JsonValue value;
    value.line = line_;
    using Type = JsonValue::Type;
    if (c == '{') {
      value.type = Type::object;
      object(value, depth);
    } else if (c == '[') {
      value.type = Type::array;
      ++at_;
      for (bool more = !take(']'); more;) {
        value.items.push_back(parse(depth + 1));
        more = take(',');
        if (!more && !take(']')) bad("an array lacks a ',' or its ']'");
      }
    } else if (c == '"') {
      value.type = Type::string;
      value.text = string();
    } else if (take_word("true") || take_word("false")) {
      value.type = Type::boolean;
      value.truth = c == 't';
    } else if (!take_word("null")) {
      value.type = Type::number;
      number(value);
    }
    return value;
  }

  void object(JsonValue& value, std::size_t depth) {
    std::set<std::string> keys;
    ++at_;
    for (bool more = !take('}'); more;) {
      if (peek() != '"') bad("a quoted name of a field is missing");
      auto key = string();
      if (!keys.insert(key).second) bad("the field " + quoted(key) + " is there twice");
      if (!take(':')) bad("the field " + quoted(key) + " lacks its ':'");
      value.members.push_back({std::move(key), parse(depth + 1)});
      more = take(',');
      if (!more && !take('}')) bad("an object lacks a ',' or its '}'");
    }
  }

  std::uint32_t hex() {
    std::uint32_t code = 0;
    const auto* from = text_.data() + at_;
    if (text_.size() - at_ < 4) bad("a string ends within an escape");
    const auto [end, error] = std::from_chars(from, from + 4, code, 16);
    if (error != std::errc() || end != from + 4) bad("a string has an escape that is none");
    at_ += 4;
    return code;
  }
  void escape(std::string& out) {
    if (at_ == text_.size()) bad("a string has no end");
    constexpr std::string_view kNames = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
    const char c = text_[at_++];
    if (const auto i = kNames.find(c); i != std::string_view::npos) {
      out += kMeant[i];
      return;
    }
    if (c != 'u') bad("a string has an escape that is none");
    auto code = hex();
    if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      const auto low = hex();
      if (low < 0xdc00 || low > 0xdfff) bad("a string has half of a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if (code >= 0xd800 && code <= 0xdfff) bad("a string has half of a surrogate pair");
    append_utf8(out, code);
  }
  std::string string() {
    std::string out;
    for (++at_;;) {
      if (at_ == text_.size()) bad("a string has no end");
      const char c = text_[at_++];
      if (c == '"') return out;
      if (static_cast<unsigned char>(c) < ' ') bad("a string has a control character");
      if (c == '\\')
        escape(out);
      else
        out += c;
    }
  }

  void number(JsonValue& value) {
    const auto start = at_;
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (take_word("-Infinity") || take_word("Infinity")) {
      value.number = text_[start] == '-' ? -kInfinity : kInfinity;
    } else if (take_word("NaN") || take_word("-NaN")) {
      value.number = std::numeric_limits<double>::quiet_NaN();
    } else {
      while (at_ < text_.size() && std::string_view("0123456789+-.eE").find(text_[at_]) != std::string_view::npos)
        ++at_;
      const auto word = text_.substr(start, at_ - start), digits = word.substr(word.starts_with('-') ? 1 : 0);
      if (digits.empty()) bad(at_ == text_.size() ? "the document ends too early" : "a value is missing");
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value.number);
      const bool whole = end == word.data() + word.size() && digits[0] >= '0' && digits[0] <= '9' &&
                         word.back() >= '0' && word.back() <= '9' &&
                         !(digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') &&
                         digits.find(".e") == std::string_view::npos && digits.find(".E") == std::string_view::npos;
      if (error == std::errc::result_out_of_range) bad("the number " + quoted(word) + " is out of range");
      if (error != std::errc() || !whole) bad(quoted(word) + " is not a number");
    }
    value.text = std::string(text_.substr(start, at_ - start));
  }

  std::string_view text_;
  std::size_t at_ = 0, values_ = 0;
  int line_ = 1;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
  for (const auto& [name, value] : members)
    if (name == key) return &value;
  return nullptr;
}

std::optional<std::int64_t> JsonValue::whole() const {
  std::int64_t n = 0;
  if (type != Type::number) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(n) : std::nullopt;
}

std::string JsonValue::describe() const {
  switch (type) {
    case Type::null: return "null";
    case Type::boolean: return truth ? "true" : "false";
    case Type::number: return text.size() > 40 ? "a number" : text;
    case Type::string: return quoted(text);
    case Type::array: return "an array";
    default: return "an object";
  }
}

JsonValue parse_json(std::string_view text) { return Parser(text).document(); }

}  // namespace aisp::tools
