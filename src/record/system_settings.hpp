// Settings of the kernel that move timings and may differ between two boots of one machine.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace aisp::record {

struct Setting {
  std::string name, value;  // value "" = not visible here
};

// "clocksource" "tsc", "mitigations" "spectre_v2: …", … A test gives another root than "/".
std::vector<Setting> system_settings(const std::filesystem::path& root = "/");

}  // namespace aisp::record
