// aisp.toml: settings by command, read by CLI11 after a check of its own that reports malformed lines by number.
//
//     artifacts-dir = "runs"
//     [bench.run]
//     scale = "light"
//     pairs = 12
#pragma once

#include <CLI/CLI.hpp>
#include <istream>
#include <string>
#include <vector>

namespace aisp::app {

// A setting that decides how a measurement comes out, as it stands in the file.
struct MeasuringSetting {
  std::vector<std::string> command;  // {"bench", "run"}
  std::string name, value;           // "seed", "restarts" or "pairs"
};

class ConfigFile : public CLI::ConfigTOML {
 public:
  // Throws CLI::ConfigError naming the first line that is neither blank, comment, [section] nor key = value. Settings
  // whose environment variable is set are left out, since the environment beats the file.
  std::vector<CLI::ConfigItem> from_config(std::istream&) const override;
  const std::vector<MeasuringSetting>& measuring() const { return measuring_; }

 private:
  mutable std::vector<MeasuringSetting> measuring_;  // of the file that was read
};

}  // namespace aisp::app
