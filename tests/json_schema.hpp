// Whether a document fits its schema in docs/schema.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace aisp::test {

// The subset of JSON Schema that our schemas use; an unknown keyword is an error, so that nothing goes unchecked.
inline std::string schema_violation(const nlohmann::json& schema, const nlohmann::json& value,
                                    const std::string& path = "$") {
  const auto type_fits = [&](const std::string& t) {
    return (t == "object" && value.is_object()) || (t == "array" && value.is_array()) ||
           (t == "string" && value.is_string()) || (t == "boolean" && value.is_boolean()) ||
           (t == "null" && value.is_null()) || (t == "integer" && value.is_number_integer()) ||
           (t == "number" && value.is_number());
  };
  for (const auto& [keyword, rule] : schema.items()) {
    if (keyword == "$schema" || keyword == "title") continue;
    if (keyword == "type") {
      if (!type_fits(rule)) return path + " is not of type " + rule.dump();
    } else if (keyword == "enum") {
      if (std::find(rule.begin(), rule.end(), value) == rule.end()) return path + " is not in " + rule.dump();
    } else if (keyword == "minimum") {
      if (value < rule) return path + " is below " + rule.dump();
    } else if (keyword == "required") {
      for (const auto& name : rule)
        if (!value.contains(name.get<std::string>())) return path + " lacks " + name.dump();
    } else if (keyword == "properties") {
      for (const auto& [name, member] : value.items())
        if (rule.contains(name))
          if (auto v = schema_violation(rule[name], member, path + "." + name); !v.empty()) return v;
    } else if (keyword == "additionalProperties") {
      if (rule != false) return "additionalProperties must be false";
      for (const auto& [name, member] : value.items())
        if (!schema["properties"].contains(name)) return path + " has the extra " + name;
    } else if (keyword == "items") {
      for (std::size_t i = 0; i < value.size(); ++i)
        if (auto v = schema_violation(rule, value[i], path + "[" + std::to_string(i) + "]"); !v.empty()) return v;
    } else if (keyword == "anyOf") {
      bool any = false;
      for (const auto& option : rule) any |= schema_violation(option, value, path).empty();
      if (!any) return path + " fits none of " + rule.dump();
    } else {
      return "unknown keyword " + keyword;
    }
  }
  return "";
}

}  // namespace aisp::test
