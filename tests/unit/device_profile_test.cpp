// What a profile says of a variant on a device, from what CUPTI recorded on an H200.
#include "judge/device_profile.hpp"

#include "analysis/profile.hpp"
#include "census_recording.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>

namespace aisp::judge {
namespace {
using testing::Contains;
using testing::HasSubstr;

Recording recorded(const std::string& name) {
  std::ifstream in(std::string(AISP_SOURCE_DIR) + "/tests/fixtures/h200/census-" + name + ".txt");
  return recording_of(std::string{std::istreambuf_iterator<char>(in), {}});
}

model::VariantProfile profile_of(const std::string& recording, const char* name) {
  model::VariantProfile p;
  p.name = name;
  fill_device_profile(recorded(recording), p);
  return p;
}

double counter(const model::VariantProfile& p, const std::string& name) {
  for (const auto& c : p.counters)
    if (c.name == name) return c.value;
  return -1;
}

TEST(DeviceProfile, CountsWhatACallDoes) {
  const auto p = profile_of("ch01-gemm-baseline", "baseline");
  EXPECT_EQ(p.status, model::Status::ok) << p.message;
  EXPECT_EQ(p.counted_calls, 8);
  EXPECT_EQ(counter(p, "kernels"), 4);  // one product after the other
  EXPECT_EQ(counter(p, "copies"), 0);
  EXPECT_NEAR(counter(p, "device-ns"), 133'232, 1);  // the median of the eight sums of four durations
  ASSERT_FALSE(p.kernels.empty());
  EXPECT_EQ(p.kernels[0].name, "(anonymous namespace)::product");
  EXPECT_EQ(profile_of("ch07-copy_vectorized-memcpy", "memcpy").status, model::Status::ok) << "copies are work too";
}

TEST(DeviceProfile, TheTimelineHoldsEveryCallAndItsWork) {
  const auto p = profile_of("ch01-gemm-baseline", "baseline");
  int calls = 0, kernels = 0;
  for (const auto& s : p.device_spans) {
    EXPECT_GE(s.start, 0);
    EXPECT_GT(s.seconds, 0);
    EXPECT_LT(s.start + s.seconds, 1);
    EXPECT_NE(s.name, kCensusMarker);
    calls += s.kind == "call", kernels += s.kind == "kernel";
  }
  EXPECT_EQ(calls, 8);
  EXPECT_EQ(kernels, 32);
}

TEST(DeviceProfile, NothingCapturedIsAnErrorAndNoEmptyTable) {
  auto recording = recorded("ch01-gemm-baseline");
  for (auto& phase : recording.phases)
    std::erase_if(phase.activities, [](const auto& a) { return a.name != kCensusMarker; });
  model::VariantProfile p;
  fill_device_profile(recording, p);
  EXPECT_EQ(p.status, model::Status::failed);
  EXPECT_THAT(p.message, HasSubstr("nothing was captured"));
  EXPECT_TRUE(p.counters.empty());

  recording.phases.resize(1);  // it never came to its calls
  fill_device_profile(recording, p);
  EXPECT_EQ(p.status, model::Status::failed);
  fill_device_profile({}, p);
  EXPECT_EQ(p.status, model::Status::failed);
}

TEST(DeviceProfile, ReadsAgainstTheBaselineAndDrawsStreams) {
  model::TargetProfile p;
  p.target = "ch01:gemm", p.device = "cuda", p.scale = "light";
  p.variants = {profile_of("ch01-gemm-baseline", "baseline"), profile_of("ch01-gemm-batched", "batched")};
  analysis::compare_with_baseline(p);
  EXPECT_THAT(p.variants[1].against_baseline, Contains("4 times fewer kernel launches (4 → 1 a call)"));
  const auto text = analysis::profile_text(p);
  EXPECT_THAT(text, HasSubstr("4 a call: product, grid 4×4×1, block 256×1×1, 48 registers, 8.25 KiB shared"));
  const auto trace = nlohmann::json::parse(analysis::chrome_trace(p));
  int named = 0, kernels = 0;
  for (const auto& e : trace.at("traceEvents")) {
    named += e.at("name") == "thread_name" && e.at("args").at("name") == "stream 13";
    kernels += e.value("cat", "") == "kernel";
  }
  EXPECT_GE(named, 1);
  EXPECT_EQ(kernels, 40);
}

}  // namespace
}  // namespace aisp::judge
