#include "record/expectations.hpp"

#include "record/file.hpp"
#include "record/json.hpp"
#include "record/store_error.hpp"
#include "record/targets.hpp"
#include "record/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <tuple>

namespace aisp::record {
namespace {
namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "expectations_", kSuffix = ".json";

auto identity(const Expectation& e) { return std::tie(e.target, e.scale, e.device); }

bool in_order(const model::Interval& i) { return std::isfinite(i.lo) && std::isfinite(i.hi) && i.lo <= i.hi; }
bool is_figure(double x) { return std::isfinite(x) && x >= 0; }

// The field that no comparison can use, as a JSON path with what is wrong with it; "" when all are well.
std::string unusable_variant(const ExpectedVariant& v, bool baseline) {
  if (v.name.empty()) return ".name is empty";
  if (!is_figure(v.speedup) || (v.speedup <= 0) != baseline)
    return baseline ? ".speedup must be 0: it is the baseline's" : ".speedup must be a positive number";
  if (!in_order(v.speedup_interval) || (!baseline && v.speedup_interval.lo <= 0))
    return ".speedup_interval must be two positive numbers, lo ≤ hi";
  if (!is_figure(v.median_seconds) || v.median_seconds == 0) return ".median_seconds must be a positive number";
  if (!in_order(v.median_interval)) return ".median_interval must be two numbers, lo ≤ hi";
  if (!is_figure(v.sol)) return ".sol must be a number of at least 0";
  return "";
}

std::string unusable(const Expectations& all) {
  for (std::size_t i = 0; i < all.targets.size(); ++i) {
    const auto& e = all.targets[i];
    const auto place = fmt::format("$.targets[{}]", i);
    if (!is_target_name(e.target)) return place + ".target is not a target name";
    if (!is_figure(e.aa_floor)) return place + ".aa_floor must be a number of at least 0";
    if (e.variants.empty()) return place + ".variants is empty";
    if (all.find(e.target, e.device, e.scale) != &e)
      return fmt::format("{} is {} on {} at scale {} a second time", place, e.target, shown(e.device), shown(e.scale));
    for (std::size_t j = 0; j < e.variants.size(); ++j)
      if (const auto what = unusable_variant(e.variants[j], j == 0); !what.empty())
        return fmt::format("{}.variants[{}]{}", place, j, what);
  }
  return "";
}

}  // namespace

const Expectation* Expectations::find(const std::string& target, const std::string& device,
                                      const std::string& scale) const {
  for (const auto& e : targets)
    if (e.target == target && e.device == device && e.scale == scale) return &e;
  return nullptr;
}

bool is_hardware_key(std::string_view key) {
  return !key.empty() &&
         std::all_of(key.begin(), key.end(), [](unsigned char c) { return std::isalnum(c) || c == '-'; });
}

fs::path expectations_file(const fs::path& chapter_folder, const std::string& key) {
  if (!is_hardware_key(key)) throw StoreError("'" + shown(key) + "' is not a hardware key");
  return chapter_folder / fmt::format("{}{}{}", kPrefix, key, kSuffix);
}

std::vector<std::string> expectation_keys(const fs::path& chapter_folder) {
  std::vector<std::string> keys;
  std::error_code error;
  for (fs::directory_iterator it(chapter_folder, error), end; !error && it != end; it.increment(error)) {
    const auto name = it->path().filename().string();
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    auto key = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
    if (is_hardware_key(key)) keys.push_back(std::move(key));
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::optional<Expectations> load_expectations(const fs::path& chapter_folder, const std::string& key) {
  const auto file = expectations_file(chapter_folder, key);
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  const auto text = read_whole(file);
  Expectations all;
  try {
    all = parse_expectations(text);
  } catch (const std::runtime_error& e) {
    throw StoreError(file.string() + ": " + e.what());
  }
  if (all.key != key)
    throw StoreError(
        fmt::format("{}: expectations: $.key is '{}'; the file's name says {}", file.string(), shown(all.key), key));
  if (const auto what = unusable(all); !what.empty())
    throw StoreError(fmt::format("{}: expectations: {}", file.string(), what));
  return all;
}

fs::path save_expectations(const fs::path& chapter_folder, Expectations all) {
  const auto file = expectations_file(chapter_folder, all.key);
  std::sort(all.targets.begin(), all.targets.end(),
            [](const auto& a, const auto& b) { return identity(a) < identity(b); });
  std::error_code error;
  fs::create_directories(chapter_folder, error);
  if (error) throw StoreError("cannot write " + file.string() + ": " + error.message());
  write_atomically(file, to_json(all));
  return file;
}

}  // namespace aisp::record
