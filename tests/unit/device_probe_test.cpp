// When the device counts as idle: from probes that answer as an H200 does, idle and busy.
#include "judge/device_probe.hpp"

#include <gtest/gtest.h>

namespace aisp::judge {
namespace {

// Answers in turn, the last one for ever; time passes as the answers say.
class Scripted : public DeviceProbe {
 public:
  explicit Scripted(std::vector<double> seconds) : seconds_(std::move(seconds)) {}
  ProbeReading read() override {
    const auto s = seconds_[std::min(reads, seconds_.size() - 1)];
    ++reads;
    return {s, 1980};
  }
  std::vector<std::byte> look(const std::vector<Piece>&) override { return {}; }

  std::size_t reads = 0;

 private:
  std::vector<double> seconds_;
};

TEST(DeviceProbe, TwoProbesThatRanAtOnceAreAnIdleDevice) {
  Scripted probe({250e-6, 60e-6});
  const auto drain = probe.drain();
  EXPECT_TRUE(drain.idle);
  EXPECT_EQ(probe.reads, 2u);
  EXPECT_DOUBLE_EQ(drain.longest, 250e-6);
  EXPECT_EQ(drain.sm_mhz, 1980);
  EXPECT_GE(drain.seconds, 200e-6) << "the second probe comes after a pause";
}

TEST(DeviceProbe, AProbeThatSlipsThroughATimeSliceIsNoProof) {
  Scripted probe({60e-6, 2.4e-3, 2.5e-3, 60e-6, 60e-6});
  const auto drain = probe.drain();
  EXPECT_TRUE(drain.idle);
  EXPECT_EQ(probe.reads, 5u);
  EXPECT_DOUBLE_EQ(drain.longest, 2.5e-3);
}

TEST(DeviceProbe, ADeviceThatStaysBusyIsGivenUp) {
  Scripted probe({2.5e-3});
  const auto drain = probe.drain(2e-3);
  EXPECT_FALSE(drain.idle);
  EXPECT_GE(drain.seconds, 2e-3);
}

TEST(DeviceProbe, ADisturbanceOfOneProbeIsNotTheEnd) {
  Scripted probe({60e-6, 5e-3, 60e-6, 60e-6});
  EXPECT_TRUE(probe.drain(0).idle == false) << "no patience, no proof";
  Scripted patient({60e-6, 5e-3, 60e-6, 60e-6});
  EXPECT_TRUE(patient.drain(1).idle);
}

}  // namespace
}  // namespace aisp::judge
