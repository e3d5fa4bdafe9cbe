// What a chapter's targets are expected to reach on one kind of hardware, measured there earlier:
// expectations_<key>.json beside the chapter, in the repository and in an installation. JSON schema: docs/schema.
#pragma once

#include "model/evidence.hpp"
#include "model/verdict.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace aisp::record {

struct ExpectedVariant {
  std::string name;
  bool peer = false;
  model::Word word = model::Word::unresolved;
  double speedup = 0;  // over the baseline; the baseline's own is 0
  model::Interval speedup_interval;
  double median_seconds = 0;  // per call
  model::Interval median_interval;
  double sol = 0;     // share of the speed of light, 0 … 1; 0 = unknown
  std::string bound;  // "memory" | "compute"; "" = unknown
};

struct Provenance {      // of one target's figures
  std::string hardware;  // "NVIDIA H200"; the processor's model for the CPU
  std::string driver;    // "" for the CPU, as cuda and cuda_arch
  std::string cuda, cuda_arch;
  std::string compiler;  // with its version
  std::string aisp_version;
  std::string commit;  // "" = not built from a git checkout
  bool dirty = false;  // the sources differed from the commit
  std::string date;    // UTC, ISO 8601
  std::string run;     // id
  std::string seed;    // hex
  std::vector<std::string> unpublishable_reasons;
};

struct Expectation {  // of one target on one device at one scale
  std::string target, device, scale;
  std::vector<model::ParamValue> params;  // other sizes are another problem
  double aa_floor = 0;                    // relative effect that identical code showed in that run
  std::vector<ExpectedVariant> variants;  // baseline first
  Provenance provenance;
};

struct Expectations {
  int schema = 1;
  std::string key;  // "h200"; what the file's name says
  std::vector<Expectation> targets;

  const Expectation* find(const std::string& target, const std::string& device, const std::string& scale) const;
};

// Letters, digits and dashes: what an expectations file may be named by.
bool is_hardware_key(std::string_view);
std::filesystem::path expectations_file(const std::filesystem::path& chapter_folder, const std::string& key);
// Keys of the expectations files in a folder, in order; none when there is no such folder.
std::vector<std::string> expectation_keys(const std::filesystem::path& chapter_folder);

// Nothing when there is no such file. Throws StoreError that names file and field for one that is damaged, of other
// hardware, or that nothing could be compared with: figures that are no figures, intervals upside down, a target twice.
std::optional<Expectations> load_expectations(const std::filesystem::path& chapter_folder, const std::string& key);
// Targets are written in the order of their names, so that a diff shows what changed. Makes the folder; throws
// StoreError when it cannot be written.
std::filesystem::path save_expectations(const std::filesystem::path& chapter_folder, Expectations);

}  // namespace aisp::record
