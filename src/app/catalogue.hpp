// The compiled-in targets, as the command line offers them.
#pragma once

#include "judge/judge.hpp"
#include "model/target.hpp"
#include "record/paths.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace aisp::app {

// Internal targets that `calibrate` measures this machine with; lists and globs leave the chapter out.
inline constexpr const char* kCalibrationChapter = "calibrate";

class Catalogue {
 public:
  explicit Catalogue(const record::Paths&);  // throws record::StoreError for a damaged index

  const std::vector<model::TargetInfo>& targets() const { return targets_; }  // without calibration's
  std::vector<std::string> chapters() const;                                  // in the order of the index, each once
  // The target of exactly that name, calibration's included; throws UsageError with the nearest name.
  const model::TargetInfo& find(const std::string& target) const;
  // Targets that match any of the words: a chapter (ch09), a target (ch09:softmax), a glob (ch0*, ch09:soft*). Words
  // may hold commas and spaces. Each target once, in the order of the index; throws UsageError for a word that matches
  // none.
  std::vector<model::TargetInfo> select(const std::vector<std::string>& words) const;
  // The tour of `aisp bench run` without arguments: six targets that show the range, those of them that are built.
  std::vector<model::TargetInfo> tour() const;
  // Every compiled-in implementation of a target for a device, baseline first.
  std::vector<judge::Contestant> contestants(const model::TargetInfo&, const std::string& device = "cpu") const;

 private:
  std::filesystem::path variants_;
  std::vector<model::TargetInfo> targets_, internal_;
};

bool has_device(const model::TargetInfo&, const std::string& device);  // has a variant for it

}  // namespace aisp::app
