// Variants that broke a rule: why, when, in which run. They leave by a later run in which they break none.
#pragma once

#include "model/verdict.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace aisp::record {

struct Quarantined {
  std::string target, variant, device;
  std::string issue, seen;  // of the first violation
  std::string since, run;   // when and in which run: its evidence is there
  std::string last_run;     // in which it was seen last
  int runs = 1;             // in which it broke a rule
};

struct Quarantine {
  int schema = 1;
  std::vector<Quarantined> variants;  // sorted by target, variant and device
};

// The store of an artifacts folder; empty when there is none. Throws StoreError for one that is damaged.
Quarantine load_quarantine(const std::filesystem::path& artifacts);
void save_quarantine(const std::filesystem::path& artifacts, const Quarantine&);

// Pure. Variants with a violation come in, or stay; those that ran and were right without one leave. Others stay.
struct QuarantineChange {
  std::vector<Quarantined> came, left;
};
QuarantineChange update(Quarantine&, const model::TargetVerdict&, const std::string& device, const std::string& run,
                        const std::string& now);

std::string to_json(const Quarantine&);
Quarantine parse_quarantine(const std::string& text);  // throws std::runtime_error with one line

}  // namespace aisp::record
