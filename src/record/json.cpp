#include "record/json.hpp"

#include "record/fields.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>

namespace aisp::record {
namespace {
using nlohmann::json;
using Ordered = nlohmann::ordered_json;

constexpr std::size_t kMaxText = 64u << 20, kMaxElements = 1'000'000;
constexpr int kMaxDepth = 32;
constexpr auto kNoLeast = std::numeric_limits<std::int64_t>::min();

constexpr model::Status kStatuses[] = {
    model::Status::ok,      model::Status::not_run,   model::Status::refused,       model::Status::failed,
    model::Status::crashed, model::Status::timed_out, model::Status::out_of_memory, model::Status::protocol};
constexpr model::Word kWords[] = {model::Word::fast, model::Word::slow, model::Word::same, model::Word::unresolved};

template <class> inline constexpr bool is_vector = false;
template <class T> inline constexpr bool is_vector<std::vector<T>> = true;
template <class> inline constexpr bool is_optional = false;
template <class T> inline constexpr bool is_optional<std::optional<T>> = true;

template <class Enum> std::vector<std::string> names_of() {
  std::vector<std::string> names;
  if constexpr (std::same_as<Enum, model::Status>)
    for (auto s : kStatuses) names.push_back(to_string(s));
  else
    for (auto w : kWords) names.push_back(to_string(w));
  return names;
}

// ---------------------------------------------------------------------------------------------------- writing

template <class T> Ordered write(const T& value);

struct Writer {
  Ordered object = Ordered::object();
  template <class T> void operator()(Field field, const T& value, std::int64_t = kNoLeast) {
    object[field.name] = write(value);
  }
};

template <class T> Ordered write(const T& value) {
  if constexpr (std::same_as<T, double>) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    return value;
  } else if constexpr (std::is_enum_v<T>) {
    return to_string(value);
  } else if constexpr (std::is_arithmetic_v<T> || std::same_as<T, std::string>) {
    return value;
  } else if constexpr (is_optional<T>) {
    return value ? write(*value) : Ordered(nullptr);
  } else if constexpr (is_vector<T>) {
    auto array = Ordered::array();
    for (const auto& element : value) array.push_back(write(element));
    return array;
  } else {
    Writer w;
    fields(w, value);
    return std::move(w.object);
  }
}

bool is_flat(const Ordered& j) {
  for (const auto& child : j)
    if (child.is_structured() && !child.empty()) return false;
  return true;
}

// Objects and arrays of plain values stand on one line, so that samples read as a table.
void print(const Ordered& j, int indent, std::string& out) {
  if (!j.is_structured() || j.empty() || (indent > 0 && is_flat(j))) {
    out += j.dump(-1, ' ', false, Ordered::error_handler_t::replace);
    return;
  }
  const std::string margin(static_cast<std::size_t>(indent + 1), ' ');
  out += j.is_object() ? '{' : '[';
  bool first = true;
  for (const auto& [key, value] : j.items()) {
    out += first ? "\n" : ",\n";
    first = false;
    out += margin;
    if (j.is_object()) out += Ordered(key).dump() + ": ";
    print(value, indent + 1, out);
  }
  out += '\n' + margin.substr(1) + (j.is_object() ? '}' : ']');
}

std::string text_of(const Ordered& j) {
  std::string out;
  print(j, 0, out);
  return out + '\n';
}

// ---------------------------------------------------------------------------------------------------- reading

// Where in a document the reader is; errors end with it.
class Place {
 public:
  explicit Place(std::string document) : document_(std::move(document)) {}

  int version = std::numeric_limits<int>::max();  // of the document's schema; the newest where it has none

  template <class Visit> void at(const std::string& step, Visit visit) {
    const auto length = path_.size();
    path_ += step;
    visit();
    path_.resize(length);
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(fmt::format("{}: {} {}", document_, path_, what));
  }
  [[noreturn]] void mismatch(const json& got, const std::string& wanted) const {
    fail(fmt::format("is {}; it must be {}", describe(got), wanted));
  }

