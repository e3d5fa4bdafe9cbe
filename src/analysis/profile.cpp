#include "analysis/profile.hpp"

#include "analysis/flame_graph.hpp"
#include "analysis/table.hpp"
#include "record/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace aisp::analysis {
namespace {
using nlohmann::ordered_json;

constexpr double kSame = 0.05;  // smaller differences are called "about as many"

struct Words {
  const char* counter;
  const char* plural;
};
constexpr std::array kWords{Words{"cycles", "cycles"},
                            Words{"instructions", "instructions"},
                            Words{"cache-misses", "misses of the last-level cache"},
                            Words{"branch-misses", "mispredicted branches"},
                            Words{"page-faults", "page faults"},
                            Words{"context-switches", "context switches"}};

std::string plural_of(const std::string& counter) {
  for (const auto& w : kWords)
    if (counter == w.counter) return w.plural;
  return counter;
}

const double* value_of(const model::VariantProfile& p, const std::string& counter) {
  for (const auto& c : p.counters)
    if (c.name == counter) return &c.value;
  return nullptr;
}

std::string count(double value) {
  constexpr const char* kPrefixes[] = {"", " k", " M", " G", " T"};
  std::size_t i = 0;
  while (value >= 999.5 && i + 1 < std::size(kPrefixes)) value /= 1000, ++i;
  return fmt::format("{:.3g}{}", value, kPrefixes[i]);
}

// Without arguments of templates and functions: what a reader looks for.
std::string short_name(const std::string& function) {
  std::string out;
  int depth = 0;
  std::string_view rest = function;
  for (constexpr std::string_view kAnonymous = "(anonymous namespace)::"; !rest.empty();) {
    if (rest.starts_with(kAnonymous)) {
      rest.remove_prefix(kAnonymous.size());
      continue;
    }
    const char c = rest.front();
    if (depth == 0 && c == '[' && !out.empty()) break;  // " [clone …]"
    depth -= c == '>' || c == ')';
    if (depth == 0 && c != '>' && c != ')' && c != '<' && c != '(') out += c;
    depth += c == '<' || c == '(';
    rest.remove_prefix(1);
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out.empty() ? function : out;
}

std::string name_of(const model::VariantProfile& v) { return record::shown(v.name, 60); }

ordered_json variant_json(const model::VariantProfile& v) {
  ordered_json j{{"name", v.name},       {"status", to_string(v.status)},    {"message", v.message},
                 {"threads", v.threads}, {"counted_calls", v.counted_calls}, {"call_seconds", v.call_seconds}};
  j["counters"] = ordered_json::object();
  for (const auto& c : v.counters) j["counters"][c.name] = c.value;
  j["counters_absent"] = v.counters_absent;
  j["spans"] = ordered_json::array();
  for (const auto& s : v.spans) j["spans"].push_back({{"name", s.name}, {"start", s.start}, {"seconds", s.seconds}});
  j["samples"] = v.samples, j["lost_samples"] = v.lost_samples, j["samples_absent"] = v.samples_absent;
  j["stacks"] = ordered_json::array();
  for (const auto& s : v.stacks) j["stacks"].push_back({{"frames", s.frames}, {"samples", s.samples}});
  return j;
}

std::string dumped(const ordered_json& j, int indent) {
  return j.dump(indent, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string compared(const std::string& what, double before, double after) {
  const auto both = fmt::format("({} → {} a call)", count(before), count(after));
  if (before == 0) return fmt::format("{} where the baseline has none {}", what, both);
  if (after == 0) return fmt::format("no {} {}", what, both);
  const double ratio = after / before;
  if (std::fabs(ratio - 1) < kSame) return fmt::format("about as many {} {}", what, both);
  return ratio < 1 ? fmt::format("{:.3g} times fewer {} {}", 1 / ratio, what, both)
                   : fmt::format("{:.3g} times more {} {}", ratio, what, both);
}

std::vector<std::string> in_plain_words(const model::VariantProfile& baseline, const model::VariantProfile& variant) {
  std::vector<std::string> said;
  for (const auto& c : variant.counters) {
    const auto* before = value_of(baseline, c.name);
    if (!before || (*before < 0.5 && c.value < 0.5)) continue;  // less than one in two calls is noise
    said.push_back(compared(plural_of(c.name), *before < 0.5 ? 0 : *before, c.value < 0.5 ? 0 : c.value));
  }
  const auto ipc = [](const model::VariantProfile& p) {
    const auto *cycles = value_of(p, "cycles"), *instructions = value_of(p, "instructions");
    return cycles && instructions && *cycles > 0 ? *instructions / *cycles : 0;
  };
  if (const double before = ipc(baseline), after = ipc(variant); before > 0 && after > 0)
    said.push_back(fmt::format("{:.2f} instructions a cycle, the baseline {:.2f}", after, before));
  return said;
}

std::string profile_text(const model::TargetProfile& p) {
  std::string out = fmt::format("{} on the {}, {} scale\n", record::shown(p.target, 60), p.device, p.scale);
  for (const auto& v : p.variants) {
    out += "\n" + name_of(v) + "\n";
    if (v.status != model::Status::ok) {
      out += fmt::format("  {}: {}\n", to_string(v.status), record::shown(v.message, 200));
      continue;
    }
    out += fmt::format("  {} a call over {} calls, profiled and not timed\n", format_seconds(v.call_seconds),
                       v.counted_calls);
    if (&v == &p.variants.front())
      for (const auto& c : v.counters) {
        if (c.value >= 0.5) out += fmt::format("  {} {} a call\n", count(c.value), plural_of(c.name));
      }
    else
      for (const auto& sentence : in_plain_words(p.variants.front(), v)) out += "  " + sentence + "\n";
    for (const auto& [function, share] : hottest(v.stacks, 3))
      out += fmt::format("  {} of the samples in {}\n", format_share(share), record::shown(short_name(function), 80));
    if (!v.counters_absent.empty()) out += "  not counted: " + record::shown(v.counters_absent, 240) + "\n";
    if (!v.samples_absent.empty()) out += "  no flame graph: " + record::shown(v.samples_absent, 240) + "\n";
    if (v.lost_samples > 0) out += fmt::format("  {} samples were lost\n", v.lost_samples);
  }
  return out;
}

std::string profile_json(const model::TargetProfile& p) {
  ordered_json j{{"schema", p.schema}, {"target", p.target}, {"device", p.device},
                 {"scale", p.scale},   {"level", p.level},   {"when", p.when}};
  j["variants"] = ordered_json::array();
  for (const auto& v : p.variants) {
    auto variant = variant_json(v);
    variant["against_baseline"] =
        &v == &p.variants.front() ? std::vector<std::string>{} : in_plain_words(p.variants.front(), v);
    j["variants"].push_back(std::move(variant));
  }
  return dumped(j, 1);
}

std::string chrome_trace(const model::TargetProfile& p) {
  auto events = ordered_json::array();
  int process = 0;
  for (const auto& v : p.variants) {
    ++process;
    events.push_back({{"ph", "M"},
                      {"name", "process_name"},
                      {"pid", process},
                      {"tid", 1},
                      {"args", {{"name", p.target + " " + v.name}}}});
    for (const auto& s : v.spans)
      events.push_back({{"ph", "X"},
                        {"name", s.name},
                        {"cat", s.name == "call" ? "call" : "phase"},
                        {"pid", process},
                        {"tid", 1},
                        {"ts", s.start * 1e6},
                        {"dur", s.seconds * 1e6}});
  }
  return dumped({{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events)}}, -1);
}

}  // namespace aisp::analysis
