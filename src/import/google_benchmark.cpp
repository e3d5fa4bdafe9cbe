// Google Benchmark's JSON (--benchmark_format=json, --benchmark_out=FILE), schema of library versions 1.5 and later:
// src/json_reporter.cc of github.com/google/benchmark.
#include "import/parts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace aisp::import {
namespace {

double seconds_of(const JsonValue& entry) {
  const auto& unit = text_member(entry, "time_unit");
  if (unit == "ns") return 1e-9;
  if (unit == "us") return 1e-6;
  if (unit == "ms") return 1e-3;
  if (unit == "s") return 1;
  bad(member(entry, "time_unit", JsonValue::Type::string).line,
      fmt::format("time_unit is {}; it must be ns, us, ms or s", quoted(unit)));
}

bool truth(const JsonValue& entry, std::string_view name) {
  return entry.find(name) && member(entry, name, JsonValue::Type::boolean).truth;
}

void add_times(Collector& all, const JsonValue& entry, const std::string& name, const std::string& statistic,
               const std::string& failed) {
  for (const auto* field : {"real_time", "cpu_time"}) {
    Result r;
    r.name = name;
    r.quantity = field == std::string_view("real_time") ? "time" : "CPU time";
    r.unit = "s";
    r.statistic = statistic;
    r.failed = failed;
    r.line = entry.line;
    if (failed.empty()) r.values.push_back(number_member(entry, field) * seconds_of(entry));
    all.add(std::move(r), true);
  }
}

// Each repetition stands for itself; entries of the same name and repetition are two benchmarks of one name.
class Repetitions {
 public:
  void check(const JsonValue& entry, const std::string& name) {
    const auto index = entry.find("repetition_index") ? whole_member(entry, "repetition_index") : 0;
    if (!seen_.emplace(name, index).second)
      bad(entry.line, fmt::format("{} is there twice with one repetition_index; which one counts?", quoted(name)));
    names_.insert(name);
  }
  bool has(const std::string& name) const { return names_.contains(name); }

 private:
  std::set<std::pair<std::string, std::int64_t>> seen_;
  std::set<std::string> names_;
};

std::string failure(const JsonValue& entry) {
  for (const auto& [flag, message] :
       {std::pair("error_occurred", "error_message"), std::pair("skipped", "skip_message")})
    if (truth(entry, flag))
      return fmt::format("{}: {}", flag == std::string_view("skipped") ? "skipped" : "error",
                         entry.find(message) ? text_member(entry, message) : "");
  return "";
}

}  // namespace

Results parse_google_benchmark(const JsonValue& document) {
  Collector all("Google Benchmark", "JSON");
  const auto& context = member(document, "context", JsonValue::Type::object);
  if (const auto* build = context.find("library_build_type"); build && build->text == "debug")
    all.note("library_build_type is debug: the library of the benchmarks has its assertions");
  if (truth(context, "cpu_scaling_enabled")) all.note("CPU frequency scaling was on");
  const auto& entries = member(document, "benchmarks", JsonValue::Type::array).items;
  Repetitions repetitions;
  for (const auto& entry : entries) {
    if (text_member(entry, "run_type") != "iteration") continue;
    const auto& name = text_member(entry, "run_name");
    repetitions.check(entry, name);
    add_times(all, entry, name, "mean of its iterations", failure(entry));
  }
  // Only aggregates were written (--benchmark_report_aggregates_only): their median is one value.
  for (const auto& entry : entries) {
    const auto& type = text_member(entry, "run_type");
    if (type == "iteration") continue;
    if (type != "aggregate") bad(entry.line, fmt::format("run_type is {}", quoted(type)));
    const auto& name = text_member(entry, "run_name");
    if (repetitions.has(name) || text_member(entry, "aggregate_name") != "median") continue;
    add_times(all, entry, name,
              fmt::format("median of {} repetitions that were not saved", whole_member(entry, "repetitions")), "");
  }
  return all.take();
}

}  // namespace aisp::import
