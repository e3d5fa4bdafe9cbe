#include "analysis/profile.hpp"

#include "analysis/counter_words.hpp"
#include "analysis/flame_graph.hpp"
#include "analysis/table.hpp"
#include "record/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace aisp::analysis {
namespace {
using nlohmann::ordered_json;

constexpr std::int64_t kFirstStream = 100, kMostStreams = 1 << 20;  // of a trace's tracks
constexpr std::size_t kShownKernels = 4;                            // those that take most of the time

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

// "cub::…::DeviceSegmentedReduceKernel": the outermost namespace and the function, where all of it would be cut.
std::string kernel_name(const std::string& function) {
  constexpr std::size_t kWidth = 60;
  auto name = short_name(function);
  const auto first = name.find("::"), last = name.rfind("::");
  if (name.size() > kWidth && first < last) name = name.substr(0, first) + "::…" + name.substr(last);
  return record::shown(name, kWidth);
}

std::string name_of(const model::VariantProfile& v) { return record::shown(v.name, 60); }

// "24.0 µs, 4 a call: gemm, grid 64×64×1, block 256×1×1, 168 registers, 224 KiB shared"
std::string kernel_line(const model::CensusKernel& k, double calls) {
  const auto shape = [](const std::vector<std::int64_t>& n) { return fmt::format("{}", fmt::join(n, "×")); };
  return fmt::format("{}, {:.3g} a call: {}, grid {}, block {}, {} registers{}", format_seconds(k.median_seconds),
                     static_cast<double>(k.launches) / calls, kernel_name(k.name), shape(k.grid), shape(k.block),
                     k.registers,
                     k.shared_bytes > 0 ? ", " + format_bytes(static_cast<double>(k.shared_bytes)) + " shared" : "");
}

std::string dumped(const ordered_json& j) {
  return j.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string profile_text(const model::TargetProfile& p) {
  std::string out = fmt::format("{} on {}, {} scale\n", record::shown(p.target, 60), p.device, p.scale);
  for (const auto& v : p.variants) {
    out += "\n" + name_of(v) + "\n";
    if (v.status != model::Status::ok) {
      out += fmt::format("  {}: {}\n", to_string(v.status), record::shown(v.message, 200));
      continue;
    }
    out += fmt::format("  {} a call over {} calls, profiled and not timed\n", format_seconds(v.call_seconds),
                       v.counted_calls);
    const auto& baseline = p.variants.front();
    for (const auto& sentence : &v == &baseline ? in_words(v) : in_plain_words(baseline, v))
      out += "  " + sentence + "\n";
    for (const auto& [function, share] : hottest(v.stacks, 3))
      out += fmt::format("  {} of the samples in {}\n", format_share(share), record::shown(short_name(function), 80));
    for (std::size_t i = 0; i < v.kernels.size() && i < kShownKernels; ++i)
      out += "  " + kernel_line(v.kernels[i], static_cast<double>(std::max<std::int64_t>(v.counted_calls, 1))) + "\n";
    if (!v.counters_absent.empty())
      out += fmt::format("  not counted: {}{}\n", record::shown(v.counters_absent, 240),
                         v.kernels.empty() ? "" : fmt::format("; kernels were timed by {}", record::shown(v.tool, 40)));
    if (p.level == "deep_dive" && !v.samples_absent.empty())  // no other level asks for samples
      out += "  no flame graph: " + record::shown(v.samples_absent, 240) + "\n";
    if (v.lost_samples > 0) out += fmt::format("  {} samples were lost\n", v.lost_samples);
  }
  return out;
}

void compare_with_baseline(model::TargetProfile& p) {
  for (auto& v : p.variants)
    if (&v != &p.variants.front()) v.against_baseline = in_plain_words(p.variants.front(), v);
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
    // On a GPU every stream is a track of its own, below that of the calls. Its clock starts with the first work.
    std::set<std::int64_t> streams;
    for (const auto& s : v.device_spans) {
      const auto track = s.kind == "call" ? std::int64_t{2} : kFirstStream + std::min(s.stream, kMostStreams);
      if (streams.insert(track).second)
        events.push_back({{"ph", "M"},
                          {"name", "thread_name"},
                          {"pid", process},
                          {"tid", track},
                          {"args", {{"name", s.kind == "call" ? "calls" : fmt::format("stream {}", s.stream)}}}});
      ordered_json event{{"ph", "X"},    {"name", s.name},      {"cat", s.kind},         {"pid", process},
                         {"tid", track}, {"ts", s.start * 1e6}, {"dur", s.seconds * 1e6}};
      if (s.bytes > 0) event["args"] = {{"bytes", s.bytes}};
      events.push_back(std::move(event));
    }
  }
  return dumped({{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events)}});
}

}  // namespace aisp::analysis
