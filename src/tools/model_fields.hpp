// The fields of a config.json with their types and ranges checked, and what kinds its layers are. Private to
// parse_model_config().
#pragma once

#include "tools/json_tree.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::tools::config {
using Type = JsonValue::Type;
using Names = std::initializer_list<std::string_view>;

inline constexpr std::int64_t kMaxLayers = 4096, kMaxHeads = 65'536, kMaxWidth = 1 << 24, kMaxTokens = 1'000'000'000;

// What a layer is made of. Each recurrent layer keeps a state of constant size; hybrid: attention beside it.
enum class Kind : std::uint8_t { full, sliding, chunked, recurrent, hybrid, hybrid_sliding, convolution, none };

// The fields of an object, with their types and ranges checked; null is as good as absent.
class Fields {
 public:
  explicit Fields(const JsonValue& object) : object_(object) {}

  [[noreturn]] static void bad(const JsonValue& at, const std::string& what) { throw LineError(at.line, what); }
  [[noreturn]] void lacks(const std::string& what) const { bad(object_, what); }

  const JsonValue* find(Names names) const {
    for (const auto name : names)
      if (const auto* v = object_.find(name); v && !v->is(Type::null)) return v;
    return nullptr;
  }
  bool has(Names names) const { return find(names) != nullptr; }

  static std::int64_t count_of(const JsonValue& v, std::string_view name, std::int64_t most, std::int64_t least = 1) {
    const auto n = v.whole();
    if (!n || *n < least || *n > most)
      bad(v, fmt::format("{} is {}; it must be a whole number from {} to {}", name, v.describe(), least, most));
    return *n;
  }
  std::optional<std::int64_t> count(Names names, std::int64_t most, std::int64_t least = 1) const {
    for (const auto name : names)
      if (const auto* v = find({name})) return count_of(*v, name, most, least);
    return std::nullopt;
  }
  std::int64_t need(Names names, std::int64_t most) const {
    const auto n = count(names, most);
    if (!n) lacks(fmt::format("the field {} is missing", *names.begin()));
    return *n;
  }
  bool flag(std::string_view name, bool otherwise = false) const {
    const auto* v = find({name});
    if (v && !v->is(Type::boolean)) bad(*v, fmt::format("{} is {}; it must be true or false", name, v->describe()));
    return v ? v->truth : otherwise;
  }
  std::string word(Names names) const {
    const auto* v = find(names);
    if (v && !v->is(Type::string)) bad(*v, fmt::format("{} is {}; it must be a string", *names.begin(), v->describe()));
    return v ? v->text : "";
  }
  const JsonValue* list(std::string_view name, std::size_t size = 0) const {
    const auto* v = find({name});
    if (v && !v->is(Type::array)) bad(*v, fmt::format("{} is {}; it must be a list", name, v->describe()));
    if (v && (v->items.size() > kMaxLayers || (size && v->items.size() != size)))
      bad(*v, fmt::format("{} has {} entries and there are {} layers", name, v->items.size(), size));
    return v;
  }
  const JsonValue& object() const { return object_; }

 private:
  const JsonValue& object_;
};

// What every layer is, first to last. Throws LineError where the fields do not say.
std::vector<Kind> kinds_of(const Fields& config);

}  // namespace aisp::tools::config
