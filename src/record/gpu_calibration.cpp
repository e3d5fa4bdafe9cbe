#include "record/gpu_calibration.hpp"

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
    if (!std::isalnum(c) && c != '-') throw StoreError("'" + shown(key) + "' is not a GPU key");
  return home / "calibration" / ("gpu-" + key + ".json");
}
}  // namespace

fs::path save_gpu_calibration(const fs::path& home, const GpuCalibration& record) {
  const auto file = file_of(home, record.gpu);
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) throw StoreError("cannot write " + file.string() + ": " + error.message());
  write_atomically(file, to_json(record));
  return file;
}

std::optional<GpuCalibration> load_gpu_calibration(const fs::path& home, const std::string& gpu_key) {
  const auto file = file_of(home, gpu_key);
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  GpuCalibration record;
  try {
    record = parse_gpu_calibration(read_whole(file));
  } catch (const StoreError&) {
    throw;
  } catch (const std::runtime_error& e) {
    throw StoreError(file.string() + ": " + e.what() + "; run `aisp bench peak` again");
  }
  if (record.gpu != gpu_key) throw StoreError(file.string() + " is of another GPU; run `aisp bench peak` again");
  return record;
}

}  // namespace aisp::record