 private:
  static std::string describe(const json& j) {
    switch (j.type()) {
      case json::value_t::null: return "null";
      case json::value_t::object: return "an object";
      case json::value_t::array: return "an array";
      case json::value_t::boolean: return "a boolean";
      case json::value_t::string: {
        // Only short plain text is quoted: messages stay on one line whatever the file holds.
        const auto& s = j.get_ref<const std::string&>();
        const bool plain = s.size() <= 40 && s.find_first_not_of(
                                                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                 "0123456789_-+.:/ ") == std::string::npos;
        return plain ? "the string '" + s + "'" : "a string";
      }
      default: return "the number " + j.dump();
    }
  }

  std::string document_, path_ = "$";
};

template <class T> void read(const json& j, T& into, Place& place, std::int64_t least = kNoLeast);

struct Reader {
  const json& object;
  Place& place;
  std::set<std::string> known;

  template <class T> void operator()(Field field, T& into, std::int64_t least = kNoLeast) {
    known.insert(field.name);
    const auto found = object.find(field.name);
    if (found == object.end()) {
      if (field.since > place.version) return;  // the default says that it is not known
      place.fail(fmt::format("lacks the field '{}'", field.name));
    }
    place.at(std::string(".") + field.name, [&] { read(*found, into, place, least); });
  }
  void finish() const {
    for (const auto& [key, value] : object.items())
      if (!known.contains(key)) {
        // The key is untrusted text: dump() escapes control characters.
        place.fail(fmt::format("has the unknown field {}",
                               json(key.substr(0, 60)).dump(-1, ' ', true, json::error_handler_t::replace)));
      }
  }
};

template <class T> void read_integer(const json& j, T& into, const Place& place, std::int64_t least) {
  using Limits = std::numeric_limits<T>;
  if (!j.is_number_integer()) place.mismatch(j, "an integer");
  const bool fits =
      j.is_number_unsigned() ? std::in_range<T>(j.get<std::uint64_t>()) : std::in_range<T>(j.get<std::int64_t>());
  const auto lowest = std::cmp_less(Limits::min(), least) ? least : static_cast<std::int64_t>(Limits::min());
  if (!fits || std::cmp_less(j.get<T>(), lowest))
    place.mismatch(j, fmt::format("an integer from {} to {}", lowest, Limits::max()));
  into = j.get<T>();
}

template <class T> void read(const json& j, T& into, Place& place, std::int64_t least) {
  if constexpr (std::same_as<T, bool>) {
    if (!j.is_boolean()) place.mismatch(j, "true or false");
    into = j.get<bool>();
  } else if constexpr (std::integral<T>) {
    read_integer(j, into, place, least);
  } else if constexpr (std::same_as<T, double>) {
    if (j == "nan") {
      into = std::numeric_limits<double>::quiet_NaN();
    } else if (j == "inf" || j == "-inf") {
      into = (j == "inf" ? 1 : -1) * std::numeric_limits<double>::infinity();
    } else {
      if (!j.is_number()) place.mismatch(j, "a number, \"nan\", \"inf\" or \"-inf\"");
      into = j.get<double>();
    }
  } else if constexpr (std::same_as<T, std::string>) {
    if (!j.is_string()) place.mismatch(j, "a string");
    into = j.get<std::string>();
  } else if constexpr (std::is_enum_v<T>) {
    const auto names = names_of<T>();
    for (std::size_t i = 0; i < names.size(); ++i)
      if (j == names[i]) {
        if constexpr (std::same_as<T, model::Status>)
          into = kStatuses[i];
        else
          into = kWords[i];
        return;
      }
    place.mismatch(j, fmt::format("one of {}", fmt::join(names, ", ")));
  } else if constexpr (is_optional<T>) {
    if (j.is_null())
      into.reset();
    else
      read(j, into.emplace(), place);
  } else if constexpr (is_vector<T>) {
    if (!j.is_array()) place.mismatch(j, "an array");
    if (j.size() > kMaxElements)
      place.fail(fmt::format("has {} elements; at most {} are allowed", j.size(), kMaxElements));
    into.clear();
    into.reserve(j.size());
    for (std::size_t i = 0; i < j.size(); ++i)
      place.at(fmt::format("[{}]", i), [&] { read(j[i], into.emplace_back(), place); });
  } else {
    if (!j.is_object()) place.mismatch(j, "an object");
    Reader reader{j, place, {}};
    fields(reader, into);
    reader.finish();
  }
}

// Text to a tree, refusing what a parser may silently accept: duplicate keys, deep nesting.
json tree_of(std::string_view text, const Place& place, const std::string& document) {
  if (text.size() > kMaxText)
    place.fail(fmt::format("has {} bytes of text; at most {} are allowed", text.size(), kMaxText));
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    using Event = json::parse_event_t;
    if ((event == Event::object_start || event == Event::array_start) && depth >= kMaxDepth)
      place.fail(fmt::format("is nested deeper than {} levels", kMaxDepth));
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(parsed.get<std::string>()).second)
      place.fail("or below has a field twice: " +
                 parsed.dump(-1, ' ', true, json::error_handler_t::replace).substr(0, 60));
    return true;
  };
  try {
    return json::parse(text, watch);
  } catch (const json::parse_error& e) {
    throw std::runtime_error(fmt::format("{}: not JSON at byte {} of {}", document, e.byte, text.size()));
  } catch (const json::exception&) {  // a number beyond any double
    throw std::runtime_error(document + ": $ or below has a number that is too large for a double");
  }
}

