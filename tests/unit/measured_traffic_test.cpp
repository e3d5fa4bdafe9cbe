// Traffic that a profile counted on an H200, on the roofs that bench peak measured there, beside what is declared.
#include "analysis/measured_traffic.hpp"

#include "analysis/table.hpp"
#include "analysis/verdict.hpp"
#include "record/gpu_calibration.hpp"
#include "record/json.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>

namespace aisp::analysis {
namespace {
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string fixture(const std::string& name) {
  std::ifstream in(std::string(AISP_SOURCE_DIR) + "/tests/fixtures/h200/" + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

const model::TargetProfile& recorded() {
  static const auto profile = record::parse_profile(fixture("profile-ch07-reduction.json"));
  return profile;
}

DevicePeaks h200() {
  const auto measured = record::parse_gpu_calibration(fixture("gpu_calibration.json"));
  return device_peaks(find_gpu("H200"), &measured.peaks);
}

// Results of ch07:reduction at light scale: a sum of 64 × 16384 floats. The times are of this test.
model::TargetEvidence evidence(double seconds) {
  model::TargetEvidence e;
  e.target = "ch07:reduction", e.device = "cuda", e.scale = "light", e.arithmetic = "f32";
  e.flops = 64 * 16384, e.bytes = 4 * (64 * 16384 + 64);
  e.ceilings = {60e12, 9e12, "test"};
  for (const char* name : {"baseline", "shuffle"}) {
    model::VariantEvidence v;
    v.name = name, v.status = model::Status::ok;
    v.timed_calls = v.verified_timed_calls = v.verification.calls = 8;
    for (int i = 0; i < 8; ++i) {
      model::Sample s;
      s.round = i, s.calls = 1, s.seconds = seconds;
      v.samples.push_back(s);
    }
    e.variants.push_back(v);
  }
  return e;
}

Roofline placed(const model::TargetEvidence& e, const model::TargetProfile& p, const DevicePeaks& peaks) {
  Roofline r;
  add_target(r, e, verdict(e));
  add_measured_traffic(r, e, p, peaks);
  return r;
}

TEST(MeasuredTraffic, OfHbmAndOfL2BesideWhatIsDeclared) {
  const auto r = placed(evidence(5e-6), recorded(), h200());
  ASSERT_EQ(r.points.size(), 2u);
  const auto& p = r.points[0];
  ASSERT_TRUE(p.measured);
  EXPECT_EQ(p.measured->profiled, "2026-11-21T20:35:37Z");
  EXPECT_DOUBLE_EQ(p.measured->hbm_bytes, 80'000);  // 13056 read, 66944 written: x stays in L2 between warm calls
  EXPECT_DOUBLE_EQ(p.measured->l2_bytes, 4'831'952);
  EXPECT_DOUBLE_EQ(p.measured->device_seconds, 4.704e-6);

  const auto declared = limits(r, p), measured = measured_limits(r, p);
  ASSERT_EQ(declared.size(), 2u);
  EXPECT_EQ(declared[0].roof->name, "memory");
  EXPECT_DOUBLE_EQ(declared[0].work, 4'194'560);
  ASSERT_EQ(measured.size(), 3u);
  EXPECT_EQ(measured[0].roof->name, "L2");
  EXPECT_THAT(measured[0].roof->source, HasSubstr("bench peak"));
  EXPECT_NEAR(measured[0].share, 4'831'952 / 9.168182548298863e12 / 5e-6, 1e-9);  // 11 %
  EXPECT_EQ(measured[1].roof->name, "compute f32");
  EXPECT_EQ(measured[2].roof->name, "HBM");
  EXPECT_NEAR(measured[2].share, 80'000 / 4.708154830281747e12 / 5e-6, 1e-9);
  EXPECT_EQ(binding_text(measured), "none binds; nearest is L2");
}

// The same traffic in a tenth of the time: the L2 would be what holds it up.
TEST(MeasuredTraffic, BindsWhereItTakesTheTime) {
  const auto r = placed(evidence(0.6e-6), recorded(), h200());
  EXPECT_EQ(binding_text(measured_limits(r, r.points[0])), "L2 binds");
}

TEST(MeasuredTraffic, IsToldApartInTableAndPlot) {
  const auto r = placed(evidence(5e-6), recorded(), h200());
  for (const int width : {70, 100, 140}) {
    const auto text = roofline_table(r, width);
    std::istringstream lines(text.substr(0, text.find("\nroofs:")));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), width) << line;
    EXPECT_THAT(text, HasSubstr("as ncu counted it, 2026-11-21T20:35:37Z"));
    EXPECT_THAT(text, HasSubstr("declared"));
  }
  const auto text = roofline_table(r, 140);
  EXPECT_THAT(text, HasSubstr("4.70 µs    4.19 MB   80 kB    13.1"));
  EXPECT_THAT(text, HasSubstr("4.83 MB  0.217"));
  const auto plot = roofline_plot(r);
  std::vector<double> intensities;
  for (const auto& s : plot.series)
    if (s.label == "ch07:reduction:baseline, measured traffic")
      for (const auto& at : s.points) intensities.push_back(at.x);
  EXPECT_THAT(intensities,
              ElementsAre(testing::DoubleNear(1048576.0 / 4831952, 1e-9), testing::DoubleNear(13.1072, 1e-9)));
}

TEST(MeasuredTraffic, OfAnotherScaleOrDeviceIsNotUsed) {
  auto full = evidence(5e-6);
  full.scale = "full";
  const auto r = placed(full, recorded(), h200());
  EXPECT_FALSE(r.points[0].measured);
  EXPECT_THAT(r.left_out, ElementsAre(HasSubstr("its profile is of scale light, the run of full")));
  auto of_cpu = recorded();
  of_cpu.device = "cpu";
  EXPECT_THAT(placed(evidence(5e-6), of_cpu, h200()).left_out,
              ElementsAre(HasSubstr("of device cpu, the run of cuda")));
  auto on_cpu = evidence(5e-6);
  on_cpu.device = "cpu";
  const auto quiet = placed(on_cpu, of_cpu, {});
  EXPECT_THAT(quiet.left_out, IsEmpty());
  EXPECT_FALSE(quiet.points[0].measured);
  EXPECT_THAT(roofline_table(quiet, 100), Not(HasSubstr("ncu")));
}

TEST(MeasuredTraffic, WithoutCountersTheReasonIsSaid) {
  auto p = recorded();
  p.variants[0].counters = {{"kernels", 1},
                            {"dram__bytes_read.sum", std::numeric_limits<double>::quiet_NaN()},
                            {"dram__bytes_write.sum", 1e300},
                            {"lts__t_bytes.sum", -4}};
  p.variants[0].counters_absent = "ncu is not\ninstalled";
  const auto r = placed(evidence(5e-6), p, h200());
  EXPECT_FALSE(r.points[0].measured);
  EXPECT_TRUE(r.points[1].measured);
  EXPECT_THAT(r.left_out, ElementsAre("measured traffic of ch07:reduction:baseline: ncu is not installed"));
}

// No vendor tells the rate of L2: its bytes are shown, and bind nothing.
TEST(MeasuredTraffic, WithoutARateOfL2) {
  const auto r = placed(evidence(0.6e-6), recorded(), device_peaks(find_gpu("H200"), nullptr));
  EXPECT_THAT(r.points[0].note, HasSubstr("bench peak"));
  for (const auto& l : measured_limits(r, r.points[0])) EXPECT_NE(l.roof->name, "L2");
  EXPECT_THAT(roofline_table(r, 140), HasSubstr("4.83 MB  0.217   –"));
}

}  // namespace
}  // namespace aisp::analysis
