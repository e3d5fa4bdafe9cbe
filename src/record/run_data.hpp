// A run as it lies on disk.
#pragma once

#include "model/evidence.hpp"
#include "model/verdict.hpp"
#include "record/manifest.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace aisp::record {

struct RunData {
  std::filesystem::path path;
  Manifest manifest;
  std::vector<model::TargetEvidence> evidence;  // in the order of the manifest's targets
  std::vector<model::TargetVerdict> verdicts;   // of the complete ones, in the same order

  const model::TargetEvidence* evidence_of(const std::string& target) const {
    for (const auto& e : evidence)
      if (e.target == target) return &e;
    return nullptr;
  }
  const model::TargetVerdict* verdict_of(const std::string& target) const {
    for (const auto& v : verdicts)
      if (v.target == target) return &v;
    return nullptr;
  }
};

}  // namespace aisp::record