template <class T> T parse(std::string_view text, const std::string& document) {
  Place place(document);
  const json j = tree_of(text, place, document);
  T value;
  constexpr bool versioned = requires { value.schema; };
  if constexpr (versioned) {  // before anything else, so that a newer file is called newer and not malformed
    const int newest = value.schema;
    const auto schema = j.is_object() ? j.find("schema") : j.end();
    if (j.is_object() && schema != j.end() && schema->is_number_integer()) {
      if (*schema < 1 || *schema > newest)
        place.fail(fmt::format("has schema version {}; this aisp reads {}", schema->dump(),
                               newest == 1 ? "version 1" : fmt::format("versions 1 to {}", newest)));
      place.version = schema->get<int>();
    }
    read(j, value, place);
    value.schema = newest;  // what it is from here on, and how it is written
  } else {
    read(j, value, place);
  }
  return value;
}

// ---------------------------------------------------------------------------------------------------- schemas

template <class T> Ordered schema_of(std::int64_t least = kNoLeast);

struct SchemaWriter {
  Ordered properties = Ordered::object(), required = Ordered::array();
  template <class T> void operator()(Field field, const T& value, std::int64_t least = kNoLeast) {
    const std::string_view name = field.name;
    properties[field.name] = name == "schema" ? Ordered{{"enum", {write(value)}}} : schema_of<T>(least);
    required.push_back(field.name);
  }
};

template <class T> Ordered schema_of(std::int64_t least) {
  if constexpr (std::same_as<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::integral<T>) {
    Ordered s{{"type", "integer"}};
    if (std::unsigned_integral<T>) s["minimum"] = 0;
    if (least != kNoLeast) s["minimum"] = least;
    return s;
  } else if constexpr (std::same_as<T, double>) {
    return {{"anyOf", {{{"type", "number"}}, {{"enum", {"nan", "inf", "-inf"}}}}}};
  } else if constexpr (std::same_as<T, std::string>) {
    return {{"type", "string"}};
  } else if constexpr (std::is_enum_v<T>) {
    return {{"enum", names_of<T>()}};
  } else if constexpr (is_optional<T>) {
    return {{"anyOf", {{{"type", "null"}}, schema_of<typename T::value_type>()}}};
  } else if constexpr (is_vector<T>) {
    return {{"type", "array"}, {"items", schema_of<typename T::value_type>()}};
  } else {
    SchemaWriter w;
    const T example{};
    fields(w, example);
    return {{"type", "object"},
            {"properties", std::move(w.properties)},
            {"required", std::move(w.required)},
            {"additionalProperties", false}};
  }
}

