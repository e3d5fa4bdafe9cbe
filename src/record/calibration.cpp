#include "record/calibration.hpp"

#include "record/file.hpp"
#include "record/json.hpp"
#include "record/store_error.hpp"
#include "record/text.hpp"

#include <cctype>

namespace aisp::record {
namespace {
namespace fs = std::filesystem;

fs::path file_of(const fs::path& home, const std::string& key) {
  for (unsigned char c : key)
    if (!std::isalnum(c) && c != '-') throw StoreError("'" + shown(key) + "' is not a host key");
  return home / "calibration" / (key + ".json");
}
}  // namespace

std::string host_key(const device::CpuFacts& facts) {
  std::string key;
  const auto add = [&](const std::string& text) {
    for (unsigned char c : text)
      if (std::isalnum(c))
        key += static_cast<char>(std::tolower(c));
      else if (!key.empty() && key.back() != '-')
        key += '-';
    if (!key.empty() && key.back() != '-') key += '-';
  };
  add(facts.model.empty() ? "unknown" : facts.model.substr(0, 80));
  add(std::to_string(facts.logical) + "c");
  add(facts.hypervisor.substr(0, 40));
  key.pop_back();
  return key;
}

fs::path save_calibration(const fs::path& home, const CalibrationRecord& record) {
  const auto file = file_of(home, record.host);
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) throw StoreError("cannot write " + file.string() + ": " + error.message());
  write_atomically(file, to_json(record));
  return file;
}

std::optional<CalibrationRecord> load_calibration(const fs::path& home, const std::string& host_key) {
  const auto file = file_of(home, host_key);
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  CalibrationRecord record;
  try {
    record = parse_calibration(read_whole(file));
  } catch (const StoreError&) {
    throw;
  } catch (const std::runtime_error& e) {
    throw StoreError(file.string() + ": " + e.what() + "; run `aisp calibrate` again");
  }
  if (record.host != host_key) throw StoreError(file.string() + " is of another machine; run `aisp calibrate` again");
  return record;
}

std::string citation(const CalibrationRecord& record) { return record.host + " of " + record.when; }

}  // namespace aisp::record
