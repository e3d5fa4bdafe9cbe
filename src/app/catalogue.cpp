#include "app/catalogue.hpp"

#include "app/names.hpp"
#include "app/options.hpp"
#include "record/targets.hpp"

#include <algorithm>
#include <array>

namespace aisp::app {
namespace {

// A lesson of each kind: batching, instruction-level parallelism, memory traffic, vector units, fusion, threads.
constexpr std::array kTour = {"ch01:performance", "ch06:ilp",           "ch07:transpose",
                              "ch09:softmax",     "ch09:kernel_fusion", "ch12:work_queue"};

std::vector<std::string> split_words(const std::vector<std::string>& words) {
  std::vector<std::string> parts;
  for (const auto& word : words) {
    std::size_t begin = 0;
    while ((begin = word.find_first_not_of(", \t", begin)) != std::string::npos) {
      const auto end = std::min(word.find_first_of(", \t", begin), word.size());
      parts.push_back(word.substr(begin, end - begin));
      begin = end;
    }
  }
  return parts;
}

}  // namespace

bool has_device(const model::TargetInfo& target, const std::string& device) {
  return std::any_of(target.variants.begin(), target.variants.end(),
                     [&](const model::VariantInfo& variant) { return variant.device == device; });
}

Catalogue::Catalogue(const record::Paths& paths) : variants_(paths.variants()) {
  for (auto& target : record::load_targets(paths))
    (target.chapter == kCalibrationChapter ? internal_ : targets_).push_back(std::move(target));
}

std::vector<std::string> Catalogue::chapters() const {
  std::vector<std::string> names;
  for (const auto& target : targets_)
    if (std::find(names.begin(), names.end(), target.chapter) == names.end()) names.push_back(target.chapter);
  return names;
}

const model::TargetInfo& Catalogue::find(const std::string& name) const {
  for (const auto* list : {&targets_, &internal_})
    for (const auto& target : *list)
      if (target.target == name) return target;
  throw UsageError(one_line(record::unknown_target(name, targets_)));
}

std::vector<model::TargetInfo> Catalogue::select(const std::vector<std::string>& words) const {
  const auto patterns = split_words(words);
  if (patterns.empty()) throw UsageError("--targets names no target; give a chapter, a target or a glob");
  auto selection = record::select(targets_, patterns);
  if (!selection.unmatched.empty())
    throw UsageError(one_line(record::unknown_target(selection.unmatched.front(), targets_)));
  return std::move(selection.targets);
}

std::vector<model::TargetInfo> Catalogue::tour() const {
  std::vector<model::TargetInfo> stops;
  for (const char* name : kTour)
    for (const auto& target : targets_)
      if (target.target == name) stops.push_back(target);
  if (stops.empty())
    stops.assign(targets_.begin(), targets_.begin() + std::min<std::ptrdiff_t>(6, std::ssize(targets_)));
  return stops;
}

std::vector<judge::Contestant> Catalogue::contestants(const model::TargetInfo& target,
                                                      const std::string& device) const {
  auto library = variants_ / target.variant_library;
  if (device == "cuda") library.replace_filename(library.stem().string() + "_cuda.so");
  std::vector<judge::Contestant> all;
  for (const auto& variant : target.variants)
    if (variant.device == device) all.push_back({library.string(), variant.name, variant});
  return all;
}

}  // namespace aisp::app