template <class T> std::string schema_document(const char* title) {
  Ordered j{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
  j.update(schema_of<T>());
  return text_of(j);
}

// What is saved, and what `aisp profile --json` adds: the files that it left.
std::string profile_schema() {
  auto j = Ordered::parse(schema_document<model::TargetProfile>("What a profiling pass found out about a target"));
  j["properties"]["files"] = {{"type", "array"}, {"items", {{"type", "string"}}}};
  return text_of(j);
}

}  // namespace

std::string to_json(const model::TargetEvidence& e) { return text_of(write(e)); }
std::string to_json(const model::TargetVerdict& v) { return text_of(write(v)); }
std::string to_json(const std::vector<model::TargetInfo>& t) { return text_of(write(t)); }
std::string to_json(const model::TargetProfile& p) { return text_of(write(p)); }
std::string to_json(const Manifest& m) { return text_of(write(m)); }
std::string to_json(const CalibrationRecord& c) { return text_of(write(c)); }
std::string to_json(const GpuCalibration& c) { return text_of(write(c)); }
std::string to_json(const Expectations& e) { return text_of(write(e)); }
std::string to_json(const ExpectedVariant& v) { return text_of(write(v)); }
std::string to_json(const Provenance& p) { return text_of(write(p)); }
std::string to_json(const model::CompiledKernel& k) { return text_of(write(k)); }
std::string to_json(const device::CpuFacts& f) { return text_of(write(f)); }
std::string to_json(const device::GpuFacts& f) { return text_of(write(f)); }
std::string to_json(const model::GpuState& s) { return text_of(write(s)); }
std::string to_json(const device::GpuPeaks& p) { return text_of(write(p)); }

model::TargetEvidence parse_evidence(std::string_view text) { return parse<model::TargetEvidence>(text, "evidence"); }
model::TargetVerdict parse_verdict(std::string_view text) { return parse<model::TargetVerdict>(text, "verdict"); }
std::vector<model::TargetInfo> parse_targets(std::string_view text) {
  return parse<std::vector<model::TargetInfo>>(text, "targets");
}
model::TargetProfile parse_profile(std::string_view text) { return parse<model::TargetProfile>(text, "profile"); }
Manifest parse_manifest(std::string_view text) { return parse<Manifest>(text, "manifest"); }
CalibrationRecord parse_calibration(std::string_view text) { return parse<CalibrationRecord>(text, "calibration"); }
GpuCalibration parse_gpu_calibration(std::string_view text) { return parse<GpuCalibration>(text, "GPU calibration"); }
Expectations parse_expectations(std::string_view text) { return parse<Expectations>(text, "expectations"); }
device::GpuPeaks parse_gpu_peaks(std::string_view text) { return parse<device::GpuPeaks>(text, "GPU peaks"); }

std::string schema_text(const std::string& kind) {
  if (kind == "evidence") return schema_document<model::TargetEvidence>("What one run observed about one target");
  if (kind == "verdict") return schema_document<model::TargetVerdict>("The judgement on one target's evidence");
  if (kind == "manifest") return schema_document<Manifest>("What a run was made with");
  if (kind == "calibration") return schema_document<CalibrationRecord>("What aisp calibrate found out about a machine");
  if (kind == "gpu_calibration") return schema_document<GpuCalibration>("What aisp bench peak found out about a GPU");
  if (kind == "expectations") return schema_document<Expectations>("What targets reached on one kind of hardware");
  if (kind == "profile") return profile_schema();
  if (kind == "targets") return schema_document<std::vector<model::TargetInfo>>("The compiled-in targets");
  throw std::invalid_argument(
      "no schema '" + kind +
      "'; there are evidence, verdict, manifest, calibration, gpu_calibration, expectations, profile, targets");
}

}  // namespace aisp::record
