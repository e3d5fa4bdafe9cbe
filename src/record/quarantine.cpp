#include "record/quarantine.hpp"

#include "model/text.hpp"
#include "record/file.hpp"
#include "record/store_error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace aisp::record {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostText = 4 << 20, kMostVariants = 10000;

std::filesystem::path file_of(const std::filesystem::path& artifacts) { return artifacts / "quarantine.json"; }

auto key(const Quarantined& q) { return std::tie(q.target, q.variant, q.device); }

std::string text_of(const Json& j, const char* name) {
  const auto found = j.find(name);
  if (found == j.end() || !found->is_string())
    throw std::runtime_error(std::string("quarantine: an entry needs the text '") + name + "'");
  return model::printable(found->get<std::string>());
}

}  // namespace

std::string to_json(const Quarantine& q) {
  Json all = Json::array();
  for (const auto& v : q.variants)
    all.push_back({{"target", v.target},
                   {"variant", v.variant},
                   {"device", v.device},
                   {"issue", v.issue},
                   {"seen", v.seen},
                   {"since", v.since},
                   {"run", v.run},
                   {"last_run", v.last_run},
                   {"runs", v.runs}});
  return Json{{"schema", q.schema}, {"variants", std::move(all)}}.dump(2, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

Quarantine parse_quarantine(const std::string& text) {
  if (text.size() > kMostText) throw std::runtime_error("quarantine: larger than 4 MiB");
  const auto j = Json::parse(text, nullptr, false);
  if (j.is_discarded() || !j.is_object()) throw std::runtime_error("quarantine: not a JSON object");
  const auto schema = j.find("schema"), variants = j.find("variants");
  if (schema == j.end() || !schema->is_number_integer() || *schema != 1)
    throw std::runtime_error("quarantine: the schema version must be 1");
  if (variants == j.end() || !variants->is_array() || variants->size() > kMostVariants)
    throw std::runtime_error("quarantine: 'variants' must be a list of at most 10000");
  Quarantine q;
  for (const auto& v : *variants) {
    if (!v.is_object()) throw std::runtime_error("quarantine: an entry is not an object");
    const auto runs = v.find("runs");
    if (runs == v.end() || !runs->is_number_integer() || *runs < 1 || *runs > 1000000000)
      throw std::runtime_error("quarantine: 'runs' must be at least 1");
    q.variants.push_back({text_of(v, "target"), text_of(v, "variant"), text_of(v, "device"), text_of(v, "issue"),
                          text_of(v, "seen"), text_of(v, "since"), text_of(v, "run"), text_of(v, "last_run"),
                          runs->get<int>()});
  }
  std::sort(q.variants.begin(), q.variants.end(), [](const auto& a, const auto& b) { return key(a) < key(b); });
  return q;
}

Quarantine load_quarantine(const std::filesystem::path& artifacts) {
  std::error_code error;
  const auto file = file_of(artifacts);
  if (!std::filesystem::exists(file, error)) return {};
  const auto text = read_whole(file, kMostText + 1);
  try {
    return parse_quarantine(text);
  } catch (const std::runtime_error& e) {
    throw StoreError(file.string() + ": " + e.what() + "; repair it or move it away");
  }
}

void save_quarantine(const std::filesystem::path& artifacts, const Quarantine& q) {
  std::filesystem::create_directories(artifacts);
  write_atomically(file_of(artifacts), to_json(q));
}

QuarantineChange update(Quarantine& q, const model::TargetVerdict& verdict, const std::string& device,
                        const std::string& run, const std::string& now) {
  QuarantineChange change;
  for (const auto& v : verdict.variants) {
    const auto violation = std::find_if(verdict.violations.begin(), verdict.violations.end(),
                                        [&](const auto& x) { return x.variant == v.name; });
    const auto known = std::find_if(q.variants.begin(), q.variants.end(), [&](const auto& x) {
      return x.target == verdict.target && x.variant == v.name && x.device == device;
    });
    if (violation != verdict.violations.end()) {
      if (known != q.variants.end()) {
        ++known->runs;
        known->last_run = run;
        continue;
      }
      change.came.push_back({verdict.target, v.name, device, violation->issue, violation->seen, now, run, run, 1});
    } else if (known != q.variants.end() && v.correct) {
      change.left.push_back(*known);
      q.variants.erase(known);
    }
  }
  q.variants.insert(q.variants.end(), change.came.begin(), change.came.end());
  std::sort(q.variants.begin(), q.variants.end(), [](const auto& a, const auto& b) { return key(a) < key(b); });
  return change;
}

}  // namespace aisp::record
