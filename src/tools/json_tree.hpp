// A JSON document of another program as a tree whose values know their line, so that a message can name it.
//
// RFC 8259, and the three words NaN, Infinity and -Infinity that Python and Google Benchmark write as numbers. Strict
// otherwise: no comments, no trailing commas, no duplicate keys, nothing behind the document. The text is hostile:
// LineError, which is one line, also for more than kMaxJsonValues values or kMaxJsonDepth levels.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::tools {

inline constexpr std::size_t kMaxJsonValues = 2'000'000, kMaxJsonDepth = 64;

// What is wrong with a text, and where.
class LineError : public std::runtime_error {
 public:
  LineError(int at, const std::string& message) : std::runtime_error(message), line(at) {}
  int line;
};

struct JsonMember;
struct JsonValue {
  enum class Type : std::uint8_t { null, boolean, number, string, array, object };
  Type type = Type::null;
  bool truth = false;
  int line = 1;       // of its first character, from 1
  double number = 0;  // NaN and the infinities included
  std::string text;   // of a string, escapes resolved; of a number, as it was written
  std::vector<JsonValue> items;
  std::vector<JsonMember> members;  // in the order of the document

  bool is(Type t) const { return type == t; }
  const JsonValue* find(std::string_view key) const;  // nullptr: no such member, or no object
  std::optional<std::int64_t> whole() const;          // a number written without point and exponent, that fits
  std::string describe() const;                       // "the string 'x'", "an array": for messages of one line
};
struct JsonMember {
  std::string name;
  JsonValue value;
};

JsonValue parse_json(std::string_view text);

}  // namespace aisp::tools
