// Figures recorded on a real H200 are read back and are possible.
#include "device/gpu/peaks.hpp"
#include "record/gpu_calibration.hpp"
#include "record/json.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

namespace aisp {
namespace {

TEST(RecordedH200, FiguresAreReadBackAndBelowTheVendorsPeaks) {
  std::ifstream file(AISP_SOURCE_DIR "/tests/fixtures/h200/gpu_calibration.json");
  ASSERT_TRUE(file);
  std::ostringstream text;
  text << file.rdbuf();
  const auto calibration = record::parse_gpu_calibration(text.str());
  std::map<std::string, double> measured;
  for (const auto& f : calibration.peaks.figures) {
    measured[f.name] = f.value;
    if (!f.absent.empty()) continue;
    EXPECT_LE(f.lo, f.hi) << f.name;
    if (f.theoretical > 0) {
      EXPECT_LE(f.value, f.theoretical) << f.name;
    }
  }
  EXPECT_GT(measured["copy"], 0.97 * 4.26e12);
  EXPECT_GT(measured["h2d_pinned"], 0.97 * 55.6e9);
  EXPECT_GT(measured["bf16"], 0.5e15);
  EXPECT_EQ(record::to_json(record::parse_gpu_calibration(record::to_json(calibration))), record::to_json(calibration));
}

}  // namespace
}  // namespace aisp
